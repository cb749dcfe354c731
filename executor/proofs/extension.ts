/**
 * GF(p^4), p = 2^31 - 1, in which challenges are drawn: p alone is too small, and repeating a proof does not add up under Fiat-Shamir, where a
 * cheat may try each repetition apart.
 *
 * It is the tower of Haböck, Levit and Papini, "Circle STARKs" (2024), section 2: GF(p)(i), i^2 = -1, since p = 3 mod 4; over it u^2 = 2 + i,
 * which is no square since its norm 5 is none modulo p. An element (a, b, c, d) is a + b i + (c + d i) u.
 *
 * @module
 */
import { minus, P, plus, reduce } from "./mersenne.ts";

/** An element: four of the prime field. */
export type Element = readonly [number, number, number, number];

export const ZERO: Element = [0, 0, 0, 0];
export const ONE: Element = [1, 0, 0, 0];

/** The element of a prime field's. */
export const element = (x: number): Element => [x, 0, 0, 0];

/** x + y. */
export function add(x: Element, y: Element): Element {
  return [plus(x[0], y[0]), plus(x[1], y[1]), plus(x[2], y[2]), plus(x[3], y[3])];
}

/** x - y. */
export function subtract(x: Element, y: Element): Element {
  return [minus(x[0], y[0]), minus(x[1], y[1]), minus(x[2], y[2]), minus(x[3], y[3])];
}

/**
 * x y. Each limb of it is a sum of four products, which are added up before they are reduced: by 16-bit halves of y, every product stays below
 * 2^50, and so do the sums.
 */
export function multiply(x: Element, y: Element): Element {
  const [a, b, c, d] = x, [e, f, g, h] = y;
  const [e1, f1, g1, h1] = [e >>> 16, f >>> 16, g >>> 16, h >>> 16];
  const [e0, f0, g0, h0] = [e & 0xffff, f & 0xffff, g & 0xffff, h & 0xffff];
  // (p + q u)(r + s u) = pr + (2 + i) qs + (ps + qr) u, and (2 + i)(g + h i) = (2g - h) + (2h + g) i.
  const [real1, real0] = [2 * g1 - h1, 2 * g0 - h0];
  const [imaginary1, imaginary0] = [2 * h1 + g1, 2 * h0 + g0];
  return [
    joined(
      a * e1 - b * f1 + (c * real1 - d * imaginary1),
      a * e0 - b * f0 + (c * real0 - d * imaginary0),
    ),
    joined(
      a * f1 + b * e1 + (c * imaginary1 + d * real1),
      a * f0 + b * e0 + (c * imaginary0 + d * real0),
    ),
    joined(a * g1 - b * h1 + (c * e1 - d * f1), a * g0 - b * h0 + (c * e0 - d * f0)),
    joined(a * h1 + b * g1 + (c * f1 + d * e1), a * h0 + b * g0 + (c * f0 + d * e0)),
  ];
}

/** high 2^16 + low, each of magnitude at most 2^52. */
function joined(high: number, low: number): number {
  return reduce(reduce(high) * 65536 + low);
}

/** Whether two elements are the same. */
export function equals(x: Element, y: Element): boolean {
  return x.every((limb, i) => limb === y[i]);
}

/** Bytes of an element: four limbs, little-endian. */
export const ELEMENT_BYTES = 16;

/** Writes an element. */
export function writeElement(x: Element): Uint8Array {
  const bytes = new Uint8Array(ELEMENT_BYTES);
  const view = new DataView(bytes.buffer);
  x.forEach((limb, i) => view.setUint32(4 * i, limb, true));
  return bytes;
}

/** Reads the element at an offset; `undefined` if a limb is not below p, so that every element has one form. */
export function readElement(bytes: Uint8Array, offset: number): Element | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset, ELEMENT_BYTES);
  const limb = (i: number) => view.getUint32(4 * i, true);
  const read: Element = [limb(0), limb(1), limb(2), limb(3)];
  return read.every((x) => x < P) ? read : undefined;
}
