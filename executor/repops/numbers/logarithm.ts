/**
 * The natural logarithm (SPEC 5.2) and softplus.
 *
 * @module
 */
import { bitsOf, fromBits } from "./bits.ts";
import { add, canonical, LARGEST } from "./canonical.ts";
import { exponential, LN2_HIGH, LN2_LOW } from "./exponential.ts";
import { coefficients, horner } from "./polynomial.ts";

/** Bits of sqrt(1/2): the mantissa is taken in [sqrt(1/2), sqrt(2)). */
export const SQRT_HALF_BITS = 0x3f3504f3;
/** (log(1 + f) - f + f^2/2) / f^3 (S. Moshier, Cephes `logf`). */
export const LOG_COEFFICIENTS = coefficients(
  0x3d9021bb,
  0xbdebd1b8,
  0x3def251a,
  0xbdfe5d4f,
  0x3e11e9bf,
  0xbe2aae50,
  0x3e4cceac,
  0xbe7ffffc,
  0x3eaaaaaa,
);

const { fround } = Math;

/** ln x of a canonical x, canonical; -2^100 for x <= 0. Within 0.8 units in the last place. */
export function logarithm(x: number): number {
  if (x <= 0) return -LARGEST;
  const bits = bitsOf(x);
  const exponent = (bits - SQRT_HALF_BITS) >> 23;
  const f = fround(fromBits(bits - exponent * 2 ** 23) - 1);
  const z = fround(f * f);
  const p = horner(LOG_COEFFICIENTS, f);
  const cubic = fround(fround(p * f) * z);
  const low = fround(cubic + fround(exponent * LN2_LOW));
  const tail = fround(low - fround(0.5 * z));
  return canonical(fround(fround(f + tail) + fround(exponent * LN2_HIGH)));
}

/** ln(1 + e^x), as max(x, 0) + ln(1 + e^-|x|). */
export function softplus(x: number): number {
  return add(Math.max(x, 0), logarithm(add(1, exponential(-Math.abs(x)))));
}
