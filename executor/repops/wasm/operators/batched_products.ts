/**
 * Many short products of one size, in one call of a kernel: what attention is made of.
 *
 * @module
 */
import { PRODUCT_BLOCK } from "../../numbers/mod.ts";
import { allocationBytes, type Machine } from "../machine.ts";
import { COLUMNS, ROWS, UNROLL } from "../source/mod.ts";
import type { ProductSize, Strides } from "./product_rows.ts";
import { WORD } from "./work.ts";

/** Packed operands up to so many bytes stay in the second-level cache. */
const MOST_PACKED_BYTES = 2 ** 18;

/** Products that lie one behind the other. */
export interface Batches {
  readonly size: ProductSize;
  /** Whether A is read transposed. */
  readonly transA: boolean;
  /** How the columns of B lie. */
  readonly b: Strides;
}

/** Products made ready. */
export interface BatchedProducts {
  readonly scratch: number;
  /** Computes `count` of them, from the first operands' addresses. */
  run(
    addresses: { readonly a: number; readonly b: number; readonly c: number },
    count: number,
    scratch: number,
  ): void;
}

const roundUp = (value: number, to: number) => Math.ceil(value / to) * to;

/** Makes products ready; `undefined` if they are long, large, or have edges that no full panel ends at. */
export function prepareBatches(machine: Machine, { size, transA, b }: Batches): BatchedProducts | undefined {
  const { rows, columns, inner, precision } = size, lanes = ROWS[precision], terms = roundUp(inner, UNROLL);
  const bytesA = allocationBytes(roundUp(rows, lanes) * terms * WORD),
    bytesB = allocationBytes(columns * terms * WORD);
  if (inner > PRODUCT_BLOCK || columns % COLUMNS !== 0 || rows < lanes) return undefined;
  if (bytesA + bytesB > MOST_PACKED_BYTES) return undefined;
  const kernel = machine.kernel(`batches_${transA ? "panels" : "rows"}_${precision}`);
  const [stepA, stepB, stepC] = [rows * inner * WORD, inner * columns * WORD, rows * columns * WORD];
  const sizes = [rows, columns, inner, b.laneStride, b.kStride];
  return {
    scratch: bytesA + bytesB,
    run: (at, count, scratch) => {
      kernel(at.a, stepA, at.b, stepB, at.c, stepC, count, ...sizes, scratch, scratch + bytesA);
    },
  };
}
