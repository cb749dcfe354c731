/**
 * Products of matrices by packed panels: blocks of columns that fit the second-level cache, within them blocks of rows, within
 * them the blocks, groups and tree of SPEC 3.
 *
 * @module
 */
import { PRODUCT_BLOCK, PRODUCT_GROUP } from "../../numbers/mod.ts";
import { allocationBytes, type Machine } from "../machine.ts";
import { COLUMNS, ROWS, UNROLL } from "../source/mod.ts";
import { prepareRows, type ProductSize, type Strides } from "./product_rows.ts";
import { WORD } from "./work.ts";

/** Packed columns of one block: about half a second-level cache. */
const COLUMN_BLOCK_BYTES = 2 ** 19;
/** Rows of a block: 256 k of 96 rows are 96 KiB. */
const ROW_BLOCK = 96;

/** An operand in memory: a lane is a row of A or a column of B. */
export interface Lanes extends Strides {
  readonly address: number;
}

/** Bias added after the sum: one for each row, or one for each column. */
export interface Bias {
  readonly address: number;
  readonly kind: "row" | "column";
}

/** Packs columns `first` to `first + count` of block `block` of k at an address. */
export type PackColumns = (first: number, count: number, block: number, target: number) => void;
/** Takes finished totals: `rows` rows from `firstRow`, `count` columns from `firstColumn`, in rows of `row` bytes. */
export type TakeTotals = (
  totals: { address: number; row: number },
  firstRow: number,
  rows: number,
  firstColumn: number,
  count: number,
) => void;

const roundUp = (value: number, to: number) => Math.ceil(value / to) * to;

/** How a product is cut up. */
function cutOf(size: ProductSize) {
  const lanes = ROWS[size.precision];
  const paddedInner = roundUp(size.inner, UNROLL);
  const fitting = Math.floor(COLUMN_BLOCK_BYTES / (paddedInner * WORD * COLUMNS)) * COLUMNS;
  const blocks = Math.ceil(size.inner / PRODUCT_BLOCK);
  const groups = Math.ceil(blocks / PRODUCT_GROUP);
  return {
    rowBlock: Math.min(roundUp(size.rows, lanes), Math.floor(ROW_BLOCK / lanes) * lanes),
    columnBlock: Math.min(roundUp(size.columns, COLUMNS), Math.max(COLUMNS, fitting)),
    blocks,
    paddedInner,
    /** Tiles that wait in the tree at once. */
    levels: groups <= 1 ? 1 : 33 - Math.clz32(groups - 1),
  };
}

/** A product made ready. */
export interface Product {
  readonly scratch: number;
  run(a: number, pack: PackColumns, take: TakeTotals, scratch: number): void;
}

/** Larger constants are packed anew in each run: keeping them packed doubles their memory. */
const KEPT_COLUMNS_BYTES = 2 ** 26;

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
  const cut = cutOf(size);
  const rows = prepareRows(machine, size, a, {
    rowBlock: cut.rowBlock,
    kept: size.columns > cut.columnBlock,
  });
  const lanes = ROWS[size.precision];
  const addTiles = machine.kernel("addVectors");
  const tileBytes = allocationBytes(cut.rowBlock * cut.columnBlock * WORD);
  const allBytes = roundUp(size.columns, COLUMNS) * cut.paddedInner * WORD;
  const kept = constantColumns && allBytes <= KEPT_COLUMNS_BYTES ? machine.allocate(allBytes) : undefined;
  const packedBytes = kept === undefined ? allocationBytes(cut.columnBlock * cut.paddedInner * WORD) : 0;
  let isPacked = false;

  /** Totals of one block of rows and columns, left in the first tile: a binary counter of waiting tiles. */
  const total = (first: number, count: number, packed: number, columns: number, tiles: number) => {
    const tileRow = roundUp(columns, COLUMNS) * WORD;
    const columnPanels = Math.ceil(columns / COLUMNS);
    const vectors = (roundUp(count, lanes) * roundUp(columns, COLUMNS)) / 4;
    const merge = (level: number) => {
      addTiles(tiles + (level - 1) * tileBytes, tiles + level * tileBytes, vectors);
    };
    let waiting = 0;
    for (let group = 0; group * PRODUCT_GROUP < cut.blocks; group++) {
      const start = group * PRODUCT_GROUP;
      for (let block = start; block < Math.min(start + PRODUCT_GROUP, cut.blocks); block++) {
        const columnsAt = packed + block * PRODUCT_BLOCK * columnPanels * COLUMNS * WORD;
        const target = { address: tiles + waiting * tileBytes, row: tileRow, fresh: block === start };
        rows.multiply(first, count, block, columnsAt, columnPanels, target);
      }
      waiting++;
      for (let bits = group + 1; bits % 2 === 0; bits /= 2) merge(--waiting);
    }
    while (waiting > 1) merge(--waiting);
  };

  return {
    scratch: rows.scratch + packedBytes + cut.levels * tileBytes,
    run: (address, pack, take, scratch) => {
      const tiles = scratch + rows.scratch + packedBytes;
      rows.begin(address, scratch);
      for (let column = 0; column < size.columns; column += cut.columnBlock) {
        const columns = Math.min(cut.columnBlock, size.columns - column);
        const packed = kept === undefined ? scratch + rows.scratch : kept + column * cut.paddedInner * WORD;
        for (let block = 0; block < cut.blocks && !isPacked; block++) {
          pack(column, columns, block, packed + block * PRODUCT_BLOCK * roundUp(columns, COLUMNS) * WORD);
        }
        for (let first = 0; first < size.rows; first += cut.rowBlock) {
          const count = Math.min(cut.rowBlock, size.rows - first);
          if (column === 0) rows.prepare(first, count);
          total(first, count, packed, columns, tiles);
          take({ address: tiles, row: roundUp(columns, COLUMNS) * WORD }, first, count, column, columns);
        }
      }
      isPacked = kept !== undefined;
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
