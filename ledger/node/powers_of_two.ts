/**
 * Powers of two by their bits: exact, where a logarithm may be rounded differently by another engine.
 *
 * @module
 */

/** Whether `value` is 1, 2, 4, ... up to 2^30. */
export function isPowerOfTwo(value: number): boolean {
  return Number.isInteger(value) && value > 0 && value <= 2 ** 30 && (value & (value - 1)) === 0;
}

/** The least `n` with `2^n >= value`; for a power of two its exponent. `value` is an integer in [1, 2^30]. */
export function exponentOf(value: number): number {
  return value <= 1 ? 0 : 32 - Math.clz32(value - 1);
}
