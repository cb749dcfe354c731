/**
 * The functions of SPEC 5 on four values at once. Each follows its definition in `numbers/` step by step; where that branches,
 * both sides are computed and one is selected by bits.
 *
 * @module
 */
import {
  ERF_FAR,
  ERF_LIMIT,
  ERF_NEAR,
  ERF_SLOPE,
  ERF_SPLIT,
  ERF_TINY,
  EXP_COEFFICIENTS,
  EXP_LIMIT,
  GELU_CUBIC,
  GELU_SCALE,
  LARGEST,
  LN2_HIGH,
  LN2_LOW,
  LOG2_E,
  LOG_COEFFICIENTS,
  ROUNDER,
  SMALLEST,
  SQRT_HALF,
  SQRT_HALF_BITS,
  TANH_COEFFICIENTS,
  TANH_LIMIT,
  TANH_SPLIT,
  TANH_TINY,
} from "../../numbers/mod.ts";
import * as w from "./builder.ts";

const SIGN = w.splatBits(0x80000000);
const ONE = w.splat(1);

/** A step rounded to binary32, its result left as it is. */
const plain = (instruction: string) => (b: w.Builder, x: w.Text, y: w.Text): w.Text =>
  b.vector(w.apply(`f32x4.${instruction}`, x, y));
const plus = plain("add");
const minus = plain("sub");
const times = plain("mul");
const over = plain("div");

/** NaN and small magnitudes become +0, large ones are limited: `pmin` and `pmax` keep NaN out of the way of the mask. */
export function canonical(b: w.Builder, x: w.Text): w.Text {
  const limited = w.apply("f32x4.pmax", w.splat(-LARGEST), w.apply("f32x4.pmin", w.splat(LARGEST), x));
  const kept = w.apply("f32x4.ge", w.apply("f32x4.abs", x), w.splat(SMALLEST));
  return b.vector(w.apply("v128.and", limited, kept));
}

const canonicalStep = (step: typeof plus) => (b: w.Builder, x: w.Text, y: w.Text): w.Text =>
  canonical(b, step(b, x, y));

/** Canonical arithmetic (SPEC 2). */
export const add = canonicalStep(plus);
export const subtract = canonicalStep(minus);
export const multiply = canonicalStep(times);
export const divide = canonicalStep(over);
export const squareRoot = (b: w.Builder, x: w.Text): w.Text =>
  canonical(b, b.vector(w.apply("f32x4.sqrt", x)));

export const absolute = (b: w.Builder, x: w.Text): w.Text => b.vector(w.apply("f32x4.abs", x));
export const greater = (b: w.Builder, x: w.Text, y: w.Text): w.Text => b.vector(w.apply("f32x4.pmax", x, y));
export const lesser = (b: w.Builder, x: w.Text, y: w.Text): w.Text => b.vector(w.apply("f32x4.pmin", x, y));
/** The sign bit turned over: +0 becomes -0, which only steps that do not care may see. */
const flip = (b: w.Builder, x: w.Text): w.Text => b.vector(w.apply("v128.xor", x, SIGN));
export const negate = (b: w.Builder, x: w.Text): w.Text => canonical(b, flip(b, x));
const select = (b: w.Builder, yes: w.Text, no: w.Text, mask: w.Text): w.Text =>
  b.vector(w.apply("v128.bitselect", yes, no, mask));
const below = (b: w.Builder, x: w.Text, limit: number): w.Text =>
  b.vector(w.apply("f32x4.lt", x, w.splat(limit)));
const withSign = (b: w.Builder, magnitude: w.Text, of: w.Text): w.Text =>
  b.vector(w.apply("v128.or", magnitude, w.apply("v128.and", of, SIGN)));

function horner(b: w.Builder, coefficients: readonly number[], x: w.Text): w.Text {
  const [first = 0, ...rest] = coefficients;
  return rest.reduce((y, c) => plus(b, times(b, y, x), w.splat(c)), w.splat(first));
}

/** exp before it is made canonical, of arguments within its limits. */
function plainExponential(b: w.Builder, x: w.Text): w.Text {
  const shifted = plus(b, times(b, x, w.splat(LOG2_E)), w.splat(ROUNDER));
  const n = minus(b, shifted, w.splat(ROUNDER));
  const high = minus(b, x, times(b, n, w.splat(LN2_HIGH)));
  const r = minus(b, high, times(b, n, w.splat(LN2_LOW)));
  const y = horner(b, EXP_COEFFICIENTS, r);
  return b.vector(w.apply("i32x4.add", y, w.apply("i32x4.shl", shifted, w.int(23))));
}

export function exponential(b: w.Builder, x: w.Text): w.Text {
  const limited = b.vector(
    w.apply("f32x4.pmax", w.splat(-EXP_LIMIT), w.apply("f32x4.pmin", w.splat(EXP_LIMIT), x)),
  );
  return canonical(b, plainExponential(b, limited));
}

/**
 * exp of the difference of two values of which the first is not the greater. The difference need not be canonical: a tiny one gives 1 as 0 does,
 * one beyond all limits is limited here.
 */
