/**
 * The error function (SPEC 5.4) and Gelu in its two forms (SPEC 5.5).
 *
 * @module
 */
import { fromBits } from "./bits.ts";
import { add, divide, multiply } from "./canonical.ts";
import { exponential } from "./exponential.ts";
import { coefficients, horner } from "./polynomial.ts";

/** Below this magnitude erf(x) = x * 2/sqrt(pi) is within half a unit in the last place. */
export const ERF_TINY = 2 ** -13;
/** 475/512: the polynomial serves below, the exponential form from here on. */
export const ERF_SPLIT = 0.927734375;
/** From here on erf rounds to 1. */
export const ERF_LIMIT = 4;
/** 2/sqrt(pi) - 1, rounded. */
export const ERF_SLOPE = fromBits(0x3e0375d4);
/** erf(x)/x - 1 as a polynomial in x^2 (after N. Juffa). */
export const ERF_NEAR = coefficients(0xba1c7000, 0x3ba38d2c, 0xbcdb48d9, 0x3de70e22, 0xbec09380, 0x3e0375d4);
/** ln(1 - erf(t))/t + 1 as a polynomial in t (after N. Juffa). */
export const ERF_FAR = coefficients(
  0xb7910000,
  0x39c8e7d9,
  0xbb7e8a1c,
  0x3cc6b1a1,
  0xbddaae5c,
  0xbf228550,
  0xbe03ce86,
);
/** sqrt(1/2). */
export const SQRT_HALF = fromBits(0x3f3504f3);
/** 2 * sqrt(2/pi): the tanh form of Gelu is x * sigmoid of twice its inner polynomial. */
export const GELU_SCALE = fromBits(0x3fcc422a);
/** 0.044715. */
export const GELU_CUBIC = fromBits(0x3d372713);

const { fround } = Math;

/** erf of a canonical x. */
export function errorFunction(x: number): number {
  const magnitude = Math.abs(x);
  if (magnitude < ERF_TINY) return add(multiply(x, ERF_SLOPE), x);
  if (magnitude < ERF_SPLIT) {
    const p = horner(ERF_NEAR, fround(x * x));
    return fround(fround(p * x) + x);
  }
  const t = Math.min(magnitude, ERF_LIMIT);
  const p = horner(ERF_FAR, t);
  const r = fround(fround(p * t) - t);
  const e = fround(1 - exponential(r));
  return x < 0 ? -e : e;
}

/** x/2 * (1 + erf(x / sqrt 2)). */
export function gelu(x: number): number {
  return multiply(multiply(0.5, x), add(1, errorFunction(multiply(x, SQRT_HALF))));
}

/** The tanh form of Gelu, as x / (1 + e^-u) with u = 2 sqrt(2/pi) (x + 0.044715 x^3). */
export function geluTanh(x: number): number {
  const inner = add(multiply(GELU_CUBIC, multiply(x, x)), 1);
  const u = multiply(multiply(GELU_SCALE, x), inner);
  return divide(x, add(1, exponential(-u)));
}
