/**
 * Freivalds' test of a product, with randomness that is the tester's secret (R. Freivalds, "Probabilistic machines can use less running
 * time", 1977).
 *
 * @module
 */
import { ExecutorError } from "../errors.ts";
import { type ExactProduct, isWithinReach, requireExact, zeroAt } from "./exact_product.ts";
import { P, reduce } from "./mersenne.ts";
import type { SmallMatrix } from "./multilinear.ts";

/**
 * Screens a product: draws x modulo p and compares A(Bx) with Cx. An honest product passes; a wrong one does with a chance of 2^-31.
 *
 * @param secret At least 4 random bytes for each column of B that nobody knew when C was committed to.
 * @returns Whether it passes.
 * @throws {ExecutorError} `bad_request` for what is no product to prove, or too few random bytes.
 */
export function screenProduct(product: ExactProduct, secret: Uint8Array): boolean {
  requireExact(product);
  const { a, b, c, zeroA, zeroB } = product;
  if (!isWithinReach(product)) return false;
  const x = drawn(secret, b.columns);
  const bx = times(b, x, () => 0);
  const offset = x.reduce((sum, value, j) => reduce(sum + value * zeroAt(zeroB, j)), 0);
  const y = bx.map((value) => reduce(value - offset));
  const total = y.reduce((sum, value) => reduce(sum + value), 0);
  const abx = times(a, y, (row) => reduce(total * zeroAt(zeroA, row)));
  const cx = timesWide(c, a.rows, x);
  return abx.every((value, row) => value === cx[row]);
}

/** 31 bits for each column. The one value that is no element counts as 0, which doubles the chance of one in 2^31. */
function drawn(secret: Uint8Array, count: number): Float64Array {
  if (secret.length < 4 * count) {
    throw new ExecutorError(
      "bad_request",
      `Screening a product of ${count} columns takes ${4 * count} random bytes: got ${secret.length}.`,
    );
  }
  const view = new DataView(secret.buffer, secret.byteOffset);
  return Float64Array.from({ length: count }, (_, i) => (view.getUint32(4 * i, true) >>> 1) % P);
}

/** Products of an element and an 8-bit integer that add up exactly. */
const BETWEEN = 2 ** 13;

/** The matrix times a vector, less something for each row. */
function times({ rows, columns, entries }: SmallMatrix, x: Float64Array, less: (row: number) => number) {
  return Float64Array.from({ length: rows }, (_, row) => {
    const start = row * columns;
    let sum = -less(row);
    for (let from = 0; from < columns; from += BETWEEN) {
      const to = Math.min(columns, from + BETWEEN);
      for (let column = from; column < to; column++) sum += (entries[start + column] ?? 0) * (x[column] ?? 0);
      sum = reduce(sum);
    }
    return reduce(sum);
  });
}

/** The same of 32-bit integers, by halves of 16 bits. */
function timesWide(entries: Int32Array, rows: number, x: Float64Array): Float64Array {
  const columns = x.length;
  return Float64Array.from({ length: rows }, (_, row) => {
    const start = row * columns;
    let sum = 0;
    for (let from = 0; from < columns; from += 32) {
      const to = Math.min(columns, from + 32);
      let [high, low] = [0, 0];
      for (let column = from; column < to; column++) {
        const value = entries[start + column] ?? 0;
        high += (value >> 16) * (x[column] ?? 0);
        low += (value & 0xffff) * (x[column] ?? 0);
      }
      sum = reduce(sum + reduce(high) * 65536 + reduce(low));
    }
    return sum;
  });
}
