/**
 * MatMul and Gemm on the kernels.
 *
 * @module
 */
import { canonical } from "../../numbers/mod.ts";
import { broadcastPosition, extent, floatAttribute, intAttribute } from "../../reference/mod.ts";
import { ROWS } from "../source/mod.ts";
import { prepareBatches } from "./batched_products.ts";
import { binary } from "./elementwise.ts";
import { inParallel, shareOf } from "./parallel.ts";
import { type Lanes, packLanes } from "./product_columns.ts";
import { finishInto, prepareProduct } from "./product_driver.ts";
import type { ProductSize } from "./product_rows.ts";
import { prepareShortProduct } from "./short_products.ts";
import {
  type Compiler,
  constantFloat,
  countOf,
  holdsFloats,
  inOrder,
  type Place,
  type Site,
  WORD,
  type Work,
  work,
} from "./work.ts";

/** Columns are shared between threads by the cache line. */
const SHARED_COLUMNS = 16;

/** One product into a row-major target, its rows or its columns shared between threads. A bias is one value for each column. */
function product(site: Site, size: ProductSize, a: Lanes, b: Lanes, target: number, bias?: Place): Work {
  const isConstant = site.inputs[1]?.constant !== undefined;
  const row = size.columns * WORD;
  return inParallel(site.machine, size.rows * size.columns * size.inner, (machine, part, parts) => {
    // Each part packs its own columns of B and needs all rows of A, or the other way round: the smaller operand is done twice.
    const byColumns = size.columns >= parts * SHARED_COLUMNS && (isConstant || size.columns >= size.rows);
    const [firstRow, lastRow] = byColumns
      ? [0, size.rows]
      : shareOf(size.rows, ROWS[size.precision], part, parts);
    const [firstColumn, lastColumn] = byColumns
      ? shareOf(size.columns, SHARED_COLUMNS, part, parts)
      : [0, size.columns];
    const own = { ...size, rows: lastRow - firstRow, columns: lastColumn - firstColumn };
    if (own.rows === 0 || own.columns === 0) return work(() => {});
    const pack = packLanes(machine, own, { ...b, address: b.address + firstColumn * b.laneStride });
    const destination = {
      address: target + firstRow * row + firstColumn * WORD,
      row,
      bias: bias ? bias.address + firstColumn * WORD : 0,
    };
    const address = a.address + firstRow * a.laneStride;
    const short = prepareShortProduct(machine, own, a, isConstant);
    if (short) {
      return { scratch: short.scratch, run: (scratch) => short.run(address, pack, destination, scratch) };
    }
    const long = prepareProduct(machine, own, a, isConstant);
    const added = bias && { address: destination.bias, kind: "column" as const };
    const take = finishInto(machine, destination, added);
    return { scratch: long.scratch, run: (scratch) => long.run(address, pack, take, scratch) };
  });
}

/** A row-major matrix: its rows as lanes, or if `transposed` its columns. */
function lanesOf(address: number, width: number, transposed: boolean): Lanes {
  const [near, far] = [WORD, width * WORD];
  return transposed
    ? { address, laneStride: near, kStride: far }
    : { address, laneStride: far, kStride: near };
}

const matMul: Compiler = (site) => matrixProduct(site, false, false);

/** The planner's product: operands may be transposed in their last two axes, and a row may be added. */
const fusedMatMul: Compiler = (site) =>
  matrixProduct(
    site,
    intAttribute(site.node, "transA", 0) !== 0,
    intAttribute(site.node, "transB", 0) !== 0,
    site.inputs[2],
  );

