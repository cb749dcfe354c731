/**
 * Products of matrices by packed panels: blocks of columns that fit the second-level cache, within them blocks of rows, within
 * them the blocks, groups and tree of SPEC 3.
 *
 * @module
 */
import { type Precision, PRODUCT_BLOCK, PRODUCT_GROUP } from "../../numbers/mod.ts";
import { allocationBytes, type Machine } from "../machine.ts";
import { COLUMNS, ROWS, UNROLL } from "../source/packing.ts";
import { WORD } from "./work.ts";

/** Packed columns of one block: about half a second-level cache. */
const COLUMN_BLOCK_BYTES = 2 ** 20;
/** Rows of a block: a packed panel of 256 k and 96 rows is 96 KiB. */
const ROW_BLOCK = 96;
/** If all of A packed is no larger, it is packed once for all blocks of columns. */
const KEEP_PACKED_BYTES = 2 ** 23;

/** An operand in memory: a lane is a row of A or a column of B. Strides in bytes. */
export interface Lanes {
  readonly address: number;
  readonly laneStride: number;
  readonly kStride: number;
}

/** The sizes of a product. */
export interface ProductSize {
  readonly rows: number;
  readonly columns: number;
  readonly inner: number;
  readonly precision: Precision;
}

/** Bias added after the sum: one for each row, or one for each column. */
export interface Bias {
  readonly address: number;
  readonly kind: 1 | 2;
}

/** Packs columns `first` to `first + count` of block `block` of k at an address. */
export type PackColumns = (
  first: number,
  count: number,
  block: number,
  target: number,
  scratch: number,
) => void;
/** Takes finished totals: `rows` rows from `firstRow`, `count` columns from `firstColumn`, in rows of `row` bytes. */
export type TakeTotals = (
  totals: { address: number; row: number },
  firstRow: number,
  rows: number,
  firstColumn: number,
  count: number,
) => void;

/** How a product is cut up. */
interface Cut {
  readonly rowBlock: number;
  readonly columnBlock: number;
  readonly blocks: number;
  readonly paddedInner: number;
  readonly keepPacked: boolean;
  readonly levels: number;
}

const roundUp = (value: number, to: number) => Math.ceil(value / to) * to;

function cutOf(size: ProductSize): Cut {
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
    keepPacked: roundUp(size.rows, lanes) * paddedInner * WORD <= KEEP_PACKED_BYTES,
    levels: groups <= 1 ? 1 : Math.ceil(Math.log2(groups)) + 1,
  };
}

/** Scratch memory of a product: packed A, packed B, and a tile of C for each level of the tree. */
function layoutOf(size: ProductSize, cut: Cut) {
  const packedRows = cut.keepPacked ? roundUp(size.rows, cut.rowBlock) : cut.rowBlock;
  const a = 0;
  const b = a + allocationBytes(packedRows * cut.paddedInner * WORD);
  const c = b + allocationBytes(cut.columnBlock * cut.paddedInner * WORD);
  const tile = allocationBytes(cut.rowBlock * cut.columnBlock * WORD);
  return { a, b, c, tile, bytes: c + cut.levels * tile };
}

/** A product made ready. */
export interface Product {
  readonly scratch: number;
  run(a: Lanes, pack: PackColumns, take: TakeTotals, scratch: number): void;
}

/** Makes a product of this size ready. */
export function prepareProduct(machine: Machine, size: ProductSize): Product {
  const cut = cutOf(size);
  const layout = layoutOf(size, cut);
  const lanes = ROWS[size.precision];
  const packRows = machine.kernel(`pack${lanes}_${size.precision}`);
  const multiply = machine.kernel(`blocks_${size.precision}`);
  const addTiles = machine.kernel("addVectors");
  const countIn = (block: number) => Math.min(PRODUCT_BLOCK, size.inner - block * PRODUCT_BLOCK);
  const tileVectors = (rows: number, columns: number) =>
    (roundUp(rows, lanes) * roundUp(columns, COLUMNS)) / 4;

  const packRowBlock = (a: Lanes, first: number, rows: number, target: number) => {
    for (let block = 0; block < cut.blocks; block++) {
      const source = a.address + first * a.laneStride + block * PRODUCT_BLOCK * a.kStride;
      const place = target + block * PRODUCT_BLOCK * roundUp(rows, lanes) * WORD;
      packRows(source, place, rows, countIn(block), a.laneStride, a.kStride);
    }
  };

  /** Totals of one block of rows and columns, left in the first tile. */
  const total = (packedA: number, rows: number, packedB: number, columns: number, tiles: number) => {
    const tileRow = roundUp(columns, COLUMNS) * WORD;
    const [rowPanels, columnPanels] = [Math.ceil(rows / lanes), Math.ceil(columns / COLUMNS)];
    let level = 0;
    let group = 0;
    for (let first = 0; first < cut.blocks; first += PRODUCT_GROUP) {
      const tile = tiles + level * layout.tile;
      for (let block = first; block < Math.min(first + PRODUCT_GROUP, cut.blocks); block++) {
        const count = roundUp(countIn(block), UNROLL);
        const start = block * PRODUCT_BLOCK;
        multiply(
          packedA + start * rowPanels * lanes * WORD,
          packedB + start * columnPanels * COLUMNS * WORD,
          tile,
          rowPanels,
          columnPanels,
          tileRow,
          count,
          block === first ? 1 : 0,
        );
      }
      level++;
      group++;
      for (let bits = group; bits % 2 === 0; bits /= 2) merge(--level, rows, columns, tiles);
    }
    while (level > 1) merge(--level, rows, columns, tiles);
  };

  /** Adds the tile of `level` to the one below it. */
  const merge = (level: number, rows: number, columns: number, tiles: number) => {
    addTiles(tiles + (level - 1) * layout.tile, tiles + level * layout.tile, tileVectors(rows, columns));
  };

  return {
    scratch: layout.bytes,
    run: (a, pack, take, scratch) => {
      const [packedA, packedB, tiles] = [scratch + layout.a, scratch + layout.b, scratch + layout.c];
      const rowBlocks = Math.ceil(size.rows / cut.rowBlock);
      for (let column = 0; column < size.columns; column += cut.columnBlock) {
        const columns = Math.min(cut.columnBlock, size.columns - column);
        for (let block = 0; block < cut.blocks; block++) {
          const place = packedB + block * PRODUCT_BLOCK * roundUp(columns, COLUMNS) * WORD;
          pack(column, columns, block, place, scratch + layout.bytes);
        }
        for (let i = 0; i < rowBlocks; i++) {
          const first = i * cut.rowBlock;
          const rows = Math.min(cut.rowBlock, size.rows - first);
          const place = packedA + (cut.keepPacked ? first * cut.paddedInner * WORD : 0);
          if (!cut.keepPacked || column === 0) packRowBlock(a, first, rows, place);
          total(place, rows, packedB, columns, tiles);
          take({ address: tiles, row: roundUp(columns, COLUMNS) * WORD }, first, rows, column, columns);
        }
      }
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
  const finish = machine.kernel("finish");
  return (totals, firstRow, rows, firstColumn, count) => {
    const start = target.address + firstRow * target.row + firstColumn * WORD;
    const offset = bias ? (bias.kind === 1 ? firstRow : firstColumn) * WORD : 0;
    finish(
      totals.address,
      totals.row,
      start,
      target.row,
      rows,
      count,
      (bias?.address ?? 0) + offset,
      bias?.kind ?? 0,
    );
  };
}
