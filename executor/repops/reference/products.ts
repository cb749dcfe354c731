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

/** One side of products: the vectors of an input that enter them. */
export interface ProductSide {
  /** Which input of the node. */
  readonly position: number;
  /** The vector that enters the output element at `index`. Elements with the same number share it. */
  vectorOf(index: number): number;
  /** Where a vector's elements lie in the input, by k; `undefined` for a term of 0. */
  elementsOf(vector: number): (k: number) => number | undefined;
}

/** An output whose every element is one sum of products, in the order of SPEC 3, and what is made of the sum. */
export interface ProductSums {
  /** Terms of each sum. */
  readonly terms: number;
  readonly left: ProductSide;
  readonly right: ProductSide;
  /** The element at `index`, from its canonical sum. */
  finish(sum: number, index: number): number;
}

/** The operator whose output such sums are. */
export function sumsOperator(sumsOf: (call: Call) => ProductSums): ReferenceOperator {
  return (call) => {
    const { terms, left, right, finish } = sumsOf(call);
    const reader = (side: ProductSide, index: number) => {
      const operand = input(call, side.position);
      const elementOf = side.elementsOf(side.vectorOf(index));
      return (k: number) => {
        const element = elementOf(k);
        return element === undefined ? 0 : operand.at(element);
      };
    };
    return [
      (index) => finish(product(call.precision, terms, reader(left, index), reader(right, index)), index),
    ];
  };
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

/** Sums of MatMul: rows of A times columns of B. */
function matMulSums(call: Call): ProductSums {
  const [a, b] = [input(call, 0), input(call, 1)];
  const places = matrixPlaces(call);
  const columns = b.shape.length === 1 ? 1 : dimension(b, b.shape.length - 1);
  return {
    terms: a.shape.at(-1) ?? 1,
    left: { position: 0, vectorOf: (index) => places(index).startA, elementsOf: (start) => (k) => start + k },
    right: {
      position: 1,
      vectorOf: (index) => places(index).startB,
      elementsOf: (start) => (k) => start + k * columns,
    },
    finish: (sum) => sum,
  };
}

function gemmSums(call: Call): ProductSums {
  const [a, c] = [input(call, 0), call.inputs[2]];
  const { shape } = output(call);
  const [rows, columns] = [shape[0] ?? 1, shape[1] ?? 1];
  const transA = intAttribute(call.node, "transA", 0) !== 0;
  const transB = intAttribute(call.node, "transB", 0) !== 0;
  const alpha = canonical(floatAttribute(call.node, "alpha", 1));
  const beta = canonical(floatAttribute(call.node, "beta", 1));
  const inner = dimension(a, transA ? 0 : 1);
  const placeC = c && broadcastPosition(c.shape, shape);
  return {
    terms: inner,
    left: {
      position: 0,
      vectorOf: (index) => Math.floor(index / columns),
      elementsOf: (row) => (k) => (transA ? k * rows + row : row * inner + k),
    },
    right: {
      position: 1,
      vectorOf: (index) => index % columns,
      elementsOf: (column) => (k) => (transB ? column * inner + k : k * columns + column),
    },
    finish: (sum, index) => {
      const scaled = multiply(alpha, sum);
      return c && placeC && beta !== 0 ? add(scaled, multiply(beta, c.at(placeC(index)))) : scaled;
    },
  };
}

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

/** The sums of the operators that are products, by name. */
export const matrixSums: Readonly<Record<string, (call: Call) => ProductSums>> = {
  MatMul: matMulSums,
  Gemm: gemmSums,
};

/** Operators by name. */
export const productOperators: Readonly<Record<string, ReferenceOperator>> = {
  MatMul: sumsOperator(matMulSums),
  Gemm: sumsOperator(gemmSums),
  EmbeddingGradient: embeddingGradient,
};
