/**
 * Polynomials by Horner's rule, each step rounded to binary32.
 *
 * @module
 */
import { fromBits } from "./bits.ts";

/** Coefficients from their bit patterns, highest power first. */
export function coefficients(...bits: readonly number[]): readonly number[] {
  return bits.map(fromBits);
}

/** y = c0; then for each further coefficient y = RN(RN(y * x) + c). */
export function horner(coefficientsFromHighest: readonly number[], x: number): number {
  let y = 0;
  for (const c of coefficientsFromHighest) y = Math.fround(Math.fround(y * x) + c);
  return y;
}
