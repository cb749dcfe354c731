/**
 * The rows of a product: how A becomes factors, and how the kernel reads them. Rows whose k lie side by side are copied as they
 * lie; others are packed into panels.
 *
 * @module
 */
import { type Precision, PRODUCT_BLOCK } from "../../numbers/mod.ts";
import { allocationBytes, type Machine } from "../machine.ts";
import { ROWS, UNROLL } from "../source/mod.ts";
import { WORD } from "./work.ts";

/** The sizes of a product. */
export interface ProductSize {
  readonly rows: number;
  readonly columns: number;
  readonly inner: number;
  readonly precision: Precision;
}

/** Rows of a block: 256 k of 96 rows are 96 KiB. */
export const ROW_BLOCK = 96;

/** How far apart neighbouring lanes, and neighbouring k, lie: in bytes. */
export interface Strides {
  readonly laneStride: number;
  readonly kStride: number;
}

/** Where a block's sums go: a fresh tile is stored to, another one added to. */
interface Target {
  readonly address: number;
  readonly row: number;
  readonly fresh: boolean;
}

/** The place of the first row and column in the product; `bias` is that of the first column, or 0 for none. */
interface Destination {
  readonly address: number;
  readonly row: number;
  readonly bias: number;
}

/** Rows ready to be multiplied, a block of rows at a time. */
export interface Rows {
  readonly scratch: number;
  /** Begins a run. */
  begin(address: number, scratch: number): void;
  /** Makes factors of rows `first` to `first + count`. They stay until the next block of rows, or if kept, until the run's end. */
  prepare(first: number, count: number): void;
  /** Multiplies those rows over block `block` of k. */
  multiply(
    first: number,
    count: number,
    block: number,
    columns: number,
    columnPanels: number,
    target: Target,
  ): void;
  /** As `prepare`, for `finish`: at least a panel of rows, of a single block of k. */
  prepareFull(first: number, count: number): void;
  /** Multiplies rows that were prepared in full panels into the product itself. */
  finish(first: number, count: number, columns: number, columnPanels: number, destination: Destination): void;
}

/** How rows are cut, and whether they are needed again for further columns. */
export interface RowCut {
  readonly rowBlock: number;
  readonly kept: boolean;
}

/** Makes the rows of a product ready. */
export function prepareRows(machine: Machine, size: ProductSize, strides: Strides, cut: RowCut): Rows {
  const contiguous = strides.kStride === WORD && strides.laneStride === size.inner * WORD;
  return contiguous ? copiedRows(machine, size, cut) : packedRows(machine, size, strides, cut);
}

const roundUp = (value: number, to: number) => Math.ceil(value / to) * to;
const termsIn = (block: number, inner: number) => Math.min(PRODUCT_BLOCK, inner - block * PRODUCT_BLOCK);

function copiedRows(machine: Machine, size: ProductSize, { rowBlock, kept }: RowCut): Rows {
  const factors = machine.kernel(`factors_${size.precision}`);
  const fill = machine.kernel("fill");
  const sum = machine.kernel(`rows_sum_${size.precision}`);
  const finished = machine.kernel(`rows_finished_${size.precision}`);
  const row = size.inner * WORD;
  const blockBytes = allocationBytes(rowBlock * row);
  let [source, copies] = [0, 0];
  const copyOf = (first: number) => copies + (kept ? Math.floor(first / rowBlock) * blockBytes : 0);
  const prepare = (first: number, count: number) => {
    const copy = copyOf(first);
    factors(copy, source + first * row, Math.ceil((count * size.inner) / 4));
    // The kernel reads up to three factors beyond the last row: they must be finite.
    fill(copy + count * row, 0, 1);
  };
  return {
    scratch: blockBytes * (kept ? Math.ceil(size.rows / rowBlock) : 1),
    begin: (address, scratch) => {
      source = address;
      copies = scratch;
    },
    prepare,
    multiply: (first, count, block, columns, columnPanels, target) => {
      const start = copyOf(first) + block * PRODUCT_BLOCK * WORD;
      const terms = roundUp(termsIn(block, size.inner), UNROLL);
      const fresh = target.fresh ? 1 : 0;
      sum(start, row, count, columns, columnPanels, terms, target.address, target.row, fresh);
    },
    prepareFull: prepare,
    finish: (first, count, columns, columnPanels, { address, row: productRow, bias }) => {
      const terms = roundUp(size.inner, UNROLL);
      finished(copyOf(first), row, count, columns, columnPanels, terms, address, productRow, bias);
    },
  };
}

function packedRows(machine: Machine, size: ProductSize, strides: Strides, { rowBlock, kept }: RowCut): Rows {
  const lanes = ROWS[size.precision];
  const pack = machine.kernel(`pack${lanes}_${size.precision}`);
  const sum = machine.kernel(`panels_sum_${size.precision}`);
  const finished = machine.kernel(`panels_finished_${size.precision}`);
  const blocks = Math.ceil(size.inner / PRODUCT_BLOCK);
  const { laneStride, kStride } = strides;
  const blockBytes = allocationBytes(roundUp(rowBlock, lanes) * roundUp(size.inner, UNROLL) * WORD);
  let [source, packed] = [0, 0];
  const placeOf = (first: number, count: number, block: number) =>
    packed + (kept ? Math.floor(first / rowBlock) * blockBytes : 0) +
    block * PRODUCT_BLOCK * roundUp(count, lanes) * WORD;
  return {
    scratch: blockBytes * (kept ? Math.ceil(size.rows / rowBlock) : 1),
    begin: (address, scratch) => {
      source = address;
      packed = scratch;
    },
    prepare: (first, count) => {
      for (let block = 0; block < blocks; block++) {
        const start = source + first * laneStride + block * PRODUCT_BLOCK * kStride;
        const terms = termsIn(block, size.inner);
        pack(start, placeOf(first, count, block), count, terms, laneStride, kStride);
      }
    },
    multiply: (first, count, block, columns, columnPanels, target) => {
      const terms = roundUp(termsIn(block, size.inner), UNROLL);
      const fresh = target.fresh ? 1 : 0;
      const start = placeOf(first, count, block);
      sum(start, count, columns, columnPanels, terms, target.address, target.row, fresh);
    },
    prepareFull: (first, count) => {
      const [start, place] = [source + first * laneStride, placeOf(first, count, 0)];
      const rest = count % lanes, full = count - rest;
      pack(start, place, full, size.inner, laneStride, kStride);
      // The last panel ends with the last row: some of its rows are in the one before it, too.
      const last = place + full * roundUp(size.inner, UNROLL) * WORD;
      if (rest > 0) pack(start + (count - lanes) * laneStride, last, lanes, size.inner, laneStride, kStride);
    },
    finish: (first, count, columns, columnPanels, { address, row, bias }) => {
      const terms = roundUp(size.inner, UNROLL);
      finished(placeOf(first, count, 0), count, columns, columnPanels, terms, address, row, bias);
    },
  };
}
