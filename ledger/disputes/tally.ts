/**
 * Counting verdicts. Of arbiters: a verdict stands if more than half of the *drawn* arbiters revealed it: who is absent supports nothing. Of
 * validators on appeal: if more than two thirds of their stake did.
 *
 * @module
 */
import { bytesToHex, type Hash } from "../primitives/mod.ts";
import type { AppealSeat, Seat } from "./records.ts";

/** Votes that a verdict needs among `drawn` arbiters. */
export function verdictQuorum(drawn: number): number {
  return Math.floor(drawn / 2) + 1;
}

/** The verdict with a quorum, or `undefined`. */
export function tally(seats: readonly Seat[]): Hash | undefined {
  const votes = new Map<string, number>();
  for (const { verdict } of seats) {
    if (verdict === null) continue;
    const key = bytesToHex(verdict);
    const count = (votes.get(key) ?? 0) + 1;
    if (count >= verdictQuorum(seats.length)) return verdict;
    votes.set(key, count);
  }
  return undefined;
}

/** Stake that a verdict needs on appeal, of a total. */
export function appealQuorum(total: bigint): bigint {
  return total * 2n / 3n + 1n;
}

/** Stake of all seats. */
export function stakeOfSeats(seats: readonly AppealSeat[]): bigint {
  return seats.reduce((sum, { stake }) => sum + stake, 0n);
}

/** The verdict with a quorum of the validators' stake, or `undefined`. */
export function tallyAppeal(seats: readonly AppealSeat[]): Hash | undefined {
  const quorum = appealQuorum(stakeOfSeats(seats));
  const votes = new Map<string, bigint>();
  for (const { stake, verdict } of seats) {
    if (verdict === null) continue;
    const key = bytesToHex(verdict);
    const count = (votes.get(key) ?? 0n) + stake;
    if (count >= quorum) return verdict;
    votes.set(key, count);
  }
  return undefined;
}
