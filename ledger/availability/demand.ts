/**
 * Demanding a chunk.
 *
 * @module
 */
import { type Address, equalBytes } from "../primitives/mod.ts";
import { type OperationRule, reject, type Rejection } from "../ops/mod.ts";
import {
  accountOf,
  type BlockContext,
  canAct,
  debit,
  extendChallengeWindow,
  paramsOfTask,
  ROLES,
  schedule,
  type StateReader,
  taskOf,
} from "../state/mod.ts";
import { availabilityOf } from "./begin.ts";
import type { DemandChunk } from "./moves.ts";
import { exists, holderOf, isOutput, sameBlob } from "./places.ts";
import {
  availabilities,
  type Availability,
  MAX_DEMANDS,
  MAX_DEMANDS_OF_MEMBER,
  MAX_OPEN_DEMANDS,
} from "./records.ts";
import { answerBlocks, AVAILABILITY_DUE } from "./stages.ts";

/** Whether an account may demand: it has something to lose, or it has posted the task. */
function mayDemand(state: StateReader, context: BlockContext, requester: Address, sender: Address): boolean {
  return equalBytes(requester, sender) || ROLES.some((role) => canAct(state, context, role, sender));
}

/** Whether an account has a seat in the committee that certifies now. */
function isMember({ stage, seats }: Availability, account: Address): boolean {
  return stage === "certify" && seats.some(({ member }) => equalBytes(member, account));
}

/** Rejects where there is no place for another demand: members' have places of their own. */
function placeFault(availability: Availability, sender: Address): Rejection | null {
  const { demands, answered } = availability;
  const isOwn = ({ by }: { readonly by: Address }) => equalBytes(by, sender);
  const isStrangers = ({ by }: { readonly by: Address }) => !isMember(availability, by);
  const own = [...demands, ...answered].filter(isOwn).length;
  const full = isMember(availability, sender)
    ? own >= MAX_DEMANDS_OF_MEMBER || demands.some(isOwn)
    : demands.filter(isStrangers).length >= MAX_OPEN_DEMANDS ||
      [...demands, ...answered].filter(isStrangers).length >= MAX_DEMANDS;
  return full
    ? reject(
      "too_many_demands",
      `A member of the committee has one demand open and makes ${MAX_DEMANDS_OF_MEMBER} of a result; all others together have ` +
        `${MAX_OPEN_DEMANDS} open and make ${MAX_DEMANDS}. Wait for an answer, or fetch from the committee.`,
    )
    : null;
}

/** The rule of {@link DemandChunk}. */
export const demandChunkRule: OperationRule<DemandChunk> = {
  weight: 4n,
  rejects: [
    "not_committed",
    "wrong_status",
    "not_a_staker",
    "own_blob",
    "no_such_place",
    "not_opened",
    "already_demanded",
    "too_many_demands",
    "insufficient_deposit",
  ],
  reserved: true,
  check(state, context, { task: id, what, chunk }) {
    const { sender } = context;
    const availability = availabilities.get(state, id);
    if (availability === undefined) {
      return reject("not_committed", "This task has no result: demand chunks of it when there is one.");
    }
    const { requester, provider, fee, stage, opened, demands, answered } = availability;
    const { status, program } = taskOf(state, id);
    if (status !== "auditing" && status !== "submitted" && status !== "disputed") {
      return reject("wrong_status", `The task is ${status}: its result needs no more chunks.`);
    }
    if (!isMember(availability, sender) && !mayDemand(state, context, requester, sender)) {
      return reject(
        "not_a_staker",
        "A demand is made by the task's requester, or by somebody with a stake in any role. Stake first.",
      );
    }
    if (equalBytes(sender, holderOf(what) === "provider" ? provider : requester)) {
      return reject("own_blob", "The sender must serve this blob itself.");
    }
    if (!exists(program, what)) {
      return reject("no_such_place", `The program has no such ${what.kind}. Name one that it has.`);
    }
    const isSealed = what.kind === "step" ||
      what.kind === "state" && !opened.includes(what.segment);
    if (isSealed && (stage === "sealed" || !isOutput(program, what))) {
      return reject(
        "not_opened",
        "That is not open: only outputs are, once the seed is public, and states that an audit opened.",
      );
    }
    const known = answered.find((each) => each.chunk === chunk && sameBlob(each.what, what));
    if (known !== undefined || demands.some((each) => each.chunk === chunk && sameBlob(each.what, what))) {
      return reject(
        "already_demanded",
        known === undefined
          ? "The chunk is demanded already. Wait for the answer."
          : `The chunk stands in the block of height ${known.height}. Read it there.`,
      );
    }
    const { balance } = accountOf(state, sender);
    return placeFault(availability, sender) ?? (balance >= fee ? null : reject(
      "insufficient_deposit",
      `A demand holds a fee of ${fee}: the balance is ${balance}. Fund the account.`,
    ));
  },
  apply(state, context, { task, what, chunk }) {
    const { sender, transaction, head } = context;
    const availability = availabilityOf(state, task);
    const blocks = answerBlocks(paramsOfTask(state, context, task));
    const deadline = head.height + BigInt(blocks), until = deadline + BigInt(blocks);
    debit(state, sender, availability.fee, "bonds");
    availabilities.put(state, task, {
      ...availability,
      holdUntil: until > availability.holdUntil ? until : availability.holdUntil,
      demands: [...availability.demands, { id: transaction, by: sender, what, chunk, deadline }],
    });
    schedule(state, deadline, AVAILABILITY_DUE, task);
    extendChallengeWindow(state, context, task, 2 * blocks);
    context.emit({
      kind: "chunk_demanded",
      task,
      account: sender,
      detail: `${what.kind}, chunk ${chunk}`,
      amount: availability.fee,
    });
  },
};
