/**
 * The statement: C = (A - a0)(B - b0) over the integers.
 *
 * @module
 */
import { ExecutorError } from "../errors.ts";
import type { SmallMatrix } from "./multilinear.ts";

/** A product of 8-bit integers with zero points, and its claimed result. */
export interface ExactProduct {
  readonly a: SmallMatrix;
  readonly b: SmallMatrix;
  /** Zero point of each row of A, each an integer of A's type. One for all rows may be given alone. */
  readonly zeroA: readonly number[];
  /** Zero point of each column of B, likewise. */
  readonly zeroB: readonly number[];
  /** The claimed product, row by row: a.rows x b.columns. */
  readonly c: Int32Array;
}

/** Largest magnitude of an 8-bit integer less its zero point. */
const LARGEST_FACTOR = 255;

/**
 * Longest inner dimension whose sums the prime field keeps apart: 255^2 of them stay below 2^30, so that two different ones are no
 * multiple of 2^31 - 1 apart. (They do not wrap around in int32 either.)
 */
export const LONGEST_EXACT_SUM = Math.floor((2 ** 30 - 1) / LARGEST_FACTOR ** 2);

/**
 * Requires that a product can be proven.
 *
 * @throws {ExecutorError} `bad_request` for matrices that do not fit together, empty ones, or an inner dimension beyond
 * {@link LONGEST_EXACT_SUM}.
 */
export function requireExact({ a, b, c, zeroA, zeroB }: ExactProduct): void {
  const fits = a.columns === b.rows && a.entries.length === a.rows * a.columns &&
    b.entries.length === b.rows * b.columns && c.length === a.rows * b.columns &&
    [1, a.rows].includes(zeroA.length) && [1, b.columns].includes(zeroB.length);
  if (!fits || c.length === 0 || a.columns === 0) {
    throw new ExecutorError(
      "bad_request",
      `A ${a.rows} x ${a.columns} matrix times a ${b.rows} x ${b.columns} one with ${c.length} results is no product to prove.`,
    );
  }
  if (a.columns <= LONGEST_EXACT_SUM) return;
  throw new ExecutorError(
    "bad_request",
    `Sums of ${a.columns} terms may not be exact: products are proven up to ${LONGEST_EXACT_SUM} terms; compute it again instead.`,
  );
}

/** Whether every entry of C is one that such a product can have. An honest C always is; others could be a multiple of p off. */
export function isWithinReach({ a, c }: ExactProduct): boolean {
  const limit = a.columns * LARGEST_FACTOR ** 2;
  for (const value of c) if (value < -limit || value > limit) return false;
  return true;
}

/** Zero point `i` of a list that may hold one for all. */
export function zeroAt(zeros: readonly number[], i: number): number {
  return (zeros.length === 1 ? zeros[0] : zeros[i]) ?? 0;
}
