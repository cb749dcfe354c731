/**
 * Sine and cosine as WGSL functions (SPEC 5.6): the argument is reduced by integers of 64 bits, two words each.
 *
 * @module
 */
import {
  bitsOf,
  COS_COEFFICIENTS,
  HALF_PI,
  QUARTER_PI,
  SIN_COEFFICIENTS,
  SINE_TINY,
  TWO_OVER_PI,
} from "../../numbers/mod.ts";
import { horner } from "./horner.ts";
import { float, word } from "./literals.ts";

/** Words of 2/pi's 192 bits, the lowest first. */
const LIMBS = Array.from({ length: 6 }, (_, i) => Number((TWO_OVER_PI >> BigInt(32 * i)) & 0xffffffffn));

/**
 * Where the 64 bits that count start in the product of x's integer and 2/pi: 130 - e bits up, with e the exponent field less 150.
 */
const FIRST_BIT = 130 + 150;

/** Functions by name, each needs only those before it. */
export const trigonometric: Readonly<Record<string, string>> = {
  /** The product of two words, low word first. */
  wideProduct: `fn wideProduct(a: u32, b: u32) -> vec2<u32> {
  let low = (a & 0xffffu) * (b & 0xffffu);
  let left = (a >> 16u) * (b & 0xffffu);
  let right = (a & 0xffffu) * (b >> 16u);
  let middle = (low >> 16u) + (left & 0xffffu) + (right & 0xffffu);
  let high = (a >> 16u) * (b >> 16u) + (left >> 16u) + (right >> 16u) + (middle >> 16u);
  return vec2<u32>((low & 0xffffu) | (middle << 16u), high);
}`,
  /** A positive number in quarter turns with 62 bits behind the point, whole turns dropped; low word first. */
  quarterTurns: `fn quarterTurns(bits: u32) -> vec2<u32> {
  let whole = (bits & 0x7fffffu) | 0x800000u;
  var product: array<u32, 8>;
  var carry = 0u;
  var partial: vec2<u32>;
${
    LIMBS.map((limb, i) =>
      `  partial = wideProduct(whole, ${word(limb)});
  product[${i}] = partial.x + carry;
  carry = partial.y + select(0u, 1u, product[${i}] < carry);`
    ).join("\n")
  }
  product[6] = carry;
  product[7] = 0u;
  let first = ${FIRST_BIT}u - (bits >> 23u);
  let at = first >> 5u;
  let shift = first & 31u;
  let words = vec3<u32>(product[at], product[at + 1u], product[at + 2u]);
  if (shift == 0u) { return words.xy; }
  return (words.xy >> vec2<u32>(shift)) | (words.yz << vec2<u32>(32u - shift));
}`,
  /** A signed integer of 64 bits, times 2^-62, rounded to nearest, ties to even. */
  floatOfFraction: `fn floatOfFraction(given: vec2<u32>) -> f32 {
  let negative = (given.y >> 31u) == 1u;
  var low = given.x;
  var high = given.y;
  if (negative) {
    low = 0u - given.x;
    high = ~given.y + select(0u, 1u, given.x == 0u);
  }
  if ((low | high) == 0u) { return 0.0; }
  var exponent = 128u;
  if (high == 0u) { high = low; low = 0u; exponent = 96u; }
  let lead = countLeadingZeros(high);
  if (lead > 0u) {
    high = (high << lead) | (low >> (32u - lead));
    low = low << lead;
  }
  var kept = high >> 8u;
  let rest = high & 0xffu;
  if (rest > 0x80u || (rest == 0x80u && (low > 0u || (kept & 1u) == 1u))) { kept = kept + 1u; }
  let bits = ((exponent - lead) << 23u) + (kept - 0x800000u);
  return bitcast<f32>(bits | select(0u, 0x80000000u, negative));
}`,
  sineOfRest: `fn sineOfRest(r: f32) -> f32 {
  if (magnitudeOf(r) < ${float(SINE_TINY)}) { return r; }
  let z = times(r, r);
  return plus(times(times(${horner(SIN_COEFFICIENTS, "z")}, z), r), r);
}`,
  cosineOfRest: `fn cosineOfRest(r: f32) -> f32 {
  if (magnitudeOf(r) < ${float(SINE_TINY)}) { return 1.0; }
  let z = times(r, r);
  let quartic = times(times(${horner(COS_COEFFICIENTS, "z")}, z), z);
  return plus(minus(quartic, times(0.5, z)), 1.0);
}`,
  /** The sine of a number some quarter turns further on: 0 for sine, 1 for cosine. The quarter's sign comes with it. */
  sineAfter: `fn sineAfter(size: f32, quarters: u32) -> f32 {
  var quarter = quarters;
  var rest = size;
  if (bitcast<u32>(size) > ${word(bitsOf(QUARTER_PI))}) {
    let turns = quarterTurns(bitcast<u32>(size));
    let nearest = (turns.y + 0x20000000u) >> 30u;
    rest = times(floatOfFraction(vec2<u32>(turns.x, turns.y - (nearest << 30u))), ${float(HALF_PI)});
    quarter = quarter + nearest;
  }
  var value = sineOfRest(rest);
  if ((quarter & 1u) == 1u) { value = cosineOfRest(rest); }
  return select(value, flip(value), (quarter & 2u) == 2u);
}`,
  sine: `fn sine(x: f32) -> f32 {
  let value = sineAfter(magnitudeOf(x), 0u);
  return canonical(select(value, flip(value), x < 0.0));
}`,
  cosine: `fn cosine(x: f32) -> f32 { return canonical(sineAfter(magnitudeOf(x), 1u)); }`,
};
