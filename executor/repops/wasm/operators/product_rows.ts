/**
 * The rows of a product: how A becomes factors, and how the kernel reads them. Rows whose k lie side by side are copied as they
 * lie; others are packed into panels.
 *
 * @module
 */
import { PRODUCT_BLOCK } from "../../numbers/mod.ts";
import { allocationBytes, type Machine } from "../machine.ts";
import { ROWS, UNROLL } from "../source/packing.ts";
import type { ProductSize } from "./product_driver.ts";
import { WORD } from "./work.ts";

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

/** Rows ready to be multiplied. */
export interface Rows {
  readonly scratch: number;
  /** Makes factors of the rows at an address. */
  prepare(address: number, scratch: number): void;
  /** Multiplies rows `first` to `first + count`, the first of which begins a block of rows, over block `block` of k. */
  multiply(
    first: number,
    count: number,
    block: number,
    columns: number,
    columnPanels: number,
    target: Target,
  ): void;
}

/** Makes the rows of a product ready. */
export function prepareRows(machine: Machine, size: ProductSize, strides: Strides, rowBlock: number): Rows {
  const contiguous = strides.kStride === WORD && strides.laneStride === size.inner * WORD;
  return contiguous ? copiedRows(machine, size) : packedRows(machine, size, strides, rowBlock);
}

const roundUp = (value: number, to: number) => Math.ceil(value / to) * to;
const termsIn = (block: number, inner: number) => Math.min(PRODUCT_BLOCK, inner - block * PRODUCT_BLOCK);

function copiedRows(machine: Machine, size: ProductSize): Rows {
  const factors = machine.kernel(`factors_${size.precision}`);
  const fill = machine.kernel("fill");
  const rowsKernel = machine.kernel(`rows_${size.precision}`);
  const words = size.rows * size.inner;
  const row = size.inner * WORD;
  let copy = 0;
  return {
    scratch: allocationBytes(words * WORD),
    prepare: (address, scratch) => {
      copy = scratch;
      factors(copy, address, Math.ceil(words / 4));
      // The kernel reads up to three factors beyond the last row: they must be finite.
      fill(copy + words * WORD, 0, 1);
    },
    multiply: (first, count, block, columns, columnPanels, target) => {
      const start = copy + first * row + block * PRODUCT_BLOCK * WORD;
      const terms = roundUp(termsIn(block, size.inner), UNROLL);
      const fresh = target.fresh ? 1 : 0;
      rowsKernel(start, row, count, columns, target.address, columnPanels, target.row, terms, fresh);
    },
  };
}

function packedRows(machine: Machine, size: ProductSize, strides: Strides, rowBlock: number): Rows {
  const lanes = ROWS[size.precision];
  const pack = machine.kernel(`pack${lanes}_${size.precision}`);
  const blocksKernel = machine.kernel(`blocks_${size.precision}`);
  const paddedInner = roundUp(size.inner, UNROLL);
  const blocks = Math.ceil(size.inner / PRODUCT_BLOCK);
  let packed = 0;
  const placeOf = (first: number, count: number, block: number) =>
    packed + (first * paddedInner + block * PRODUCT_BLOCK * roundUp(count, lanes)) * WORD;
  return {
    scratch: allocationBytes(roundUp(size.rows, rowBlock) * paddedInner * WORD),
    prepare: (address, scratch) => {
      packed = scratch;
      for (let first = 0; first < size.rows; first += rowBlock) {
        const count = Math.min(rowBlock, size.rows - first);
        for (let block = 0; block < blocks; block++) {
          const source = address + first * strides.laneStride + block * PRODUCT_BLOCK * strides.kStride;
          const terms = termsIn(block, size.inner);
          pack(source, placeOf(first, count, block), count, terms, strides.laneStride, strides.kStride);
        }
      }
    },
    multiply: (first, count, block, columns, columnPanels, target) => {
      const rowPanels = Math.ceil(count / lanes);
      const terms = roundUp(termsIn(block, size.inner), UNROLL);
      const fresh = target.fresh ? 1 : 0;
      const start = placeOf(first, count, block);
      blocksKernel(start, columns, target.address, rowPanels, columnPanels, target.row, terms, fresh);
    },
  };
}
