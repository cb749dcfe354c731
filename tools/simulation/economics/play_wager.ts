/**
 * One strategy, many times.
 *
 * @module
 */
import type { Circumstances } from "../../../ledger/economics/mod.ts";
import type { Dice } from "../random.ts";

/** What came of many plays. */
export interface Frequency {
  readonly plays: number;
  readonly caught: number;
}

/** How a strategy is played: what must happen for it to be caught. */
export type Played = keyof typeof PLAYS;

/** Draws `count` of `segments` on a circle, no two neighbours, by throwing again until none are. All of them if more than half are wanted. */
function drawSample({ segments, sampled }: Circumstances, dice: Dice): ReadonlySet<number> {
  const all = Array.from({ length: segments }, (_, i) => i);
  if (2 * sampled > segments) return new Set(all);
  while (true) {
    const drawn = new Set(dice.shuffled(all).slice(0, sampled));
    if ([...drawn].every((at) => !drawn.has((at + 1) % segments))) return drawn;
  }
}

/** Whether the best of the liar's draws misses every wrong segment. `wrong` in a row, from anywhere. */
function sampleMisses(circumstances: Circumstances, wrong: number, dice: Dice): boolean {
  const { segments, slots } = circumstances;
  const first = dice.whole(0, segments - 1);
  const bad = Array.from({ length: wrong }, (_, i) => (first + i) % segments);
  return Array.from({ length: 2 ** slots }, () => drawSample(circumstances, dice))
    .some((sample) => bad.every((at) => !sample.has(at)));
}

/** Whether everybody of `count` is bought, each with a chance. */
function boughtOf(count: number, sharePpm: number, dice: Dice): number {
  return Array.from({ length: count }, () => dice.chance(sharePpm / 1_000_000)).filter(Boolean).length;
}

function isLieCaught(circumstances: Circumstances, wrong: number, dice: Dice): boolean {
  const { auditors, colludingPpm } = circumstances;
  if (sampleMisses(circumstances, wrong, dice)) return false;
  return boughtOf(auditors, colludingPpm, dice) < auditors;
}

const PLAYS = {
  "one wrong segment": (given: Circumstances, dice: Dice) => isLieCaught(given, 1, dice),
  "half of the segments wrong": (given: Circumstances, dice: Dice) =>
    isLieCaught(given, Math.ceil(given.segments / 2), dice),
  "every segment wrong": (given: Circumstances, dice: Dice) => isLieCaught(given, given.segments, dice),
  "auditors collude": ({ auditors, colludingPpm }: Circumstances, dice: Dice) =>
    boughtOf(auditors, colludingPpm, dice) < auditors,
  "a majority is bribed": ({ arbiters, bribedPpm }: Circumstances, dice: Dice) =>
    2 * boughtOf(arbiters, bribedPpm, dice) <= arbiters,
} as const;

/** Plays a strategy many times. */
export function playWager(
  played: Played,
  circumstances: Circumstances,
  plays: number,
  dice: Dice,
): Frequency {
  let caught = 0;
  for (let i = 0; i < plays; i++) if (PLAYS[played](circumstances, dice)) caught++;
  return { plays, caught };
}
