/**
 * Sine and cosine (SPEC 5.6), with an exact integer argument reduction that serves the whole value domain.
 *
 * @module
 */
import { bitsOf, fromBits } from "./bits.ts";
import { canonical } from "./canonical.ts";
import { coefficients, horner } from "./polynomial.ts";

/** floor(2^192 * 2/pi): enough for arguments up to 2^100 with 62 bits of the fraction left. */
export const TWO_OVER_PI = 0xa2f9836e4e441529fc2757d1f534ddc0db6295993c439041n;
const TWO_OVER_PI_BITS = 192n;
/** A quarter turn is 2^62 units: two bits above it count quarters, in a word of 64. */
const QUARTER_BITS = 62n;
/** pi/2. */
export const HALF_PI = fromBits(0x3fc90fdb);
/** pi/4: smaller arguments are not reduced. */
export const QUARTER_PI = fromBits(0x3f490fdb);
/** Below this magnitude sin(x) = x and cos(x) = 1 are correctly rounded. */
export const SINE_TINY = 2 ** -13;
/** (sin(r)/r - 1)/r^2 as a polynomial in r^2 (S. Moshier, Cephes `sinf`). */
export const SIN_COEFFICIENTS = coefficients(0xb94ca1f9, 0x3c08839e, 0xbe2aaaa3);
/** (cos(r) - 1 + r^2/2)/r^4 as a polynomial in r^2 (Cephes `cosf`). */
export const COS_COEFFICIENTS = coefficients(0x37ccf5ce, 0xbab6061a, 0x3d2aaaa5);

const { fround } = Math;

/** sin x of a canonical x, within 2.7 units in the last place. */
export function sine(x: number): number {
  const { quarters, rest } = reduce(Math.abs(x));
  const magnitude = quarters % 2 === 0 ? sineOfRest(rest) : cosineOfRest(rest);
  const negative = (quarters >= 2) !== (x < 0);
  return canonical(negative ? -magnitude : magnitude);
}

/** cos x of a canonical x, within 2.7 units in the last place. */
export function cosine(x: number): number {
  const { quarters, rest } = reduce(Math.abs(x));
  const magnitude = quarters % 2 === 0 ? cosineOfRest(rest) : sineOfRest(rest);
  return canonical(quarters === 1 || quarters === 2 ? -magnitude : magnitude);
}

/** x = (4k + quarters) * pi/2 + rest with |rest| <= pi/4 (about), for x >= 0. */
function reduce(x: number): { quarters: number; rest: number } {
  if (x <= QUARTER_PI) return { quarters: 0, rest: x };
  const bits = bitsOf(x);
  const significand = BigInt((bits & 0x7fffff) | 0x800000);
  const exponent = BigInt((bits >>> 23) - 150);
  const turns = (significand * TWO_OVER_PI) >> (TWO_OVER_PI_BITS - QUARTER_BITS - exponent);
  const rounded = turns + (1n << (QUARTER_BITS - 1n));
  const quarters = Number((rounded >> QUARTER_BITS) & 3n);
  const fraction = turns - ((rounded >> QUARTER_BITS) << QUARTER_BITS);
  return { quarters, rest: fround(roundToFloat(fraction) * HALF_PI) };
}

/** fraction * 2^-62 rounded once to binary32. */
function roundToFloat(fraction: bigint): number {
  const magnitude = fraction < 0n ? -fraction : fraction;
  const surplus = BigInt(Math.max(0, magnitude.toString(2).length - 24));
  const half = surplus === 0n ? 0n : 1n << (surplus - 1n);
  const kept = magnitude >> surplus;
  const rest = magnitude - (kept << surplus);
  const up = rest > half || (rest === half && half > 0n && (kept & 1n) === 1n);
  const value = Number(kept + (up ? 1n : 0n)) * 2 ** (Number(surplus) - 62);
  return fraction < 0n ? -value : value;
}

function sineOfRest(r: number): number {
  if (Math.abs(r) < SINE_TINY) return r;
  const z = fround(r * r);
  return fround(fround(fround(horner(SIN_COEFFICIENTS, z) * z) * r) + r);
}

function cosineOfRest(r: number): number {
  if (Math.abs(r) < SINE_TINY) return 1;
  const z = fround(r * r);
  const quartic = fround(fround(horner(COS_COEFFICIENTS, z) * z) * z);
  return fround(fround(quartic - fround(0.5 * z)) + 1);
}
