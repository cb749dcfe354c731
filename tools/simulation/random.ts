/**
 * Repeatable chance: everything that a seed decides is drawn from here.
 *
 * @module
 */

/** Numbers in [0, 1) from a 32-bit seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Draws of the kinds that plans are made of. */
export interface Dice {
  /** In [0, 1). */
  readonly fraction: () => number;
  /** Whether something of this probability happens. */
  chance(probability: number): boolean;
  /** In [least, most). */
  between(least: number, most: number): number;
  /** A whole number from `least` to `most`, both included. */
  whole(least: number, most: number): number;
  /** One of a list that is not empty. */
  pick<T>(from: readonly [T, ...T[]]): T;
  /** One of a list, if it has any. */
  any<T>(from: readonly T[]): T | undefined;
  /** The list in another order. */
  shuffled<T>(from: readonly T[]): readonly T[];
  /** Dice of their own for a part of the plan, so that more draws in one part leave the others as they were. */
  fork(): Dice;
}

/** Dice from a seed. */
export function makeDice(seed: number): Dice {
  const fraction = seededRandom(seed);
  const whole = (least: number, most: number) => least + Math.floor(fraction() * (most - least + 1));
  const any = <T>(from: readonly T[]) => from[whole(0, from.length - 1)];
  return {
    fraction,
    chance: (probability) => fraction() < probability,
    between: (least, most) => least + fraction() * (most - least),
    whole,
    pick: (from) => any(from) ?? from[0],
    any,
    shuffled(from) {
      const order = [...from];
      const shuffled = [];
      while (order.length > 0) shuffled.push(...order.splice(whole(0, order.length - 1), 1));
      return shuffled;
    },
    fork: () => makeDice(Math.floor(fraction() * 2 ** 32)),
  };
}
