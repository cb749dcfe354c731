/**
 * Products of at most 256 terms: one block of k is the whole sum (SPEC 3.3), so that it is made canonical, and a bias added, as it
 * leaves the registers.
 *
 * @module
 */
import { PRODUCT_BLOCK } from "../../numbers/mod.ts";
import type { Machine } from "../machine.ts";
import { COLUMNS, ROWS } from "../source/mod.ts";
import { type PackColumns, prepareColumns } from "./product_columns.ts";
import { prepareRows, type ProductSize, ROW_BLOCK, type Strides } from "./product_rows.ts";
import { WORD } from "./work.ts";

/** Where a product goes: rows of `row` bytes, and the bias of one value for each column, or 0. */
export interface Destination {
  readonly address: number;
  readonly row: number;
  readonly bias: number;
}

/** A short product made ready. */
export interface ShortProduct {
  readonly scratch: number;
  run(a: number, pack: PackColumns, destination: Destination, scratch: number): void;
}

/**
 * Makes a product ready; `undefined` if it is long, or has edges that no full panel ends at.
 *
 * @param a How the rows of A lie; their address is given to each run.
 * @param constantColumns Whether B is the same in every run.
 */
export function prepareShortProduct(
  machine: Machine,
  size: ProductSize,
  a: Strides,
  constantColumns: boolean,
): ShortProduct | undefined {
  const rowBlock = rowBlockOf(size.rows, ROWS[size.precision]);
  if (size.inner > PRODUCT_BLOCK || size.columns % COLUMNS !== 0 || rowBlock === undefined) return undefined;
  const columns = prepareColumns(machine, size, constantColumns);
  const rows = prepareRows(machine, size, a, { rowBlock, kept: size.columns > columns.block });
  return {
    scratch: rows.scratch + columns.scratch,
    run: (address, pack, { address: target, row, bias }, scratch) => {
      rows.begin(address, scratch);
      for (let column = 0; column < size.columns; column += columns.block) {
        const width = Math.min(columns.block, size.columns - column);
        const packed = columns.prepare(pack, column, width, scratch + rows.scratch);
        for (let first = 0; first < size.rows; first += rowBlock) {
          const count = Math.min(rowBlock, size.rows - first);
          if (column === 0) rows.prepareFull(first, count);
          rows.finish(first, count, packed, width / COLUMNS, {
            address: target + first * row + column * WORD,
            row,
            bias: bias && bias + column * WORD,
          });
        }
      }
    },
  };
}

/** Rows of a block, so that each block has a full panel at least: `undefined` if no size does it. */
function rowBlockOf(rows: number, lanes: number): number | undefined {
  if (rows < lanes) return undefined;
  for (let block = Math.floor(ROW_BLOCK / lanes) * lanes; block >= lanes; block -= lanes) {
    const rest = rows % block;
    if (rows <= block || rest === 0 || rest >= lanes) return block;
  }
  return undefined;
}
