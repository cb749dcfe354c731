/**
 * How long a view may take: exponential in the views since the last finalization, capped, and back to the base on progress.
 *
 * @module
 */

/** Times in milliseconds. */
export interface Timeouts {
  /** From entering a view to an acceptable proposal. Above one network delay plus the interval of idle blocks. */
  readonly leaderMs: number;
  /** From entering a view to its end. Above three network delays more than `leaderMs` allows for. */
  readonly advanceMs: number;
  /** Until a stalled node says again what it has said. */
  readonly retryMs: number;
  /** Largest of any of these: the stated assumption on the delay of the network. */
  readonly maxMs: number;
}

/** For block intervals up to a second, on the Internet. */
export const DEFAULT_TIMEOUTS: Timeouts = {
  leaderMs: 3_000,
  advanceMs: 4_500,
  retryMs: 3_000,
  maxMs: 60_000,
};

/** Views that may pass without a finalization before timeouts grow: two are in the pipeline of a healthy network. */
const GRACE_VIEWS = 2n;

/** Doublings after which any sane base has reached its cap; keeps the power finite. */
const MAX_DOUBLINGS = 20n;

/**
 * A timeout after `viewsSinceFinalized` views without progress.
 *
 * @param baseMs What it is in a healthy network.
 * @returns `baseMs` doubled for every view beyond the second, at most `maxMs`.
 */
export function grownTimeout(baseMs: number, viewsSinceFinalized: bigint, maxMs: number): number {
  const beyond = viewsSinceFinalized > GRACE_VIEWS ? viewsSinceFinalized - GRACE_VIEWS : 0n;
  const doublings = beyond > MAX_DOUBLINGS ? MAX_DOUBLINGS : beyond;
  return Math.min(maxMs, baseMs * 2 ** Number(doublings));
}
