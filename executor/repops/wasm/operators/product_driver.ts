/**
 * Products of matrices by packed panels: blocks of columns that fit the second-level cache, within them blocks of rows, within
 * them the blocks, groups and tree of SPEC 3.
 *
 * @module
 */
import { PRODUCT_BLOCK, PRODUCT_GROUP } from "../../numbers/mod.ts";
import { allocationBytes, type Machine } from "../machine.ts";
import { COLUMNS, ROWS } from "../source/mod.ts";
import { type PackColumns, prepareColumns } from "./product_columns.ts";
import { prepareRows, type ProductSize, ROW_BLOCK, type Strides } from "./product_rows.ts";
import { WORD } from "./work.ts";

/** Bias added after the sum: one for each row, or one for each column. */
export interface Bias {
  readonly address: number;
  readonly kind: "row" | "column";
}

/** Takes finished totals: `rows` rows from `firstRow`, `count` columns from `firstColumn`, in rows of `row` bytes. */
export type TakeTotals = (
  totals: { address: number; row: number },
  firstRow: number,
  rows: number,
  firstColumn: number,
  count: number,
) => void;

/** A product made ready. */
export interface Product {
  readonly scratch: number;
  run(a: number, pack: PackColumns, take: TakeTotals, scratch: number): void;
}

const roundUp = (value: number, to: number) => Math.ceil(value / to) * to;

/** How many tiles wait in the tree over groups at once. */
function treeLevels(blocks: number): number {
  const groups = Math.ceil(blocks / PRODUCT_GROUP);
  return groups <= 1 ? 1 : 33 - Math.clz32(groups - 1);
}

/**
 * Makes a product of this size ready.
 *
 * @param a How the rows of A lie; their address is given to each run.
 * @param constantColumns Whether B is the same in every run: then the first run packs it for all.
 */
export function prepareProduct(
  machine: Machine,
  size: ProductSize,
  a: Strides,
  constantColumns = false,
): Product {
  const lanes = ROWS[size.precision];
  const rowBlock = Math.min(roundUp(size.rows, lanes), Math.floor(ROW_BLOCK / lanes) * lanes);
  const blocks = Math.ceil(size.inner / PRODUCT_BLOCK);
  const columns = prepareColumns(machine, size, constantColumns);
  const rows = prepareRows(machine, size, a, { rowBlock, kept: size.columns > columns.block });
  const addTiles = machine.kernel("addVectors");
  const tileBytes = allocationBytes(rowBlock * columns.block * WORD);

  /** Totals of one block of rows and columns, left in the first tile: a binary counter of waiting tiles. */
  const total = (first: number, count: number, packed: number, width: number, tiles: number) => {
    const tileRow = roundUp(width, COLUMNS) * WORD;
    const vectors = (roundUp(count, lanes) * roundUp(width, COLUMNS)) / 4;
    const merge = (level: number) => {
      addTiles(tiles + (level - 1) * tileBytes, tiles + level * tileBytes, vectors);
    };
    let waiting = 0;
    for (let group = 0; group * PRODUCT_GROUP < blocks; group++) {
      const start = group * PRODUCT_GROUP;
      for (let block = start; block < Math.min(start + PRODUCT_GROUP, blocks); block++) {
        const columnsAt = packed + block * PRODUCT_BLOCK * tileRow;
        const target = { address: tiles + waiting * tileBytes, row: tileRow, fresh: block === start };
        rows.multiply(first, count, block, columnsAt, Math.ceil(width / COLUMNS), target);
      }
      waiting++;
      for (let bits = group + 1; bits % 2 === 0; bits /= 2) merge(--waiting);
    }
    while (waiting > 1) merge(--waiting);
  };

  return {
    scratch: rows.scratch + columns.scratch + treeLevels(blocks) * tileBytes,
    run: (address, pack, take, scratch) => {
      const tiles = scratch + rows.scratch + columns.scratch;
      rows.begin(address, scratch);
      for (let column = 0; column < size.columns; column += columns.block) {
        const width = Math.min(columns.block, size.columns - column);
        const packed = columns.prepare(pack, column, width, scratch + rows.scratch);
        for (let first = 0; first < size.rows; first += rowBlock) {
          const count = Math.min(rowBlock, size.rows - first);
          if (column === 0) rows.prepare(first, count);
          total(first, count, packed, width, tiles);
          take({ address: tiles, row: roundUp(width, COLUMNS) * WORD }, first, count, column, width);
        }
      }
    },
  };
}

/** Writes canonical totals to a row-major matrix, with a bias. */
export function finishInto(
  machine: Machine,
  target: { address: number; row: number },
  bias?: Bias,
): TakeTotals {
  const finish = machine.kernel(`finish_${bias?.kind ?? "none"}`);
  return (totals, firstRow, rows, firstColumn, count) => {
    const start = target.address + firstRow * target.row + firstColumn * WORD;
    const first = bias?.kind === "row" ? firstRow : firstColumn;
    const biasAt = bias ? bias.address + first * WORD : 0;
    finish(totals.address, totals.row, start, target.row, rows, count, biasAt);
  };
}
