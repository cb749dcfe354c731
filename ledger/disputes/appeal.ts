/**
 * Appeals: from the drawn arbiters to all validators.
 *
 *  1. A verdict of the arbiters settles nothing yet: it stands open for `params.appealBlocks`, and so does their failure to reach one.
 *  2. In that time either party may appeal, with a bond of `params.appealBond`.
 *  3. The validators of the epoch, without the parties, re-execute what was disputed, on the scalar reference of the engine where it has
 *     one. They commit and then reveal like arbiters, and weigh by the stake that the epoch's set gives them.
 *  4. A verdict stands if more than two thirds of that stake revealed it: as much as makes a block final.
 *  5. It takes the place of the arbiters' verdict. Arbiters who revealed another output than the validators computed are slashed, and
 *     only they: a minority that was right keeps its stake, a majority that was wrong loses it. Who had said that the inputs could not be had
 *     contradicts nobody, since a party may withhold them from one committee and serve the next.
 *  6. The appeal's bond returns if the verdict was changed in the appellant's favour, and is forfeited if it was not: half of it at most to
 *     the validators who revealed, the rest burned.
 *  7. Without a verdict nobody is slashed, all bonds return, and the task goes to another provider or is refunded.
 *
 * What the ledger decides by itself, silence and wiring, cannot be appealed: whoever recounts comes to the same.
 *
 * @module
 */
import { bytesToHex, equalBytes, type Hash } from "../primitives/mod.ts";
import { type OperationContext, type OperationRule, reject, type Rejection } from "../ops/mod.ts";
import {
  accountOf,
  debit,
  invariant,
  paramsOfTask,
  type StateReader,
  type StateWriter,
  validatorSetOf,
} from "../state/mod.ts";
import { type DisputeAt, disputeAt } from "./move.ts";
import type { AppealCommit, AppealReveal, AppealVerdict } from "./moves.ts";
import { type Appeal, type AppealSeat, appealSeats, type Dispute, disputes } from "./records.ts";
import { awaitsCommitments, awaitsReveals, commitFault, revealFault } from "./sealed_verdict.ts";
import { enterStage } from "./stages.ts";
import { concludeAppeal } from "./timeouts.ts";
import { appealCommitment } from "./verdict.ts";

/** The validators of the present epoch that are not a party. PERF: walks the set. */
function electorate(
  state: StateReader,
  { head }: OperationContext,
  { requester, provider, challenger }: Dispute,
): readonly AppealSeat[] {
  const parties = [requester, provider, challenger];
  return (validatorSetOf(state, head.epoch)?.validators ?? [])
    .filter(({ address }) => !parties.some((party) => equalBytes(party, address)))
    .map(({ address, stake }) => ({ validator: address, stake, commitment: null, verdict: null }));
}

function sideOf({ provider, challenger }: Dispute, { sender }: OperationContext): Appeal["by"] | undefined {
  if (equalBytes(provider, sender)) return "provider";
  return equalBytes(challenger, sender) ? "challenger" : undefined;
}

/** The rule of {@link AppealVerdict}. */
export const appealVerdictRule: OperationRule<AppealVerdict> = {
  weight: 10n,
  rejects: [
    "unknown_dispute",
    "dispute_closed",
    "wrong_stage",
    "not_a_party",
    "no_electorate",
    "insufficient_bond",
  ],
  reserved: true,
  check(state, context, { dispute: id }) {
    const at = disputeAt(state, id, "verdict");
    if (!("dispute" in at)) return at;
    const { dispute } = at;
    if (sideOf(dispute, context) === undefined) {
      return reject("not_a_party", "Only the provider and the challenger of this dispute may appeal.");
    }
    if (electorate(state, context, dispute).length === 0) {
      return reject(
        "no_electorate",
        "Every validator is a party of this dispute, so none can judge an appeal.",
      );
    }
    const { appealBond } = paramsOfTask(state, context, dispute.task);
    const { balance } = accountOf(state, context.sender);
    return balance < appealBond
      ? reject("insufficient_bond", `An appeal takes a bond of ${appealBond}: the balance is ${balance}.`)
      : null;
  },
  apply(state, context, { dispute: id }) {
    const dispute = disputes.get(state, id);
    invariant(dispute?.stage.kind === "verdict", "An appeal is applied that was not checked.");
    const by = sideOf(dispute, context);
    invariant(by !== undefined, "An appeal is applied that no party made.");
    const { appealBond } = paramsOfTask(state, context, dispute.task);
    debit(state, context.sender, appealBond, "bonds");
    appealSeats.put(state, id, electorate(state, context, dispute));
    context.emit({
      kind: "verdict_appealed",
      task: dispute.task,
      dispute: id,
      account: context.sender,
      amount: appealBond,
    });
    enterStage(state, context, dispute, {
      ...dispute.stage,
      kind: "appeal_commit",
      appeal: { by, bond: appealBond },
    });
  },
};

