/**
 * exp and log with the same bits on every machine: the host's differ between engines, and arbiters must not disagree at the edge of a bound.
 *
 * @module
 */
import { exponential, logarithm } from "../repops/mod.ts";

/** Half the exponent beyond which binary32 has no number left. */
const HALF_LIMIT = 66;

/** e^x, to five digits, for every binary32 result: as a square, since the function of repops ends at 2^100. */
export function portableExp(x: number): number {
  const half = exponential(Math.fround(Math.max(-HALF_LIMIT, Math.min(HALF_LIMIT, x / 2))));
  return half * half;
}

/** Logarithm of the smallest binary32 number. */
const LEAST = -103.3;

/** The natural logarithm of a positive number, to six digits; of the smallest ones, and of 0, about -103. */
export function portableLog(x: number): number {
  return x < 2 ** -100 ? LEAST : logarithm(Math.fround(Math.min(x, 2 ** 100)));
}
