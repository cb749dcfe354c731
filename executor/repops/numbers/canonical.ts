/**
 * The value domain (SPEC 1) and the canonical steps of arithmetic (SPEC 2).
 *
 * @module
 */

/** 2^-100: smaller magnitudes are zero, so that no sum of canonical values can be subnormal. */
export const SMALLEST = 2 ** -100;

/** 2^100: larger magnitudes are limited to it, so that no sum of up to 2^26 canonical values overflows. */
export const LARGEST = 2 ** 100;

/** The canonical value of a binary32 value: NaN and small ones become +0, large ones are limited. */
export function canonical(value: number): number {
  const magnitude = Math.abs(value);
  if (!(magnitude >= SMALLEST)) return 0;
  if (magnitude > LARGEST) return value < 0 ? -LARGEST : LARGEST;
  return value;
}

/** The canonical value of the sum, rounded once. */
export function add(a: number, b: number): number {
  return canonical(Math.fround(a + b));
}

/** The canonical value of the difference, rounded once. */
export function subtract(a: number, b: number): number {
  return canonical(Math.fround(a - b));
}

/** The canonical value of the product, rounded once. */
export function multiply(a: number, b: number): number {
  return canonical(Math.fround(a * b));
}

/** The canonical value of the quotient, rounded once: x/0 is 2^100 with the sign of x, 0/0 is 0. */
export function divide(a: number, b: number): number {
  return canonical(Math.fround(a / b));
}

/** The canonical value of the square root, rounded once; 0 for negative arguments. */
export function squareRoot(a: number): number {
  return canonical(Math.fround(Math.sqrt(a)));
}
