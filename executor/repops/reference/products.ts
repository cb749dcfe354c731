/**
 * Matrix products (SPEC 6.3): every element is one sum over k, in the order of SPEC 3.
 *
 * @module
 */
import { add, canonical, factor, multiply, type Precision, productSum } from "../numbers/mod.ts";
import { floatAttribute, intAttribute } from "./attributes.ts";
import { type Call, dimension, input, output, type ReferenceOperator } from "./call.ts";
import { broadcastPosition, extent } from "./positions.ts";

/** The canonical sum over k of a(k) * b(k), each operand first made a factor. */
export function product(
  precision: Precision,
  count: number,
  a: (k: number) => number,
  b: (k: number) => number,
): number {
  return canonical(productSum(count, (k) => factor(a(k), precision) * factor(b(k), precision)));
}

/** A product over the last axis of A and the last but one of B, with broadcast batches; vectors are rows or columns. */
export function matrixPlaces(call: Call) {
  const [a, b] = [input(call, 0), input(call, 1)];
  const shapeA = a.shape.length === 1 ? [1, ...a.shape] : a.shape;
  const shapeB = b.shape.length === 1 ? [...b.shape, 1] : b.shape;
  const rows = shapeA.at(-2) ?? 1;
  const inner = shapeA.at(-1) ?? 1;
  const columns = shapeB.at(-1) ?? 1;
  const { shape } = output(call);
  const batch = shape.slice(0, shape.length - (a.shape.length > 1 ? 1 : 0) - (b.shape.length > 1 ? 1 : 0));
  const batchA = broadcastPosition(shapeA.slice(0, -2), batch);
  const batchB = broadcastPosition(shapeB.slice(0, -2), batch);
  return (index: number) => {
    const column = index % columns;
    const row = Math.floor(index / columns) % rows;
    const at = Math.floor(index / (rows * columns));
    return {
      inner,
      row,
      column,
      columns,
      startA: (batchA(at) * rows + row) * inner,
      startB: batchB(at) * inner * columns + column,
    };
  };
}

const matMul: ReferenceOperator = (call) => {
  const [a, b] = [input(call, 0), input(call, 1)];
  const places = matrixPlaces(call);
  return [(index) => {
    const { inner, columns, startA, startB } = places(index);
    return product(call.precision, inner, (k) => a.at(startA + k), (k) => b.at(startB + k * columns));
  }];
};

const gemm: ReferenceOperator = (call) => {
  const [a, b, c] = [input(call, 0), input(call, 1), call.inputs[2]];
  const { shape } = output(call);
  const [rows, columns] = [shape[0] ?? 1, shape[1] ?? 1];
  const transA = intAttribute(call.node, "transA", 0) !== 0;
  const transB = intAttribute(call.node, "transB", 0) !== 0;
  const alpha = canonical(floatAttribute(call.node, "alpha", 1));
  const beta = canonical(floatAttribute(call.node, "beta", 1));
  const inner = dimension(a, transA ? 0 : 1);
  const placeC = c && broadcastPosition(c.shape, shape);
  return [(index) => {
    const row = Math.floor(index / columns);
    const column = index % columns;
    const sum = product(
      call.precision,
      inner,
      (k) => a.at(transA ? k * rows + row : row * inner + k),
      (k) => b.at(transB ? column * inner + k : k * columns + column),
    );
    const scaled = multiply(alpha, sum);
    return c && placeC && beta !== 0 ? add(scaled, multiply(beta, c.at(placeC(index)))) : scaled;
  }];
};

/** Gradient of a Gather along axis 0 with respect to its data: rows of dY summed over the positions that read each row. */
const embeddingGradient: ReferenceOperator = (call) => {
  const [indices, gradient] = [input(call, 0), input(call, 1)];
  const { shape } = output(call);
  const width = extent(shape, 1);
  const vocabulary = shape[0] ?? 1;
  const count = extent(indices.shape);
  return [(index) => {
    const row = Math.floor(index / width);
    const column = index % width;
    return canonical(gatherSum(count, (i) => {
      const target = indices.at(i);
      const wanted = (target < 0 ? target + vocabulary : target) === row;
      return wanted ? gradient.at(i * width + column) : undefined;
    }));
  }];
};

/** Sum of the present terms only, in ascending order: absent ones do not count as positions. */
function gatherSum(count: number, term: (i: number) => number | undefined): number {
  let sum = 0;
  for (let i = 0; i < count; i++) {
    const value = term(i);
    if (value !== undefined) sum = Math.fround(sum + value);
  }
  return sum;
}

/** Operators by name. */
export const productOperators: Readonly<Record<string, ReferenceOperator>> = {
  MatMul: matMul,
  Gemm: gemm,
  EmbeddingGradient: embeddingGradient,
};
