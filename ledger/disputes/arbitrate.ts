/**
 * The arbiters' two moves: each commits to a verdict nobody can read, and reveals it once all have committed or the window is over.
 *
 * @module
 */
import { type Address, bytesToHex, equalBytes, type Hash } from "../primitives/mod.ts";
import { type OperationContext, type OperationRule, reject, type Rejection } from "../ops/mod.ts";
import { invariant, type StateReader } from "../state/mod.ts";
import { type DisputeAt, disputeAt } from "./move.ts";
import type { ArbiterCommit, ArbiterReveal } from "./moves.ts";
import type { Dispute, Seat } from "./records.ts";
import { awaitsCommitments, awaitsReveals, commitFault, revealFault } from "./sealed_verdict.ts";
import { enterStage } from "./stages.ts";
import { conclude } from "./timeouts.ts";
import { arbiterCommitment } from "./verdict.ts";

const NOT_DRAWN = reject("not_drawn", "Only an arbiter drawn for this dispute takes part in its verdict.");

interface Sitting<K extends "commit" | "reveal"> extends DisputeAt<K> {
  readonly seat: Seat;
}

function seatOf({ stage }: Dispute, arbiter: Address): Seat | undefined {
  return "seats" in stage ? stage.seats.find((seat) => equalBytes(seat.arbiter, arbiter)) : undefined;
}

function sittingAt<K extends "commit" | "reveal">(
  state: StateReader,
  { sender }: OperationContext,
  id: Hash,
  kind: K,
): Sitting<K> | Rejection {
  const at = disputeAt(state, id, kind);
  if (!("dispute" in at)) return at;
  const seat = seatOf(at.dispute, sender);
  return seat === undefined ? NOT_DRAWN : { ...at, seat };
}

function withSeat(seats: readonly Seat[], changed: Seat): readonly Seat[] {
  return seats.map((seat) => equalBytes(seat.arbiter, changed.arbiter) ? changed : seat);
}

/** The rule of {@link ArbiterCommit}. */
export const arbiterCommitRule: OperationRule<ArbiterCommit> = {
  weight: 2n,
  rejects: ["unknown_dispute", "dispute_closed", "wrong_stage", "not_drawn", "already_committed"],
  reserved: true,
  check(state, context, operation) {
    const found = sittingAt(state, context, operation.dispute, "commit");
    return "seat" in found ? commitFault(found.seat) : found;
  },
  apply(state, context, operation) {
    const found = sittingAt(state, context, operation.dispute, "commit");
    invariant("seat" in found, "An arbiter's move is applied that was not checked.");
    const { dispute, stage, seat } = found;
    const seats = withSeat(stage.seats, { ...seat, commitment: operation.commitment });
    context.emit({
      kind: "arbiter_committed",
      task: dispute.task,
      dispute: dispute.id,
      account: seat.arbiter,
    });
    const awaited = awaitsCommitments(seats);
    enterStage(state, context, dispute, { ...stage, kind: awaited ? "commit" : "reveal", seats }, awaited);
  },
};

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
  check(state, context, { dispute, salt, verdict }) {
    const found = sittingAt(state, context, dispute, "reveal");
    if (!("seat" in found)) return found;
    const { arbiter } = found.seat;
    return revealFault(found.seat, arbiterCommitment({ dispute, arbiter, salt, verdict }));
  },
  apply(state, context, operation) {
    const found = sittingAt(state, context, operation.dispute, "reveal");
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
    if (awaitsReveals(seats)) enterStage(state, context, revealed, revealed.stage, true);
    else conclude(state, context, revealed);
  },
};
