/**
 * The prime field of 2^31 - 1 elements, on numbers that stay exact in binary64. Elements are integers from 0 to P - 1.
 *
 * @module
 */

/** The Mersenne prime 2^31 - 1: an element times a 9-bit integer has 40 bits, so that 2^13 such products add up exactly. */
export const P = 2 ** 31 - 1;

const TWO_31 = 2 ** 31;

/** A power of two, so that multiplying by it is dividing, and faster. */
const PER_TWO_31 = 2 ** -31;

/** The element of an integer of magnitude at most 2^53: 2^31 is 1 here, so high bits are added to low ones. */
export function reduce(x: number): number {
  const high = Math.floor(x * PER_TWO_31);
  const folded = x - high * TWO_31 + high;
  // |high| <= 2^22, so this leaves at most one P too much or too little.
  return folded >= P ? folded - P : folded < 0 ? folded + P : folded;
}

/** a + b. */
export function plus(a: number, b: number): number {
  const sum = a + b;
  return sum >= P ? sum - P : sum;
}

/** a - b. */
export function minus(a: number, b: number): number {
  return a >= b ? a - b : a - b + P;
}
