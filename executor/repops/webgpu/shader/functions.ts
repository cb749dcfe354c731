/**
 * The numbers of SPEC 1 to 5 as WGSL functions. Each follows its definition in `numbers/` step by step.
 *
 * A function's text is included in a shader only where it is called, since drivers are slow to compile what nobody needs.
 *
 * @module
 */
import {
  bitsOf,
  DROPPED_BITS,
  ERF_FAR,
  ERF_LIMIT,
  ERF_NEAR,
  ERF_SLOPE,
  ERF_SPLIT,
  ERF_TINY,
  EXACT_EXPONENT_LIMIT,
  EXP_COEFFICIENTS,
  EXP_LIMIT,
  FACTOR_LARGEST_BITS,
  FACTOR_SMALLEST_BITS,
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
import { horner } from "./horner.ts";
import { float, word } from "./literals.ts";
import { trigonometric } from "./trigonometric.ts";

const LARGEST_BITS = word(bitsOf(LARGEST));
const SMALLEST_BITS = word(bitsOf(SMALLEST));

/**
 * Corrections of an estimated quotient or root: WGSL promises a division within 2.5 units in the last place, and a root by way of
 * a reciprocal within 5; four times that is allowed for.
 */
const CORRECTIONS = 16;

const arithmetic = {
  /** A value that no compiler can see through: the first parameter is 0. */
  guard: `fn guard(x: f32) -> f32 { return bitcast<f32>(bitcast<u32>(x) ^ P[0].x); }`,
  guard4:
    `fn guard4(x: vec4<f32>) -> vec4<f32> { return bitcast<vec4<f32>>(bitcast<vec4<u32>>(x) ^ vec4<u32>(P[0].x)); }`,
  canonicalBits: `fn canonicalBits(x: u32) -> u32 {
  let magnitude = x & 0x7fffffffu;
  if (magnitude < ${SMALLEST_BITS} || magnitude > 0x7f800000u) { return 0u; }
  return select(x, (x & 0x80000000u) | ${LARGEST_BITS}, magnitude > ${LARGEST_BITS});
}`,
  canonical: `fn canonical(x: f32) -> f32 { return bitcast<f32>(canonicalBits(bitcast<u32>(x) ^ P[0].x)); }`,
  plus: `fn plus(a: f32, b: f32) -> f32 { return guard(a + b); }`,
  minus: `fn minus(a: f32, b: f32) -> f32 { return guard(a - b); }`,
  times: `fn times(a: f32, b: f32) -> f32 { return guard(a * b); }`,
  add: `fn add(a: f32, b: f32) -> f32 { return canonical(a + b); }`,
  subtract: `fn subtract(a: f32, b: f32) -> f32 { return canonical(a - b); }`,
  multiply: `fn multiply(a: f32, b: f32) -> f32 { return canonical(a * b); }`,
  flip: `fn flip(x: f32) -> f32 { return bitcast<f32>(bitcast<u32>(x) ^ 0x80000000u); }`,
  negate: `fn negate(x: f32) -> f32 { return canonical(flip(x)); }`,
  magnitudeOf: `fn magnitudeOf(x: f32) -> f32 { return bitcast<f32>(bitcast<u32>(x) & 0x7fffffffu); }`,
  withSign:
    `fn withSign(x: f32, sign: f32) -> f32 { return bitcast<f32>(bitcast<u32>(x) | (bitcast<u32>(sign) & 0x80000000u)); }`,
  /** The quotient's 24 bits by estimate, then corrected by the integer remainder; it never lies halfway between two floats. */
  divide: `fn divide(a: f32, b: f32) -> f32 {
  let sign = (bitcast<u32>(a) ^ bitcast<u32>(b)) & 0x80000000u;
  let top = bitcast<u32>(a) & 0x7fffffffu;
  let bottom = bitcast<u32>(b) & 0x7fffffffu;
  if (top == 0u) { return 0.0; }
  if (bottom == 0u) { return bitcast<f32>(sign | ${LARGEST_BITS}); }
  var n = (top & 0x7fffffu) | 0x800000u;
  let d = (bottom & 0x7fffffu) | 0x800000u;
  var exponent = i32(top >> 23u) - i32(bottom >> 23u);
  if (n < d) { n = n << 1u; exponent = exponent - 1; }
  if (exponent < -101) { return 0.0; }
  if (exponent > 100) { return bitcast<f32>(sign | ${LARGEST_BITS}); }
  var q = u32(clamp((f32(n) / f32(d)) * 8388608.0, 8388608.0, 16777215.0));
  var rest = bitcast<i32>((n << 23u) - q * d);
  for (var i = 0; i < ${CORRECTIONS}; i = i + 1) {
    if (rest < 0) { q = q - 1u; rest = rest + i32(d); }
    else if (rest >= i32(d)) { q = q + 1u; rest = rest - i32(d); }
    else { break; }
  }
  if (2 * rest > i32(d)) { q = q + 1u; }
  return bitcast<f32>(canonicalBits(sign | ((u32(exponent + 127) << 23u) + (q - 0x800000u))));
}`,
  squareRoot: `fn squareRoot(a: f32) -> f32 {
  let x = bitcast<u32>(a);
  if (x == 0u || (x >> 31u) == 1u) { return 0.0; }
  var exponent = i32(x >> 23u) - 127;
  var n = (x & 0x7fffffu) | 0x800000u;
  if ((exponent & 1) != 0) { n = n << 1u; exponent = exponent - 1; }
  var root = u32(clamp(sqrt(f32(n) * 8388608.0), 8388608.0, 16777215.0));
  var rest = bitcast<i32>((n << 23u) - root * root);
  for (var i = 0; i < ${CORRECTIONS}; i = i + 1) {
    if (rest < 0) { root = root - 1u; rest = rest + i32(2u * root + 1u); }
    else if (rest > i32(2u * root)) { rest = rest - i32(2u * root + 1u); root = root + 1u; }
    else { break; }
  }
  if (rest > i32(root)) { root = root + 1u; }
  return bitcast<f32>((u32(exponent / 2 + 127) << 23u) + (root - 0x800000u));
}`,
};

const transcendental = {
  exponential: `fn exponential(x: f32) -> f32 {
  let limited = max(${float(-EXP_LIMIT)}, min(${float(EXP_LIMIT)}, x));
  let shifted = plus(times(limited, ${float(LOG2_E)}), ${float(ROUNDER)});
  let n = minus(shifted, ${float(ROUNDER)});
  let r = minus(minus(limited, times(n, ${float(LN2_HIGH)})), times(n, ${float(LN2_LOW)}));
  let y = ${horner(EXP_COEFFICIENTS, "r")};
  return bitcast<f32>(canonicalBits(bitcast<u32>(y) + (bitcast<u32>(shifted) << 23u)));
}`,
  logarithm: `fn logarithm(x: f32) -> f32 {
  if (x <= 0.0) { return ${float(-LARGEST)}; }
  let exponent = bitcast<i32>(bitcast<u32>(x) - ${word(SQRT_HALF_BITS)}) >> 23u;
  let f = minus(bitcast<f32>(bitcast<u32>(x) - (bitcast<u32>(exponent) << 23u)), 1.0);
  let e = f32(exponent);
  let z = times(f, f);
  let p = ${horner(LOG_COEFFICIENTS, "f")};
  let low = plus(times(times(p, f), z), times(e, ${float(LN2_LOW)}));
  let tail = minus(low, times(0.5, z));
  return canonical(plus(plus(f, tail), times(e, ${float(LN2_HIGH)})));
}`,
  hyperbolicTangent: `fn hyperbolicTangent(x: f32) -> f32 {
  let size = magnitudeOf(x);
  if (size < ${float(TANH_TINY)}) { return x; }
  if (size < ${float(TANH_SPLIT)}) {
    let z = times(x, x);
    let p = ${horner(TANH_COEFFICIENTS, "z")};
    return plus(times(times(p, z), x), x);
  }
  let e = exponential(2.0 * min(size, ${float(TANH_LIMIT)}));
  return withSign(minus(1.0, divide(2.0, plus(e, 1.0))), x);
}`,
  errorFunction: `fn errorFunction(x: f32) -> f32 {
  let size = magnitudeOf(x);
  if (size < ${float(ERF_TINY)}) { return add(multiply(x, ${float(ERF_SLOPE)}), x); }
  if (size < ${float(ERF_SPLIT)}) {
    let z = times(x, x);
    return plus(times(${horner(ERF_NEAR, "z")}, x), x);
  }
  let t = min(size, ${float(ERF_LIMIT)});
  let r = minus(times(${horner(ERF_FAR, "t")}, t), t);
  return withSign(minus(1.0, exponential(r)), x);
}`,
};

const composed = {
  sigmoid: `fn sigmoid(x: f32) -> f32 { return divide(1.0, add(1.0, exponential(flip(x)))); }`,
  softplus: `fn softplus(x: f32) -> f32 {
  return add(max(x, 0.0), logarithm(add(1.0, exponential(flip(magnitudeOf(x))))));
}`,
  gelu: `fn gelu(x: f32) -> f32 {
  return multiply(multiply(0.5, x), add(1.0, errorFunction(multiply(x, ${float(SQRT_HALF)}))));
}`,
  geluTanh: `fn geluTanh(x: f32) -> f32 {
  let inner = add(multiply(${float(GELU_CUBIC)}, multiply(x, x)), 1.0);
  return divide(x, add(1.0, exponential(flip(multiply(multiply(${float(GELU_SCALE)}, x), inner)))));
}`,
  elu:
    `fn elu(x: f32, alpha: f32) -> f32 { return select(multiply(alpha, subtract(exponential(x), 1.0)), x, x > 0.0); }`,
  hardSigmoid: `fn hardSigmoid(x: f32, alpha: f32, beta: f32) -> f32 {
  return max(0.0, min(1.0, add(multiply(alpha, x), beta)));
}`,
};

const whole = {
  /** A whole or half exponent by squaring, others through exp and log (SPEC 5.7). */
  power: `fn power(x: f32, y: f32) -> f32 {
  let size = magnitudeOf(y);
  let whole = floor(size);
  if (size <= ${float(EXACT_EXPONENT_LIMIT)} && (size == whole || size - whole == 0.5)) {
    var result = 1.0;
    var base = x;
    for (var rest = u32(whole); rest > 0u; rest = rest >> 1u) {
      if ((rest & 1u) == 1u) { result = multiply(result, base); }
      if (rest > 1u) { base = multiply(base, base); }
    }
    if (size != whole) {
      if (x < 0.0) { return 0.0; }
      result = multiply(result, squareRoot(x));
    }
    if (y < 0.0) { result = divide(1.0, result); }
    return result;
  }
  if (x == 0.0) { return select(${float(LARGEST)}, 0.0, y > 0.0); }
  let p = exponential(multiply(y, logarithm(magnitudeOf(x))));
  if (x > 0.0) { return p; }
  if (size != whole) { return 0.0; }
  // From 2^24 on all floats are even.
  if (size < 16777216.0 && (u32(size) & 1u) == 1u) { return negate(p); }
  return p;
}`,
  integerPower: `fn integerPower(a: i32, b: i32) -> i32 {
  if (b < 0) { return select(select(0, select(-1, 1, (b & 1) == 0), a == -1), 1, a == 1); }
  var result = 1;
  var base = a;
  for (var rest = b; rest > 0; rest = rest >> 1u) {
    if ((rest & 1) == 1) { result = result * base; }
    base = base * base;
  }
  return result;
}`,
  /** The exact rest of a division, with the dividend's sign: eight bits of the quotient at a time. */
  remainderOf: `fn remainderOf(a: f32, b: f32) -> f32 {
  let top = bitcast<u32>(a) & 0x7fffffffu;
  let bottom = bitcast<u32>(b) & 0x7fffffffu;
  if (bottom == 0u || top == 0u) { return 0.0; }
  if (top < bottom) { return a; }
  let d = (bottom & 0x7fffffu) | 0x800000u;
  var n = ((top & 0x7fffffu) | 0x800000u) % d;
  for (var steps = (top >> 23u) - (bottom >> 23u); steps > 0u;) {
    let by = min(steps, 8u);
    n = (n << by) % d;
    steps = steps - by;
  }
  if (n == 0u) { return 0.0; }
  let lead = countLeadingZeros(n) - 8u;
  if ((bottom >> 23u) < lead) { return 0.0; }
  let magnitude = (((bottom >> 23u) - lead) << 23u) + ((n << lead) - 0x800000u);
  return bitcast<f32>(canonicalBits(magnitude | (bitcast<u32>(a) & 0x80000000u)));
}`,
  remainderInt: `fn remainderInt(a: i32, b: i32) -> i32 {
  if (b == 0 || b == -1) { return 0; }
  return a % b;
}`,
  flooredRemainder: `fn flooredRemainder(a: i32, b: i32) -> i32 {
  let rest = remainderInt(a, b);
  return select(rest + b, rest, rest == 0 || (rest < 0) == (b < 0));
}`,
};

const conversions = {
  /** To nearest, ties to even, by integers: WGSL leaves the rounding open. */
  floatOfInt: `fn floatOfInt(x: i32) -> f32 {
  let magnitude = select(u32(x), 0u - u32(x), x < 0);
  if (magnitude == 0u) { return 0.0; }
  let top = 31u - countLeadingZeros(magnitude);
  var kept = magnitude;
  if (top > 23u) {
    let surplus = top - 23u;
    let rest = magnitude & ((1u << surplus) - 1u);
    let half = 1u << (surplus - 1u);
    kept = magnitude >> surplus;
    if (rest > half || (rest == half && (kept & 1u) == 1u)) { kept = kept + 1u; }
  } else { kept = magnitude << (23u - top); }
  return bitcast<f32>(select(0u, 0x80000000u, x < 0) | (((top + 127u) << 23u) + (kept - 0x800000u)));
}`,
  intOfFloat: `fn intOfFloat(x: f32) -> i32 {
  if (x >= 2147483648.0) { return 2147483647; }
  if (x < -2147483648.0) { return bitcast<i32>(0x80000000u); }
  return i32(x);
}`,
  /** The factor that a value is in a product of `high` (SPEC 3.1). */
  factor_high: `fn factor_high(x: u32) -> f32 {
  let m = min(x & 0x7fffffffu, ${word(FACTOR_LARGEST_BITS)});
  let kept = (m + 0x7ffu + ((m >> ${DROPPED_BITS}u) & 1u)) & 0xfffff000u;
  return bitcast<f32>((x & 0x80000000u) | select(kept, 0u, m < ${word(FACTOR_SMALLEST_BITS)}));
}`,
  factor_highest: `fn factor_highest(x: u32) -> f32 {
  let m = min(x & 0x7fffffffu, ${word(FACTOR_LARGEST_BITS)});
  return bitcast<f32>((x & 0x80000000u) | select(m, 0u, m < ${word(FACTOR_SMALLEST_BITS)}));
}`,
};

/** Every function, in an order in which each needs only those before it. */
const FUNCTIONS: readonly (readonly [string, string])[] = [
  ...Object.entries(arithmetic),
  ...Object.entries(transcendental),
  ...Object.entries(trigonometric),
  ...Object.entries(composed),
  ...Object.entries(whole),
  ...Object.entries(conversions),
];

/** The texts of all functions that a text calls, and that those call. */
export function functionsFor(text: string): string {
  let needed = text;
  const chosen: string[] = [];
  for (const [name, body] of FUNCTIONS.toReversed()) {
    if (!new RegExp(`\\b${name}\\(`).test(needed)) continue;
    chosen.push(body);
    needed += body;
  }
  return chosen.toReversed().join("\n");
}