export function exponentialOfFall(b: w.Builder, x: w.Text, top: w.Text): w.Text {
  const limited = b.vector(w.apply("f32x4.pmax", w.splat(-EXP_LIMIT), w.apply("f32x4.sub", x, top)));
  return canonicalFraction(b, plainExponential(b, limited));
}

/** The canonical value of one from 0 to 1. */
export function canonicalFraction(b: w.Builder, x: w.Text): w.Text {
  return b.vector(w.apply("v128.and", x, w.apply("f32x4.ge", x, w.splat(SMALLEST))));
}

export function sigmoid(b: w.Builder, x: w.Text): w.Text {
  return divide(b, ONE, add(b, ONE, exponential(b, flip(b, x))));
}

export const silu = (b: w.Builder, x: w.Text): w.Text => multiply(b, x, sigmoid(b, x));

export function hyperbolicTangent(b: w.Builder, x: w.Text): w.Text {
  const magnitude = absolute(b, x);
  const z = times(b, x, x);
  const near = plus(b, times(b, times(b, horner(b, TANH_COEFFICIENTS, z), z), x), x);
  // From 0 to 20, where exp has no need of limits.
  const e = plainExponential(b, times(b, w.splat(2), lesser(b, magnitude, w.splat(TANH_LIMIT))));
  const far = withSign(b, minus(b, ONE, over(b, w.splat(2), plus(b, e, ONE))), x);
  const either = select(b, near, far, below(b, magnitude, TANH_SPLIT));
  return select(b, x, either, below(b, magnitude, TANH_TINY));
}

export function logarithm(b: w.Builder, x: w.Text): w.Text {
  const exponentWord = b.vector(
    w.apply("i32x4.shr_s", w.apply("i32x4.sub", x, w.splatBits(SQRT_HALF_BITS)), w.int(23)),
  );
  const mantissa = w.apply("i32x4.sub", x, w.apply("i32x4.shl", exponentWord, w.int(23)));
  const exponent = b.vector(w.apply("f32x4.convert_i32x4_s", exponentWord));
  const f = minus(b, mantissa, ONE);
  const z = times(b, f, f);
  const cubic = times(b, times(b, horner(b, LOG_COEFFICIENTS, f), f), z);
  const low = plus(b, cubic, times(b, exponent, w.splat(LN2_LOW)));
  const tail = minus(b, low, times(b, w.splat(0.5), z));
  const result = canonical(b, plus(b, plus(b, f, tail), times(b, exponent, w.splat(LN2_HIGH))));
  const positive = b.vector(w.apply("f32x4.gt", x, w.splat(0)));
  return select(b, result, w.splat(-LARGEST), positive);
}

export function softplus(b: w.Builder, x: w.Text): w.Text {
  const e = exponential(b, b.vector(w.apply("v128.or", x, SIGN)));
  return add(b, greater(b, w.splat(0), x), logarithm(b, add(b, ONE, e)));
}

export function errorFunction(b: w.Builder, x: w.Text): w.Text {
  const magnitude = absolute(b, x);
  const near = plus(b, times(b, horner(b, ERF_NEAR, times(b, x, x)), x), x);
  const t = lesser(b, magnitude, w.splat(ERF_LIMIT));
  const r = minus(b, times(b, horner(b, ERF_FAR, t), t), t);
  // r is from -20 to 0, where exp has no need of limits.
  const far = withSign(b, minus(b, ONE, plainExponential(b, r)), x);
  b.declare("erf", "v128");
  b.put(w.set("erf", select(b, near, far, below(b, magnitude, ERF_SPLIT))));
  // Values so small are rare: most vectors have none, and are spared the canonical steps.
  const isTiny = below(b, magnitude, ERF_TINY);
  b.when(w.apply("v128.any_true", isTiny), () => {
    const tiny = add(b, multiply(b, x, w.splat(ERF_SLOPE)), x);
    b.put(w.set("erf", select(b, tiny, w.get("erf"), isTiny)));
  });
  return b.vector(w.get("erf"));
}

export function gelu(b: w.Builder, x: w.Text): w.Text {
  const inner = add(b, ONE, errorFunction(b, multiply(b, x, w.splat(SQRT_HALF))));
  return multiply(b, multiply(b, w.splat(0.5), x), inner);
}

export function geluTanh(b: w.Builder, x: w.Text): w.Text {
  const inner = add(b, multiply(b, w.splat(GELU_CUBIC), multiply(b, x, x)), ONE);
  const u = multiply(b, multiply(b, w.splat(GELU_SCALE), x), inner);
  return divide(b, x, add(b, ONE, exponential(b, flip(b, u))));
}

/** 1 or 0 as an integer word, from a mask. */
export const truth = (b: w.Builder, mask: w.Text): w.Text =>
  b.vector(w.apply("v128.and", mask, w.splatBits(1)));

/** -1, 0 or 1 as a float. */
export function sign(b: w.Builder, x: w.Text): w.Text {
  const one = withSign(b, ONE, x);
  return b.vector(w.apply("v128.and", one, w.apply("f32x4.ne", x, w.splat(0))));
}

/** All bits set where the word is not zero. */
export const nonZero = (x: w.Text): w.Text => w.apply("i32x4.ne", x, w.splatBits(0));
