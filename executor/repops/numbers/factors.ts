/**
 * What a canonical value becomes as a factor of a matrix product (SPEC 3.1), by the precision of the program.
 *
 * @module
 */
import { bitsOf, fromBits } from "./bits.ts";

/** `high`: factors of 12 significant bits, products exact. `highest`: factors of 24 bits, products rounded. */
export type Precision = "high" | "highest";

/** Bits of 2^50, the largest factor. */
export const FACTOR_LARGEST_BITS = 0x58800000;
/** Bits of 2^-50: smaller factors are zero. */
export const FACTOR_SMALLEST_BITS = 0x26800000;
/** Significand bits that `high` drops. */
export const DROPPED_BITS = 12;

/** The factor that a canonical value is in a product. */
export function factor(value: number, precision: Precision): number {
  const bits = bitsOf(value);
  const magnitude = Math.min(bits & 0x7fffffff, FACTOR_LARGEST_BITS);
  if (magnitude < FACTOR_SMALLEST_BITS) return 0;
  const kept = precision === "high" ? roundToTwelveBits(magnitude) : magnitude;
  return value < 0 ? -fromBits(kept) : fromBits(kept);
}

/** Round to nearest, ties to even, at 12 significant bits; works on the bits of a magnitude. */
function roundToTwelveBits(magnitude: number): number {
  const lastKept = (magnitude >>> DROPPED_BITS) & 1;
  return (magnitude + 0x7ff + lastKept) & 0xfffff000;
}
