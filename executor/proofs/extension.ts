/**
 * GF(p^4), p = 2^31 - 1, in which challenges are drawn: p alone is too small, and repeating a proof does not add up under Fiat-Shamir, where a
 * cheat may try each repetition apart.
 *
 * It is the tower of Haböck, Levit and Papini, "Circle STARKs" (2024), section 2: GF(p)(i), i^2 = -1, since p = 3 mod 4; over it u^2 = 2 + i,
 * which is no square since its norm 5 is none modulo p. An element (a, b, c, d) is a + b i + (c + d i) u.
 *
 * @module
 */
import { minus, P, plus, times } from "./mersenne.ts";

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

/** x y. */
export function multiply(x: Element, y: Element): Element {
  const [a, b, c, d] = x, [e, f, g, h] = y;
  // (p + q u)(r + s u) = pr + (2 + i) qs + (ps + qr) u.
  const [prReal, prImaginary] = [minus(times(a, e), times(b, f)), plus(times(a, f), times(b, e))];
  const [qsReal, qsImaginary] = [minus(times(c, g), times(d, h)), plus(times(c, h), times(d, g))];
  const real = plus(prReal, minus(plus(qsReal, qsReal), qsImaginary));
  const imaginary = plus(prImaginary, plus(plus(qsImaginary, qsImaginary), qsReal));
  const crossReal = plus(minus(times(a, g), times(b, h)), minus(times(c, e), times(d, f)));
  const crossImaginary = plus(plus(times(a, h), times(b, g)), plus(times(c, f), times(d, e)));
  return [real, imaginary, crossReal, crossImaginary];
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
