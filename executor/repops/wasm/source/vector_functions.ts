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
import { apply, type Builder, get, int, set, splat, splatBits, type Text } from "./builder.ts";

const SIGN = splatBits(0x80000000);
const ONE = splat(1);

/** A step rounded to binary32, its result left as it is. */
const plain = (instruction: string) => (b: Builder, x: Text, y: Text): Text =>
  b.vector(apply(`f32x4.${instruction}`, x, y));
const plus = plain("add");
const minus = plain("sub");
const times = plain("mul");
const over = plain("div");

/** NaN and small magnitudes become +0, large ones are limited: `pmin` and `pmax` keep NaN out of the way of the mask. */
export function canonical(b: Builder, x: Text): Text {
  const limited = apply("f32x4.pmax", splat(-LARGEST), apply("f32x4.pmin", splat(LARGEST), x));
  const kept = apply("f32x4.ge", apply("f32x4.abs", x), splat(SMALLEST));
  return b.vector(apply("v128.and", limited, kept));
}

const canonicalStep = (step: typeof plus) => (b: Builder, x: Text, y: Text): Text =>
  canonical(b, step(b, x, y));

/** Canonical arithmetic (SPEC 2). */
export const add = canonicalStep(plus);
export const subtract = canonicalStep(minus);
export const multiply = canonicalStep(times);
export const divide = canonicalStep(over);
export const squareRoot = (b: Builder, x: Text): Text => canonical(b, b.vector(apply("f32x4.sqrt", x)));

export const absolute = (b: Builder, x: Text): Text => b.vector(apply("f32x4.abs", x));
export const greater = (b: Builder, x: Text, y: Text): Text => b.vector(apply("f32x4.pmax", x, y));
export const lesser = (b: Builder, x: Text, y: Text): Text => b.vector(apply("f32x4.pmin", x, y));
/** The sign bit turned over: +0 becomes -0, which only steps that do not care may see. */
const flip = (b: Builder, x: Text): Text => b.vector(apply("v128.xor", x, SIGN));
export const negate = (b: Builder, x: Text): Text => canonical(b, flip(b, x));
const select = (b: Builder, yes: Text, no: Text, mask: Text): Text =>
  b.vector(apply("v128.bitselect", yes, no, mask));
const below = (b: Builder, x: Text, limit: number): Text => b.vector(apply("f32x4.lt", x, splat(limit)));
const withSign = (b: Builder, magnitude: Text, of: Text): Text =>
  b.vector(apply("v128.or", magnitude, apply("v128.and", of, SIGN)));

function horner(b: Builder, coefficients: readonly number[], x: Text): Text {
  const [first = 0, ...rest] = coefficients;
  return rest.reduce((y, c) => plus(b, times(b, y, x), splat(c)), splat(first));
}

/** exp before it is made canonical, of arguments within its limits. */
function plainExponential(b: Builder, x: Text): Text {
  const shifted = plus(b, times(b, x, splat(LOG2_E)), splat(ROUNDER));
  const n = minus(b, shifted, splat(ROUNDER));
  const high = minus(b, x, times(b, n, splat(LN2_HIGH)));
  const r = minus(b, high, times(b, n, splat(LN2_LOW)));
  const y = horner(b, EXP_COEFFICIENTS, r);
  return b.vector(apply("i32x4.add", y, apply("i32x4.shl", shifted, int(23))));
}

export function exponential(b: Builder, x: Text): Text {
  const limited = b.vector(
    apply("f32x4.pmax", splat(-EXP_LIMIT), apply("f32x4.pmin", splat(EXP_LIMIT), x)),
  );
  return canonical(b, plainExponential(b, limited));
}

/**
 * exp of the difference of two values of which the first is not the greater. The difference need not be canonical: a tiny one gives 1 as 0 does,
 * one beyond all limits is limited here.
 */
export function exponentialOfFall(b: Builder, x: Text, top: Text): Text {
  const limited = b.vector(apply("f32x4.pmax", splat(-EXP_LIMIT), apply("f32x4.sub", x, top)));
  return canonicalFraction(b, plainExponential(b, limited));
}

/** The canonical value of one from 0 to 1. */
export function canonicalFraction(b: Builder, x: Text): Text {
  return b.vector(apply("v128.and", x, apply("f32x4.ge", x, splat(SMALLEST))));
}