interface Sitting<K extends "appeal_commit" | "appeal_reveal"> extends DisputeAt<K> {
  readonly seats: readonly AppealSeat[];
  readonly seat: AppealSeat;
}

const NOT_AN_ELECTOR = reject(
  "not_an_elector",
  "An appeal is judged by those who were validators of the epoch when it was made, without the parties.",
);

function sittingAt<K extends "appeal_commit" | "appeal_reveal">(
  state: StateReader,
  { sender }: OperationContext,
  id: Hash,
  kind: K,
): Sitting<K> | Rejection {
  const at = disputeAt(state, id, kind);
  if (!("dispute" in at)) return at;
  const seats = appealSeats.get(state, id) ?? [];
  const seat = seats.find(({ validator }) => equalBytes(validator, sender));
  return seat === undefined ? NOT_AN_ELECTOR : { ...at, seats, seat };
}

function takeSeat(
  state: StateWriter,
  { id }: Dispute,
  { seats }: { seats: readonly AppealSeat[] },
  changed: AppealSeat,
) {
  const now = seats.map((seat) => equalBytes(seat.validator, changed.validator) ? changed : seat);
  appealSeats.put(state, id, now);
  return now;
}

/** The rule of {@link AppealCommit}. */
export const appealCommitRule: OperationRule<AppealCommit> = {
  weight: 2n,
  rejects: ["unknown_dispute", "dispute_closed", "wrong_stage", "not_an_elector", "already_committed"],
  reserved: true,
  check(state, context, operation) {
    const found = sittingAt(state, context, operation.dispute, "appeal_commit");
    return "seat" in found ? commitFault(found.seat) : found;
  },
  apply(state, context, operation) {
    const found = sittingAt(state, context, operation.dispute, "appeal_commit");
    invariant("seat" in found, "A validator's move is applied that was not checked.");
    const { dispute, stage, seat } = found;
    const seats = takeSeat(state, dispute, found, { ...seat, commitment: operation.commitment });
    context.emit({
      kind: "appeal_committed",
      task: dispute.task,
      dispute: dispute.id,
      account: seat.validator,
    });
    if (awaitsCommitments(seats)) return;
    enterStage(state, context, dispute, { ...stage, kind: "appeal_reveal" });
  },
};

/** The rule of {@link AppealReveal}. */
export const appealRevealRule: OperationRule<AppealReveal> = {
  weight: 2n,
  rejects: [
    "unknown_dispute",
    "dispute_closed",
    "wrong_stage",
    "not_an_elector",
    "no_commitment",
    "already_revealed",
    "wrong_reveal",
  ],
  reserved: true,
  check(state, context, { dispute, salt, verdict }) {
    const found = sittingAt(state, context, dispute, "appeal_reveal");
    if (!("seat" in found)) return found;
    const { validator } = found.seat;
    return revealFault(found.seat, appealCommitment({ dispute, validator, salt, verdict }));
  },
  apply(state, context, operation) {
    const found = sittingAt(state, context, operation.dispute, "appeal_reveal");
    invariant("seat" in found, "A validator's move is applied that was not checked.");
    const { dispute, seat } = found;
    const { verdict } = operation;
    const seats = takeSeat(state, dispute, found, { ...seat, verdict });
    context.emit({
      kind: "appeal_revealed",
      task: dispute.task,
      dispute: dispute.id,
      account: seat.validator,
      detail: bytesToHex(verdict),
    });
    if (!awaitsReveals(seats)) concludeAppeal(state, context, dispute);
  },
};
