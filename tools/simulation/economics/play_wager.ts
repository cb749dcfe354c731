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

/** The segments that an auditor executes: the sample, and of what follows a sampled one its own, if not all are sampled. */
function executedBy(sample: ReadonlySet<number>, segments: number, dice: Dice): ReadonlySet<number> {
  if (sample.size === segments) return sample;
  const [picked = 0] = dice.shuffled([...sample]);
  return new Set([...sample, (picked + 1) % segments]);
}

/** Whether everybody of `count` is bought, each with a chance. */
function boughtOf(count: number, sharePpm: number, dice: Dice): number {
  return Array.from({ length: count }, () => dice.chance(sharePpm / 1_000_000)).filter(Boolean).length;
}

/** `wrong` segments in a row, from anywhere; the liar takes the draw that it likes best. */
function isLieCaught(circumstances: Circumstances, wrong: number, dice: Dice): boolean {
  const { segments, slots, auditors, colludingPpm } = circumstances;
  const first = dice.whole(0, segments - 1), before = (first + segments - 1) % segments;
  const bad = Array.from({ length: wrong }, (_, i) => (first + i) % segments);
  const misses = (sample: ReadonlySet<number>) => bad.every((at) => !sample.has(at));
  const draws = Array.from({ length: 2 ** slots }, () => drawSample(circumstances, dice));
  const sample = draws.find((each) => misses(each) && !each.has(before)) ?? draws.find(misses) ?? draws[0];
  const honest = auditors - boughtOf(auditors, colludingPpm, dice);
  return sample !== undefined &&
    Array.from({ length: honest }, () => executedBy(sample, segments, dice))
      .some((executed) => bad.some((at) => executed.has(at)));
}

/** Whether no committee that is drawn has a quorum of bought members, who certify what they do not hold. */
function isUncertified({ certifiers, colludingPpm }: Circumstances, dice: Dice): boolean {
  return Array.from({ length: 3 }, () => boughtOf(certifiers, colludingPpm, dice))
    .every((bought) => bought / certifiers <= 2 / 3);
}

/** Whether, after a first committee without a quorum, one of the others has it without those who are bought. */
function isHeldDespite({ certifiers, colludingPpm }: Circumstances, dice: Dice): boolean {
  return Array.from({ length: 2 }, () => boughtOf(certifiers, colludingPpm, dice))
    .some((bought) => 3 * (certifiers - bought) > 2 * certifiers);
}

const PLAYS = {
  "one wrong segment": (given: Circumstances, dice: Dice) => isLieCaught(given, 1, dice),
  "half of the segments wrong": (given: Circumstances, dice: Dice) =>
    isLieCaught(given, Math.ceil(given.segments / 2), dice),
  "every segment wrong": (given: Circumstances, dice: Dice) => isLieCaught(given, given.segments, dice),
  "auditors collude": ({ auditors, colludingPpm }: Circumstances, dice: Dice) =>
    boughtOf(auditors, colludingPpm, dice) < auditors,
  "a committee is bribed": isUncertified,
  "a committee is kept from its quorum": isHeldDespite,
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
