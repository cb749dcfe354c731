/**
 * Units of the bounds.
 *
 * @module
 */

/** Unit round-off of binary32, rounding to nearest. */
export const U = 2 ** -24;

/** The smallest normal binary32 number: results below may be flushed to zero. */
export const TINY = 2 ** -126;

/** Higham's gamma_n: what n roundings may amount to, relative to the sum of magnitudes. Infinite where nothing can be said. */
export function gamma(n: number): number {
  return n * U < 0.5 ? (n * U) / (1 - n * U) : Infinity;
}