function matrixProduct(site: Site, transA: boolean, transB: boolean, row?: Place): Work | undefined {
  const [a, b] = site.inputs;
  const [out] = site.outputs;
  if (!holdsFloats(a) || !holdsFloats(b) || !out || countOf(out) === 0) return undefined;
  const shapeA = a.info.shape.length === 1 ? [1, ...a.info.shape] : a.info.shape;
  const shapeB = b.info.shape.length === 1 ? [...b.info.shape, 1] : b.info.shape;
  const [rows, inner] = matrixSides(shapeA, transA);
  const columns = matrixSides(shapeB, transB)[1];
  if (inner === 0) return undefined;
  const one = (rowCount: number, x: number, y: number, z: number, machine = site.machine) =>
    product(
      { ...site, machine },
      { rows: rowCount, columns, inner, precision: site.precision },
      lanesOf(x, transA ? rows : inner, transA),
      lanesOf(y, transB ? inner : columns, !transB),
      z,
      row,
    );
  const [batchA, batchB] = [shapeA.slice(0, -2), shapeB.slice(0, -2)];
  const batch = batchShape(batchA, batchB);
  const batches = extent(batch);
  // One B for the whole batch: the rows of all batches of A are rows of one product.
  if (extent(batchB) === 1 && extent(batchA) === batches && (!transA || batches === 1)) {
    return one(rows * batches, a.address, b.address, out.address);
  }
  const [placeA, placeB] = [broadcastPosition(batchA, batch), broadcastPosition(batchB, batch)];
  const at = (place: Place, position: number, size: number) => place.address + position * size * WORD;
  const places = (i: number) =>
    [
      at(a, placeA(i), rows * inner),
      at(b, placeB(i), inner * columns),
      at(out, i, rows * columns),
    ] as const;
  const indices = Array.from({ length: batches }, (_, i) => i);
  const isUniform = extent(batchA) === batches && extent(batchB) === batches;
  return inParallel(site.machine, batches * rows * columns * inner, (machine, part, parts) => {
    const [first, last] = shareOf(batches, 1, part, parts);
    if (first === last) return work(() => {});
    const size = { rows, columns, inner, precision: site.precision };
    const together = isUniform && !row
      ? prepareBatches(machine, { size, transA, b: lanesOf(0, transB ? inner : columns, !transB) })
      : undefined;
    if (together) {
      const [x, y, z] = places(first);
      const { scratch, run } = together;
      return { scratch, run: (at) => run({ a: x, b: y, c: z }, last - first, at) };
    }
    return inOrder(...indices.slice(first, last).map((i) => one(rows, ...places(i), machine)));
  });
}

/** Rows and columns of a matrix after its transposition, if any. */
function matrixSides(shape: readonly number[], transposed: boolean): readonly [number, number] {
  const [rows, columns] = [shape.at(-2) ?? 1, shape.at(-1) ?? 1];
  return transposed ? [columns, rows] : [rows, columns];
}

function batchShape(a: readonly number[], b: readonly number[]): readonly number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const [x, y] = [a[i - rank + a.length] ?? 1, b[i - rank + b.length] ?? 1];
    return x === 1 ? y : x;
  });
}

const gemm: Compiler = (site) => {
  const [a, b, c] = site.inputs;
  const [out] = site.outputs;
  if (!holdsFloats(a) || !holdsFloats(b) || !out || countOf(out) === 0) return undefined;
  const transA = intAttribute(site.node, "transA", 0) !== 0;
  const transB = intAttribute(site.node, "transB", 0) !== 0;
  const alpha = canonical(floatAttribute(site.node, "alpha", 1));
  const beta = canonical(floatAttribute(site.node, "beta", 1));
  const [rows = 1, columns = 1] = out.info.shape;
  const inner = a.info.shape[transA ? 0 : 1] ?? 1;
  if (inner === 0) return undefined;
  const size = { rows, columns, inner, precision: site.precision };
  const lanesA = lanesOf(a.address, transA ? rows : inner, transA);
  const lanesB = lanesOf(b.address, transB ? inner : columns, !transB);
  const added = c && beta !== 0 ? c : undefined;
  const columnBias = added && alpha === 1 && beta === 1 && isRow(added, columns);
  const sum = product(site, size, lanesA, lanesB, out.address, columnBias ? added : undefined);
  const scaled = alpha === 1 ? [] : [binary(site, "Mul", out, scalar(site, alpha), out)];
  if (!added || columnBias) return inOrder(sum, ...scaled);
  const weighed = beta === 1 ? undefined : scaledCopy(site, added, beta);
  const addition = binary(site, "Add", out, out, weighed?.place ?? added);
  return inOrder(sum, ...scaled, ...(weighed ? [weighed.work] : []), addition);
};

/** Whether a bias has one value for each column. */
function isRow(c: Place, columns: number): boolean {
  return c.info.shape.at(-1) === columns && countOf(c) === columns;
}

function scalar(site: Site, value: number): Place {
  return {
    info: { dtype: "float32", shape: [] },
    address: constantFloat(site.machine, value),
    constant: undefined,
  };
}

/** beta * c in memory of its own. */
function scaledCopy(site: Site, c: Place, beta: number): { readonly place: Place; readonly work: Work } {
  const place = { info: c.info, address: site.machine.allocate(countOf(c) * WORD), constant: undefined };
  return { place, work: binary(site, "Mul", place, scalar(site, beta), c) };
}

/** Compilers by operator. */
export const productCompilers: Readonly<Record<string, Compiler>> = { MatMul: matMul, Gemm: gemm };

/** Compilers of the planner's fused nodes. */
export const fusedProductCompilers: Readonly<Record<string, Compiler>> = { MatMul: fusedMatMul };
