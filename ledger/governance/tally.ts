/**
 * Counting votes by stake.
 *
 * A vote weighs what its validator had staked when the proposal was made, or what it still has staked when the votes are counted, if
 * that is less: stake that came later gives no vote, and stake that has left has none any more.
 *
 * @module
 */
import { bytesToHex } from "../primitives/mod.ts";
import { PPM, stakeOf, type StateReader } from "../state/mod.ts";
import type { Ballots, Electorate } from "./records.ts";

/** Share of the electorate's stake that must vote: with {@link APPROVAL}, nothing passes with less than a third of all stake for it. */
export const QUORUM_PPM = 500_000n;

/** Part of the counted stake that must be for it: two thirds, as consensus asks for a block. */
export const APPROVAL = { of: 3n, needed: 2n } as const;

/** What was counted. */
export interface Tally {
  readonly electorate: bigint;
  readonly approving: bigint;
  readonly opposing: bigint;
  readonly verdict: "passed" | "rejected" | "expired";
}

/** Counts. PERF: walks the votes, at most one for each validator. */
export function tallyVotes(state: StateReader, electorate: Electorate, votes: Ballots): Tally {
  const stakes = new Map(electorate.map(({ address, stake }) => [bytesToHex(address), stake]));
  const total = electorate.reduce((sum, { stake }) => sum + stake, 0n);
  let approving = 0n, opposing = 0n;
  for (const { voter, approve } of votes) {
    const then = stakes.get(bytesToHex(voter)) ?? 0n;
    const now = stakeOf(state, "validator", voter).amount;
    const weight = now < then ? now : then;
    if (approve) approving += weight;
    else opposing += weight;
  }
  const counted = approving + opposing;
  const verdict = counted === 0n || counted * PPM < total * QUORUM_PPM
    ? "expired"
    : approving * APPROVAL.of >= counted * APPROVAL.needed
    ? "passed"
    : "rejected";
  return { electorate: total, approving, opposing, verdict };
}
