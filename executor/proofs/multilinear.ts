/**
 * Multilinear extensions of integer matrices at points of GF(p^4): what is linear in the matrix, over typed arrays, in binary64 that
 * stays exact.
 *
 * The extension of a vector v at r is the sum of v[x] chi_r(x), where chi_r(x) is the product over the bits of x of r_i or 1 - r_i (Thaler,
 * section 2; the highest bit comes first here). A length that is no power of two is padded with zeros, which costs nothing: their weights
 * are left out.
 *
 * @module
 */
import { add, type Element, multiply, ONE, subtract, ZERO } from "./extension.ts";
import { plus, reduce } from "./mersenne.ts";

/** Vectors of elements, one array for each limb. Limbs are reduced. */
export type Limbs = readonly [Float64Array, Float64Array, Float64Array, Float64Array];

/** Bits that number so many entries: the variables of their extension. */
export function variablesOf(length: number): number {
  let bits = 0;
  while (2 ** bits < length) bits++;
  return bits;
}

/** The weights chi_r(x) of the first `length` entries. */
export function weightsAt(point: readonly Element[], length: number): Limbs {
  let weights: readonly Element[] = [ONE];
  for (const r of point) {
    weights = weights.flatMap((weight) => {
      const high = multiply(weight, r);
      return [subtract(weight, high), high];
    });
  }
  return limbsOf(weights.slice(0, length));
}

/** Elements as limbs. */
export function limbsOf(elements: readonly Element[]): Limbs {
  const limb = (i: 0 | 1 | 2 | 3) => Float64Array.from(elements, (x) => x[i]);
  return [limb(0), limb(1), limb(2), limb(3)];
}

/** Entry `i` of a vector. */
export function entry([a, b, c, d]: Limbs, i: number): Element {
  return [a[i] ?? 0, b[i] ?? 0, c[i] ?? 0, d[i] ?? 0];
}

/** The sum of x[i] y[i]. */
export function dot(x: Limbs, y: Limbs): Element {
  let sum = ZERO;
  for (let i = 0; i < x[0].length; i++) sum = add(sum, multiply(entry(x, i), entry(y, i)));
  return sum;
}

/** Small integers, row by row: an array of at most 9 bits an entry with its zero points taken off as they are read. */
export interface SmallMatrix {
  readonly rows: number;
  readonly columns: number;
  readonly entries: Uint8Array | Int8Array;
}

/** Products of a 31-bit limb and an 8-bit entry that add up exactly: 2^14 of them reach 2^53. */
const ROWS_BETWEEN = 2 ** 13;

/** For each column, the sum over rows of the row's weight times the entry. Cost: 4 multiplications with addition an entry. */
export function foldRows(matrix: SmallMatrix, weights: Limbs): Limbs {
  const sums = limbsOfLength(matrix.columns);
  for (let row = 0; row < matrix.rows; row += 2) {
    if (row % ROWS_BETWEEN === 0) reduceAll(sums);
    addRows(matrix, row, entry(weights, row), entry(weights, row + 1), sums);
  }
  reduceAll(sums);
  return sums;
}

/** Adds two weighted rows: half the traffic of one at a time. The second may not exist; its weight is 0 then. */
function addRows({ columns, entries }: SmallMatrix, row: number, v: Element, w: Element, sums: Limbs): void {
  const [s0, s1, s2, s3] = sums;
  const [v0, v1, v2, v3] = v, [w0, w1, w2, w3] = w;
  const [first, second] = [row * columns, (row + 1) * columns];
  for (let column = 0; column < columns; column++) {
    const x = entries[first + column] ?? 0;
    const y = entries[second + column] ?? 0;
    s0[column] = (s0[column] ?? 0) + (v0 * x + w0 * y);
    s1[column] = (s1[column] ?? 0) + (v1 * x + w1 * y);
    s2[column] = (s2[column] ?? 0) + (v2 * x + w2 * y);
    s3[column] = (s3[column] ?? 0) + (v3 * x + w3 * y);
  }
}

/** For each row, the sum over columns of the column's weight times the entry. */
export function foldColumns({ rows, columns, entries }: SmallMatrix, weights: Limbs): Limbs {
  const sums = limbsOfLength(rows);
  const [w0, w1, w2, w3] = weights;
  for (let row = 0; row < rows; row++) {
    const start = row * columns;
    for (let from = 0; from < columns; from += ROWS_BETWEEN) {
      const to = Math.min(columns, from + ROWS_BETWEEN);
      let a = 0, b = 0, c = 0, d = 0;
      for (let column = from; column < to; column++) {
        const value = entries[start + column] ?? 0;
        a += (w0[column] ?? 0) * value;
        b += (w1[column] ?? 0) * value;
        c += (w2[column] ?? 0) * value;
        d += (w3[column] ?? 0) * value;
      }
      accumulate(sums, row, a, b, c, d);
    }
  }
  return sums;
}

/** Columns of 32-bit entries between reductions: products of a 31-bit limb and a 16-bit half reach 2^47. */
const COLUMNS_BETWEEN = 2 ** 5;

/** {@link foldColumns} of 32-bit integers: by halves of 16 bits. */
export function foldWideColumns(entries: Int32Array, rows: number, columns: number, weights: Limbs): Limbs {
  const sums = limbsOfLength(rows);
  const [w0, w1, w2, w3] = weights;
  for (let row = 0; row < rows; row++) {
    const start = row * columns;
    for (let from = 0; from < columns; from += COLUMNS_BETWEEN) {
      const to = Math.min(columns, from + COLUMNS_BETWEEN);
      let a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0;
      for (let column = from; column < to; column++) {
        const value = entries[start + column] ?? 0;
        const high = value >> 16;
        const low = value & 0xffff;
        const x = w0[column] ?? 0;
        const y = w1[column] ?? 0;
        const z = w2[column] ?? 0;
        const w = w3[column] ?? 0;
        a += x * low;
        b += y * low;
        c += z * low;
        d += w * low;
        e += x * high;
        f += y * high;
        g += z * high;
        h += w * high;
      }
      accumulate(sums, row, shifted(e, a), shifted(f, b), shifted(g, c), shifted(h, d));
    }
  }
  return sums;
}

/** high 2^16 + low, below 2^53. */
function shifted(high: number, low: number): number {
  return reduce(high) * 65536 + reduce(low);
}

function accumulate([s0, s1, s2, s3]: Limbs, at: number, a: number, b: number, c: number, d: number): void {
  s0[at] = plus(s0[at] ?? 0, reduce(a));
  s1[at] = plus(s1[at] ?? 0, reduce(b));
  s2[at] = plus(s2[at] ?? 0, reduce(c));
  s3[at] = plus(s3[at] ?? 0, reduce(d));
}

function limbsOfLength(length: number): Limbs {
  const make = () => new Float64Array(length);
  return [make(), make(), make(), make()];
}

function reduceAll(limbs: Limbs): void {
  for (const limb of limbs) for (let i = 0; i < limb.length; i++) limb[i] = reduce(limb[i] ?? 0);
}
