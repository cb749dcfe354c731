/**
 * Counting verdicts. A verdict stands if more than half of the *drawn* arbiters revealed it: who is absent supports nothing.
 *
 * @module
 */
import { bytesToHex, equalBytes, type Hash } from "../primitives/mod.ts";
import type { Reason, Seat } from "./records.ts";
import { UNAVAILABLE, verdictOf } from "./verdict.ts";

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

/** What the arbiters' verdict means for a provider that claimed these outputs. */
export function reasonOf(seats: readonly Seat[], claimed: readonly Hash[]): Reason {
  const verdict = tally(seats);
  if (verdict === undefined) return "no_quorum";
  if (equalBytes(verdict, verdictOf(claimed))) return "output_confirmed";
  return equalBytes(verdict, UNAVAILABLE) ? "inputs_unavailable" : "wrong_output";
}
