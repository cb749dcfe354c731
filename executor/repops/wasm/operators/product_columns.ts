/**
 * The columns of a product: B packed into panels of factors, a block of columns at a time.
 *
 * @module
 */
import { PRODUCT_BLOCK } from "../../numbers/mod.ts";
import { allocationBytes, type Machine } from "../machine.ts";
import { COLUMNS, UNROLL } from "../source/mod.ts";
import type { ProductSize, Strides } from "./product_rows.ts";
import { WORD } from "./work.ts";

/** Packed columns of one block: about half a second-level cache. */
const COLUMN_BLOCK_BYTES = 2 ** 19;
/** Larger constants are packed anew in each run: keeping them packed doubles their memory. */
const KEPT_COLUMNS_BYTES = 2 ** 26;

/** An operand in memory: a lane is a row of A or a column of B. */
export interface Lanes extends Strides {
  readonly address: number;
}

/** Packs columns `first` to `first + count` of block `block` of k at an address. */
export type PackColumns = (first: number, count: number, block: number, target: number) => void;

/** Columns ready to be multiplied, a block at a time. */
export interface Columns {
  readonly scratch: number;
  /** Columns of a block; the last may have fewer. */
  readonly block: number;
  /**
   * Packs columns `first` to `first + count`, those of each block of k in a row, and says where they are: in scratch memory until the next
   * block of columns.
   */
  prepare(pack: PackColumns, first: number, count: number, scratch: number): number;
}

const roundUp = (value: number, to: number) => Math.ceil(value / to) * to;

/**
 * Makes the columns of a product ready.
 *
 * @param constant Whether B is the same in every run: then the first run packs it for all.
 */
export function prepareColumns(machine: Machine, size: ProductSize, constant: boolean): Columns {
  const columnBytes = roundUp(size.inner, UNROLL) * WORD;
  const fitting = Math.floor(COLUMN_BLOCK_BYTES / (columnBytes * COLUMNS)) * COLUMNS;
  const block = Math.min(roundUp(size.columns, COLUMNS), Math.max(COLUMNS, fitting));
  const blocks = Math.ceil(size.inner / PRODUCT_BLOCK);
  const allBytes = roundUp(size.columns, COLUMNS) * columnBytes;
  const kept = constant && allBytes <= KEPT_COLUMNS_BYTES ? machine.allocate(allBytes) : undefined;
  let packedColumns = 0;
  return {
    scratch: kept === undefined ? allocationBytes(block * columnBytes) : 0,
    block,
    prepare: (pack, first, count, scratch) => {
      const start = kept === undefined ? scratch : kept + first * columnBytes;
      if (first < packedColumns) return start;
      for (let each = 0; each < blocks; each++) {
        pack(first, count, each, start + each * PRODUCT_BLOCK * roundUp(count, COLUMNS) * WORD);
      }
      if (kept !== undefined) packedColumns = first + count;
      return start;
    },
  };
}

/** Packs columns that lie in memory as lanes. */
export function packLanes(machine: Machine, size: ProductSize, b: Lanes): PackColumns {
  const pack = machine.kernel(`pack${COLUMNS}_${size.precision}`);
  return (first, count, block, target) => {
    const start = block * PRODUCT_BLOCK;
    const source = b.address + first * b.laneStride + start * b.kStride;
    pack(source, target, count, Math.min(PRODUCT_BLOCK, size.inner - start), b.laneStride, b.kStride);
  };
}
