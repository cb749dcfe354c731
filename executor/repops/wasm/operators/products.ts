/**
 * MatMul and Gemm on the kernels.
 *
 * @module
 */
import { canonical } from "../../numbers/mod.ts";
import { broadcastPosition, extent, floatAttribute, intAttribute } from "../../reference/mod.ts";
import { binary } from "./elementwise.ts";
import {
  type Bias,
  finishInto,
  type Lanes,
  packLanes,
  prepareProduct,
  type ProductSize,
} from "./product_driver.ts";
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
} from "./work.ts";

/** One product into a row-major target. */
function product(site: Site, size: ProductSize, a: Lanes, b: Lanes, target: number, bias?: Bias): Work {
  const prepared = prepareProduct(site.machine, size, a);
  const pack = packLanes(site.machine, size, b);
  const take = finishInto(site.machine, { address: target, row: size.columns * WORD }, bias);
  return { scratch: prepared.scratch, run: (scratch) => prepared.run(a.address, pack, take, scratch) };
}

/** A row-major matrix: its rows as lanes, or if `transposed` its columns. */
function lanesOf(address: number, width: number, transposed: boolean): Lanes {
  const [near, far] = [WORD, width * WORD];
  return transposed
    ? { address, laneStride: near, kStride: far }
    : { address, laneStride: far, kStride: near };
}

const matMul: Compiler = (site) => {
  const [a, b] = site.inputs;
  const [out] = site.outputs;
  if (!holdsFloats(a) || !holdsFloats(b) || !out || countOf(out) === 0) return undefined;
  const shapeA = a.info.shape.length === 1 ? [1, ...a.info.shape] : a.info.shape;
  const shapeB = b.info.shape.length === 1 ? [...b.info.shape, 1] : b.info.shape;
  const [rows, inner, columns] = [shapeA.at(-2) ?? 1, shapeA.at(-1) ?? 1, shapeB.at(-1) ?? 1];
  if (inner === 0) return undefined;
  const { precision } = site;
  const at = (address: number, position: number, size: number) => address + position * size * WORD;
  const batch = batchShape(shapeA.slice(0, -2), shapeB.slice(0, -2));
  const batches = extent(batch);
  const one = (rowCount: number, x: number, y: number, z: number) =>
    product(
      site,
      { rows: rowCount, columns, inner, precision },
      lanesOf(x, inner, false),
      lanesOf(y, columns, true),
      z,
    );
  // One B for the whole batch: the rows of all batches of A are rows of one product.
  if (extent(shapeB.slice(0, -2)) === 1 && extent(shapeA.slice(0, -2)) === batches) {
    return one(rows * batches, a.address, b.address, out.address);
  }
  const placeA = broadcastPosition(shapeA.slice(0, -2), batch);
  const placeB = broadcastPosition(shapeB.slice(0, -2), batch);
  return inOrder(
    ...Array.from({ length: batches }, (_, i) =>
      one(
        rows,
        at(a.address, placeA(i), rows * inner),
        at(b.address, placeB(i), inner * columns),
        at(out.address, i, rows * columns),
      )),
  );
};

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
  const bias: Bias | undefined = columnBias ? { address: added.address, kind: "column" } : undefined;
  const sum = product(site, size, lanesA, lanesB, out.address, bias);
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
