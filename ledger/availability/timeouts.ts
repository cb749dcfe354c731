/**
 * What the passing of a deadline means. Together with {@link longestAvailability} this is why nothing about availability can hang:
 *
 *  - a demand: who had to serve the chunk loses, see `mod.ts`;
 *  - `draw`: the beacon draws a committee;
 *  - `certify`: with a quorum the result is held; without, another committee is drawn, a few times; then nobody holds it.
 *
 * @module
 */
import { type Address, equalBytes, type Hash } from "../primitives/mod.ts";
import { MAX_COMMITTEES } from "../economics/mod.ts";
import {
  type BlockContext,
  drawByStake,
  isFinal,
  type Params,
  paramsOfTask,
  schedule,
  slash,
  type StateReader,
  type StateWriter,
  taskOf,
} from "../state/mod.ts";
import { hasQuorum } from "./certify.ts";
import { holderOf, isOutput } from "./places.ts";
import {
  availabilities,
  type Availability,
  certifierPools,
  type Demand,
  MAX_CERTIFIERS,
  MAX_DEMANDS,
  MAX_DEMANDS_OF_MEMBER,
} from "./records.ts";
import { answerBlocks, AVAILABILITY_DUE, certifyBlocks, decide, drawBlocks, enterStage } from "./stages.ts";

/** What becomes of a task whose result ends before its time: audits and disputes know. Each settles the availability too. */
export interface Ends {
  /** The provider withheld a chunk: it loses all its collateral. */
  withheld(state: StateWriter, context: BlockContext, task: Hash): void;
  /** The requester withheld a chunk of its own files: the task ends and is refunded, and its provider is free. */
  unserved(state: StateWriter, context: BlockContext, task: Hash): void;
}

function takePenalty(
  state: StateWriter,
  context: BlockContext,
  address: Address,
  amount: bigint,
): void {
  slash(state, context, { role: "challenger", address, amount, prover: null, proverSharePpm: 0 });
}

/** Draws a committee. Who certified before still holds everything. */
function draw(state: StateWriter, context: BlockContext, availability: Availability): void {
  const { task, draws, certified } = availability;
  const { certifierCount } = paramsOfTask(state, context, task);
  const lots = { tag: `assay/certifiers/${draws}`, id: task, beacon: context.head.beacon };
  const pool = certifierPools.get(state, task) ?? [];
  const seats = drawByStake(pool, lots, Math.min(certifierCount, MAX_CERTIFIERS)).map((member) => ({
    member,
    certified: certified.some((known) => equalBytes(known, member)),
  }));
  for (const { member } of seats) context.emit({ kind: "certifier_drawn", task, account: member });
  const drawn = { ...availability, seats, draws: draws + 1 };
  if (seats.length > 0 && seats.every(({ certified }) => certified)) {
    return decide(state, context, drawn, "held");
  }
  enterStage(state, context, drawn, "certify");
}

/** Whether a member has neither certified nor demanded any output: it has done nothing. */
function wasSilent(state: StateReader, { task, demands, answered }: Availability, member: Address): boolean {
  const { program } = taskOf(state, task);
  return ![...demands, ...answered].some(({ by, what }) => equalBytes(by, member) && isOutput(program, what));
}

/** Fines who stayed silent, and draws others if too few have certified. */
function endCertifying(state: StateWriter, context: BlockContext, availability: Availability): void {
  const { task, seats, draws } = availability;
  const { certifierAbsencePenalty } = paramsOfTask(state, context, task);
  const silent = seats.filter(({ certified, member }) =>
    !certified && wasSilent(state, availability, member)
  );
  for (const { member } of silent) takePenalty(state, context, member, certifierAbsencePenalty);
  if (hasQuorum(availability)) return decide(state, context, availability, "held");
  const left = (certifierPools.get(state, task) ?? [])
    .filter(({ address }) => !silent.some(({ member }) => equalBytes(member, address)));
  if (left.length === 0 || draws >= MAX_COMMITTEES) return decide(state, context, availability, "unheld");
  certifierPools.put(state, task, left);
  enterStage(state, context, availability, "draw");
}

/** The provider showed no chunk, nor did anybody who certified that it holds it. */
function punishWithholding(
  state: StateWriter,
  context: BlockContext,
  availability: Availability,
  { what }: Demand,
  ends: Ends,
): void {
  const { task, seats, certified } = availability;
  const { auditFaultPenalty } = paramsOfTask(state, context, task);
  const vouched = isOutput(taskOf(state, task).program, what) ? certified : [];
  for (const member of vouched) takePenalty(state, context, member, auditFaultPenalty);
  if (vouched.length > 0) {
    const unpaid = seats.map((seat) => ({ ...seat, certified: false }));
    availabilities.put(state, task, { ...availability, seats: unpaid, certified: [] });
  }
  ends.withheld(state, context, task);
}

/** Whether a demand that nobody answered has ended the result. */
function endDemands(
  state: StateWriter,
  context: BlockContext,
  availability: Availability,
  ends: Ends,
): boolean {
  const { task, provider, requester, demands } = availability, { height } = context.head;
  const missed = demands.filter(({ deadline }) => deadline <= height);
  const byProvider = missed.find(({ what }) => holderOf(what) === "provider");
  const miss = byProvider ?? missed[0];
  if (miss === undefined) return false;
  if (byProvider === undefined && taskOf(state, task).status === "disputed") {
    // A provider that is being found guilty must not be let go by its requester's silence.
    schedule(
      state,
      height + BigInt(answerBlocks(paramsOfTask(state, context, task))),
      AVAILABILITY_DUE,
      task,
    );
    return false;
  }
  context.emit({
    kind: "chunk_withheld",
    task,
    account: byProvider === undefined ? requester : provider,
    detail: `${miss.what.kind}, chunk ${miss.chunk}`,
  });
  if (byProvider === undefined) ends.unserved(state, context, task);
  else punishWithholding(state, context, availability, miss, ends);
  return true;
}

/** Due handler `availability`. */
export function availabilityDue(
  state: StateWriter,
  context: BlockContext,
  id: Uint8Array,
  ends: Ends,
): void {
  const availability = availabilities.get(state, id);
  // The result may have ended since this was scheduled; its demands were settled then.
  if (availability === undefined || isFinal(taskOf(state, id).status)) return;
  if (endDemands(state, context, availability, ends)) return;
  const { stage, deadline, holdUntil } = availability, { height } = context.head;
  if (deadline === 0n || deadline > height) return;
  if (stage === "draw") return draw(state, context, availability);
  if (holdUntil <= height) return endCertifying(state, context, availability);
  availabilities.put(state, id, { ...availability, deadline: holdUntil });
  schedule(state, holdUntil, AVAILABILITY_DUE, id);
}

/**
 * Blocks after the opening of a result in which its availability is decided, whatever anybody does, as long as no more deadlines fall on a height than
 * a block fires.
 */
export function longestAvailability(taken: number, params: Params): number {
  const committees = MAX_COMMITTEES * (drawBlocks(params) + certifyBlocks(taken, params));
  const demands = MAX_DEMANDS + MAX_CERTIFIERS * MAX_COMMITTEES * MAX_DEMANDS_OF_MEMBER;
  return committees + demands * 2 * answerBlocks(params);
}
