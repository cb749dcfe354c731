/**
 * The exponential function (SPEC 5.1) and what is built on it: sigmoid, hyperbolic tangent, softplus.
 *
 * @module
 */
import { bitsOf, fromBits } from "./bits.ts";
import { add, canonical, divide, multiply } from "./canonical.ts";
import { coefficients, horner } from "./polynomial.ts";

/** Beyond +-70 the result is outside the value domain anyway: e^-70 < 2^-100 and e^70 > 2^100. */
export const EXP_LIMIT = 70;
/** log2(e). */
export const LOG2_E = fromBits(0x3fb8aa3b);
/** 1.5 * 2^23: adding it rounds to an integer, which then stands in the low bits. */
export const ROUNDER = 12582912;
/** High part of ln 2: 9 significant bits, so that its product with an exponent is exact. */
export const LN2_HIGH = fromBits(0x3f318000);
/** ln 2 - LN2_HIGH. */
export const LN2_LOW = fromBits(0xb95e8083);
/** e^r on |r| <= ln(2)/2 (S. Moshier, Cephes `expf`); the last two are 1. */
export const EXP_COEFFICIENTS = coefficients(
  0x39506967,
  0x3ab743ce,
  0x3c088908,
  0x3d2aa9c1,
  0x3e2aaaaa,
  0x3f000000,
  0x3f800000,
  0x3f800000,
);
/** Below this magnitude tanh(x) = x is correctly rounded. */
export const TANH_TINY = 2 ** -13;
/** Below this magnitude tanh is a polynomial, above it comes from the exponential. */
export const TANH_SPLIT = 0.625;
/** From here on tanh rounds to 1. */
export const TANH_LIMIT = 10;
/** (tanh(x)/x - 1)/x^2 as a polynomial in x^2 (Cephes `tanhf`). */
export const TANH_COEFFICIENTS = coefficients(0xbbbaf0ea, 0x3ca9134e, 0xbd5c1e2d, 0x3e088393, 0xbeaaaa99);

const { fround } = Math;

/** e^x of a canonical x, canonical. Within 1.3 units in the last place. */
export function exponential(x: number): number {
  const limited = Math.max(-EXP_LIMIT, Math.min(EXP_LIMIT, x));
  const shifted = fround(fround(limited * LOG2_E) + ROUNDER);
  const n = fround(shifted - ROUNDER);
  const high = fround(limited - fround(n * LN2_HIGH));
  const r = fround(high - fround(n * LN2_LOW));
  const y = horner(EXP_COEFFICIENTS, r);
  const exponent = bitsOf(shifted) - bitsOf(ROUNDER);
  return canonical(fromBits(bitsOf(y) + exponent * 2 ** 23));
}

/** 1 / (1 + e^-x). */
export function sigmoid(x: number): number {
  return divide(1, add(1, exponential(-x)));
}

/** The hyperbolic tangent. Within 1.4 units in the last place. */
export function hyperbolicTangent(x: number): number {
  const magnitude = Math.abs(x);
  if (magnitude < TANH_TINY) return x;
  if (magnitude < TANH_SPLIT) {
    const z = fround(x * x);
    const p = horner(TANH_COEFFICIENTS, z);
    return fround(fround(fround(p * z) * x) + x);
  }
  const e = exponential(fround(2 * Math.min(magnitude, TANH_LIMIT)));
  const t = fround(1 - fround(2 / fround(e + 1)));
  return x < 0 ? -t : t;
}

/** x * sigmoid(x). */
export function silu(x: number): number {
  return multiply(x, sigmoid(x));
}
