/**
 * Those who judged a dispute: the drawn arbiters, and on appeal the validators. What they did decides what they get or lose, whoever won.
 *
 * @module
 */
import { type Address, equalBytes, type Hash } from "../primitives/mod.ts";
import {
  type BlockContext,
  paramsOfTask,
  PPM,
  slash,
  stakeOf,
  type StateReader,
  type StateWriter,
} from "../state/mod.ts";
import { type Appeal, appealSeats, type Dispute, type Seat, type Stage } from "./records.ts";
import { verdictQuorum } from "./tally.ts";
import { UNAVAILABLE } from "./verdict.ts";

/** Seats of the drawn arbiters; none if the dispute has not come so far. */
export function seatsOf(stage: Stage): readonly Seat[] {
  return "seats" in stage ? stage.seats : [];
}

/** The appeal that runs, or null. */
export function appealOf(stage: Stage): Appeal | null {
  return "appeal" in stage ? stage.appeal : null;
}

function contradicts({ verdict }: Seat, final: Hash | undefined): boolean {
  if (final === undefined || verdict === null) return false;
  return !equalBytes(verdict, final) && !equalBytes(verdict, UNAVAILABLE) && !equalBytes(final, UNAVAILABLE);
}

/** Arbiters to pay: those who revealed, whatever they said, unless the validators' verdict contradicts them. */
export function arbitersToPay(seats: readonly Seat[], final: Hash | undefined): readonly Address[] {
  return seats.filter((seat) => seat.verdict !== null && !contradicts(seat, final)).map(({ arbiter }) =>
    arbiter
  );
}

/** Validators to pay: those who revealed, whatever they said. */
export function validatorsToPay(state: StateReader, dispute: Hash): readonly Address[] {
  return (appealSeats.get(state, dispute) ?? []).flatMap(({ validator, verdict }) =>
    verdict === null ? [] : [validator]
  );
}

/** Arbiters who owed something and did not do it: a commitment, and where so many committed that reveals were opened, a reveal. */
function absentees(seats: readonly Seat[]): readonly Seat[] {
  const committed = seats.filter(({ commitment }) => commitment !== null);
  return committed.length < verdictQuorum(seats.length)
    ? seats.filter(({ commitment }) => commitment === null)
    : seats.filter(({ verdict }) => verdict === null);
}

/** Takes the penalty for silence from every absent arbiter; all of it is burned, as nobody is to gain by it. */
export function fineAbsent(state: StateWriter, context: BlockContext, { task, stage }: Dispute): void {
  const { arbiterAbsencePenalty } = paramsOfTask(state, context, task);
  for (const { arbiter } of absentees(seatsOf(stage))) {
    slash(state, context, {
      role: "arbiter",
      address: arbiter,
      amount: arbiterAbsencePenalty,
      prover: null,
      proverSharePpm: 0,
    });
  }
}

/**
 * Slashes the arbiters that the validators' verdict contradicts.
 *
 * @param prover Who appealed, if it was right to; else all is burned.
 */
export function slashContradicted(
  state: StateWriter,
  context: BlockContext,
  { task, stage }: Dispute,
  final: Hash | undefined,
  prover: Address | null,
): void {
  const { wrongVerdictSlashPpm, proverSharePpm } = paramsOfTask(state, context, task);
  for (const seat of seatsOf(stage)) {
    if (!contradicts(seat, final)) continue;
    const { amount } = stakeOf(state, "arbiter", seat.arbiter);
    slash(state, context, {
      role: "arbiter",
      address: seat.arbiter,
      amount: amount * BigInt(wrongVerdictSlashPpm) / PPM,
      prover,
      proverSharePpm,
    });
  }
}