export function sigmoid(b: Builder, x: Text): Text {
  return divide(b, ONE, add(b, ONE, exponential(b, flip(b, x))));
}

export const silu = (b: Builder, x: Text): Text => multiply(b, x, sigmoid(b, x));

export function hyperbolicTangent(b: Builder, x: Text): Text {
  const magnitude = absolute(b, x);
  const z = times(b, x, x);
  const near = plus(b, times(b, times(b, horner(b, TANH_COEFFICIENTS, z), z), x), x);
  // From 0 to 20, where exp has no need of limits.
  const e = plainExponential(b, times(b, splat(2), lesser(b, magnitude, splat(TANH_LIMIT))));
  const far = withSign(b, minus(b, ONE, over(b, splat(2), plus(b, e, ONE))), x);
  const either = select(b, near, far, below(b, magnitude, TANH_SPLIT));
  return select(b, x, either, below(b, magnitude, TANH_TINY));
}

export function logarithm(b: Builder, x: Text): Text {
  const exponentWord = b.vector(
    apply("i32x4.shr_s", apply("i32x4.sub", x, splatBits(SQRT_HALF_BITS)), int(23)),
  );
  const mantissa = apply("i32x4.sub", x, apply("i32x4.shl", exponentWord, int(23)));
  const exponent = b.vector(apply("f32x4.convert_i32x4_s", exponentWord));
  const f = minus(b, mantissa, ONE);
  const z = times(b, f, f);
  const cubic = times(b, times(b, horner(b, LOG_COEFFICIENTS, f), f), z);
  const low = plus(b, cubic, times(b, exponent, splat(LN2_LOW)));
  const tail = minus(b, low, times(b, splat(0.5), z));
  const result = canonical(b, plus(b, plus(b, f, tail), times(b, exponent, splat(LN2_HIGH))));
  const positive = b.vector(apply("f32x4.gt", x, splat(0)));
  return select(b, result, splat(-LARGEST), positive);
}

export function softplus(b: Builder, x: Text): Text {
  const e = exponential(b, b.vector(apply("v128.or", x, SIGN)));
  return add(b, greater(b, splat(0), x), logarithm(b, add(b, ONE, e)));
}

export function errorFunction(b: Builder, x: Text): Text {
  const magnitude = absolute(b, x);
  const near = plus(b, times(b, horner(b, ERF_NEAR, times(b, x, x)), x), x);
  const t = lesser(b, magnitude, splat(ERF_LIMIT));
  const r = minus(b, times(b, horner(b, ERF_FAR, t), t), t);
  // r is from -20 to 0, where exp has no need of limits.
  const far = withSign(b, minus(b, ONE, plainExponential(b, r)), x);
  b.declare("erf", "v128");
  b.put(set("erf", select(b, near, far, below(b, magnitude, ERF_SPLIT))));
  // Values so small are rare: most vectors have none, and are spared the canonical steps.
  const isTiny = below(b, magnitude, ERF_TINY);
  b.when(apply("v128.any_true", isTiny), () => {
    const tiny = add(b, multiply(b, x, splat(ERF_SLOPE)), x);
    b.put(set("erf", select(b, tiny, get("erf"), isTiny)));
  });
  return b.vector(get("erf"));
}

export function gelu(b: Builder, x: Text): Text {
  const inner = add(b, ONE, errorFunction(b, multiply(b, x, splat(SQRT_HALF))));
  return multiply(b, multiply(b, splat(0.5), x), inner);
}

export function geluTanh(b: Builder, x: Text): Text {
  const inner = add(b, multiply(b, splat(GELU_CUBIC), multiply(b, x, x)), ONE);
  const u = multiply(b, multiply(b, splat(GELU_SCALE), x), inner);
  return divide(b, x, add(b, ONE, exponential(b, flip(b, u))));
}

/** 1 or 0 as an integer word, from a mask. */
export const truth = (b: Builder, mask: Text): Text => b.vector(apply("v128.and", mask, splatBits(1)));

/** -1, 0 or 1 as a float. */
export function sign(b: Builder, x: Text): Text {
  const one = withSign(b, ONE, x);
  return b.vector(apply("v128.and", one, apply("f32x4.ne", x, splat(0))));
}

/** All bits set where the word is not zero. */
export const nonZero = (x: Text): Text => apply("i32x4.ne", x, splatBits(0));
