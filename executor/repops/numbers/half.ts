/**
 * binary16 and bfloat16 from and to binary32, by their bits (SPEC 7.4).
 *
 * @module
 */
import { bitsOf, fromBits } from "./bits.ts";

/** The value of a binary16 bit pattern, exact (infinities and NaN included). */
export function halfToFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}

/** The binary16 bit pattern nearest to a canonical value, ties to even; 65520 and more give infinity. */
export function floatToHalf(value: number): number {
  const sign = value < 0 ? 0x8000 : 0;
  const magnitude = Math.abs(value);
  if (magnitude >= 65520) return sign | 0x7c00;
  if (magnitude < 2 ** -14) return sign | roundHalfEven(magnitude * 2 ** 24);
  const bits = bitsOf(magnitude);
  const rounded = bits + 0xfff + ((bits >>> 13) & 1);
  return sign | ((rounded >>> 13) - (112 << 10));
}

/** The value of a bfloat16 bit pattern, exact. */
export function bfloatToFloat(bits: number): number {
  return fromBits(bits * 65536);
}

/** The bfloat16 bit pattern nearest to a canonical value, ties to even. */
export function floatToBfloat(value: number): number {
  const bits = bitsOf(value);
  return (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16;
}

/** The nearest integer, ties to even; exact below 2^52. */
export function roundHalfEven(value: number): number {
  const lower = Math.floor(value);
  const fraction = value - lower;
  if (fraction < 0.5) return lower;
  if (fraction > 0.5) return lower + 1;
  return lower % 2 === 0 ? lower : lower + 1;
}
