/**
 * Chances as exact fractions, so that a condition on stakes is decided and not estimated.
 *
 * @module
 */
import { PPM } from "../state/params.ts";

/** A number in [0, 1]: `numerator / denominator`, denominator above 0. Not reduced. */
export interface Chance {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

/** What never happens, and what always does. */
export const NEVER: Chance = { numerator: 0n, denominator: 1n };
export const ALWAYS: Chance = { numerator: 1n, denominator: 1n };

/** A share in parts per million as a chance. */
export function ofPpm(share: number): Chance {
  return { numerator: BigInt(share), denominator: PPM };
}

/** That it does not happen. */
export function not({ numerator, denominator }: Chance): Chance {
  return { numerator: denominator - numerator, denominator };
}

/** That both happen, if neither depends on the other. */
export function both(a: Chance, b: Chance): Chance {
  return { numerator: a.numerator * b.numerator, denominator: a.denominator * b.denominator };
}

/** That it happens every time of so many. */
export function everyTime({ numerator, denominator }: Chance, times: number): Chance {
  const exponent = BigInt(times);
  return { numerator: numerator ** exponent, denominator: denominator ** exponent };
}

/** That one of two happens that exclude each other. */
export function oneOf(a: Chance, b: Chance): Chance {
  const numerator = a.numerator * b.denominator + b.numerator * a.denominator;
  return { numerator, denominator: a.denominator * b.denominator };
}

/** That the one happens and not the other, which never happens without it. */
export function without(a: Chance, b: Chance): Chance {
  return oneOf(a, { numerator: -b.numerator, denominator: b.denominator });
}

/** An amount that is had with a chance, on average, rounded towards zero. */
export function onAverage(amount: bigint, { numerator, denominator }: Chance): bigint {
  return amount * numerator / denominator;
}

/** For people: parts per million, rounded down. */
export function inPpm({ numerator, denominator }: Chance): number {
  return Number(numerator * PPM / denominator);
}

/** `n` over `k`. */
export function choose(n: number, k: number): bigint {
  if (k < 0 || k > n) return 0n;
  let ways = 1n;
  for (let i = 1; i <= k; i++) ways = ways * BigInt(n - k + i) / BigInt(i);
  return ways;
}
