/**
 * A verdict under seal: what each judge of a dispute, drawn arbiter or validator on appeal, commits to and later reveals.
 *
 * @module
 */
import { equalBytes, type Hash } from "../primitives/mod.ts";
import { reject, type Rejection } from "../ops/mod.ts";

/** What a seat holds of its judge's verdict. */
export interface SealedVerdict {
  /** Null until the judge has committed. */
  readonly commitment: Hash | null;
  /** Null until the judge has revealed. */
  readonly verdict: Hash | null;
}

/** Why a judge may not commit; `null` if it may. */
export function commitFault({ commitment }: SealedVerdict): Rejection | null {
  return commitment === null
    ? null
    : reject("already_committed", "A commitment cannot be changed. Reveal it in the next stage.");
}

/**
 * Why a judge may not reveal; `null` if it may.
 *
 * @param recomputed The commitment that the revealed salt and verdict make up.
 */
export function revealFault({ commitment, verdict }: SealedVerdict, recomputed: Hash): Rejection | null {
  if (commitment === null) return reject("no_commitment", "Only who committed in time may reveal.");
  if (verdict !== null) return reject("already_revealed", "The verdict is revealed already.");
  if (equalBytes(recomputed, commitment)) return null;
  return reject(
    "wrong_reveal",
    "Salt and verdict do not make up the commitment. Reveal exactly what was committed.",
  );
}

/** Whether somebody who committed has still to reveal. */
export function awaitsReveals(seats: readonly SealedVerdict[]): boolean {
  return seats.some(({ commitment, verdict }) => commitment !== null && verdict === null);
}

/** Whether somebody has still to commit. */
export function awaitsCommitments(seats: readonly SealedVerdict[]): boolean {
  return seats.some(({ commitment }) => commitment === null);
}
