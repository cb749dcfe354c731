/**
 * The arbiters' two moves: each commits to a verdict nobody can read, and reveals it once all have committed or the window is over.
 *
 * @module
 */
import { bytesToHex, equalBytes } from "../primitives/mod.ts";
import { type OperationContext, type OperationRule, reject, type Rejection } from "../ops/mod.ts";
import { invariant, type StateReader } from "../state/mod.ts";
import { type StageOf, UNKNOWN_DISPUTE, wrongStage } from "./move.ts";
import type { ArbiterCommit, ArbiterReveal } from "./moves.ts";
import { type Dispute, disputes, type Seat } from "./records.ts";
import { enterStage } from "./stages.ts";
import { conclude } from "./timeouts.ts";
import { arbiterCommitment } from "./verdict.ts";

const NOT_DRAWN = reject("not_drawn", "Only an arbiter drawn for this dispute takes part in its verdict.");

interface Sitting<K extends "commit" | "reveal"> {
  readonly dispute: Dispute;
  readonly stage: StageOf<K>;
  readonly seat: Seat;
}

function seatOf(seats: readonly Seat[], { sender }: OperationContext): Seat | undefined {
  return seats.find(({ arbiter }) => equalBytes(arbiter, sender));
}

function withSeat(seats: readonly Seat[], changed: Seat): readonly Seat[] {
  return seats.map((seat) => equalBytes(seat.arbiter, changed.arbiter) ? changed : seat);
}

function committing(
  state: StateReader,
  context: OperationContext,
  { dispute: id }: ArbiterCommit,
): Sitting<"commit"> | Rejection {
  const dispute = disputes.get(state, id);
  if (dispute === undefined) return UNKNOWN_DISPUTE;
  const { stage } = dispute;
  if (stage.kind !== "commit") return wrongStage(dispute);
  const seat = seatOf(stage.seats, context);
  if (seat === undefined) return NOT_DRAWN;
  return seat.commitment === null
    ? { dispute, stage, seat }
    : reject("already_committed", "A commitment cannot be changed. Reveal it in the next stage.");
}

/** The rule of {@link ArbiterCommit}. */
export const arbiterCommitRule: OperationRule<ArbiterCommit> = {
  weight: 2n,
  rejects: ["unknown_dispute", "dispute_closed", "wrong_stage", "not_drawn", "already_committed"],
  reserved: true,
  check(state, context, operation) {
    const found = committing(state, context, operation);
    return "seat" in found ? null : found;
  },
  apply(state, context, operation) {
    const found = committing(state, context, operation);
    invariant("seat" in found, "An arbiter's move is applied that was not checked.");
    const { dispute, stage, seat } = found;
    const seats = withSeat(stage.seats, { ...seat, commitment: operation.commitment });
    context.emit({
      kind: "arbiter_committed",
      task: dispute.task,
      dispute: dispute.id,
      account: seat.arbiter,
    });
    const complete = seats.every(({ commitment }) => commitment !== null);
    enterStage(state, context, dispute, { ...stage, kind: complete ? "reveal" : "commit", seats }, !complete);
  },
};

function revealing(
  state: StateReader,
  context: OperationContext,
  { dispute: id, salt, verdict }: ArbiterReveal,
): Sitting<"reveal"> | Rejection {
  const dispute = disputes.get(state, id);
  if (dispute === undefined) return UNKNOWN_DISPUTE;
  const { stage } = dispute;
  if (stage.kind !== "reveal") return wrongStage(dispute);
  const seat = seatOf(stage.seats, context);
  if (seat === undefined) return NOT_DRAWN;
  if (seat.commitment === null) {
    return reject("no_commitment", "Only arbiters who committed in time may reveal.");
  }
  if (seat.verdict !== null) return reject("already_revealed", "The verdict is revealed already.");
  const expected = arbiterCommitment({ dispute: id, arbiter: seat.arbiter, salt, verdict });
  return equalBytes(expected, seat.commitment) ? { dispute, stage, seat } : reject(
    "wrong_reveal",
    "Salt and verdict do not make up the commitment. Reveal exactly what was committed.",
  );
}

/** The rule of {@link ArbiterReveal}. */
export const arbiterRevealRule: OperationRule<ArbiterReveal> = {
  weight: 2n,
  rejects: [
    "unknown_dispute",
    "dispute_closed",
    "wrong_stage",
    "not_drawn",
    "no_commitment",
    "already_revealed",
    "wrong_reveal",
  ],
  reserved: true,
  check(state, context, operation) {
    const found = revealing(state, context, operation);
    return "seat" in found ? null : found;
  },
  apply(state, context, operation) {
    const found = revealing(state, context, operation);
    invariant("seat" in found, "An arbiter's move is applied that was not checked.");
    const { dispute, stage, seat } = found;
    const { verdict } = operation;
    const seats = withSeat(stage.seats, { ...seat, verdict });
    const revealed: Dispute = { ...dispute, stage: { ...stage, seats } };
    context.emit({
      kind: "arbiter_revealed",
      task: dispute.task,
      dispute: dispute.id,
      account: seat.arbiter,
      detail: bytesToHex(verdict),
    });
    const awaited = seats.some((each) => each.commitment !== null && each.verdict === null);
    if (awaited) enterStage(state, context, revealed, revealed.stage, true);
    else conclude(state, context, revealed);
  },
};
