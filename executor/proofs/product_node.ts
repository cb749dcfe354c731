/**
 * Graph nodes that are exact integer products: `MatMulInteger`, whose output is the product itself, and `QLinearMatMul`, whose output is
 * the product's sums rounded to 8 bits. The sums of the latter are not committed to: the prover hands them over with its proof.
 *
 * @module
 */
import { ExecutorError } from "../errors.ts";
import type { GraphNode } from "../graph.ts";
import { requantisationRatio, requantise } from "../repops/mod.ts";
import { elementCount, type Tensor, zeros } from "../tensor.ts";
import { type ExactProduct, LONGEST_EXACT_SUM, zeroAt } from "./exact_product.ts";
import type { SmallMatrix } from "./multilinear.ts";

type Inputs = readonly (Tensor | undefined)[];

/** Positions of B and of the zero points, by operator. A comes first in both. */
const PLACES: Readonly<
  Record<string, { readonly b: number; readonly zeroA: number; readonly zeroB: number }>
> = {
  MatMulInteger: { b: 1, zeroA: 2, zeroB: 3 },
  QLinearMatMul: { b: 3, zeroA: 2, zeroB: 5 },
};

/**
 * The product that a node computes.
 *
 * @param sums The claimed integer sums, row by row: `MatMulInteger`'s output.
 * @returns `undefined` if the node is another operator, or a product that is not proven: of a batch of Bs, of no elements, or
 * longer than its sums are exact.
 */
export function productOfNode(node: GraphNode, inputs: Inputs, sums: Tensor): ExactProduct | undefined {
  const places = node.domain === "" ? PLACES[node.operator] : undefined;
  const [left, right] = [inputs[0], places && inputs[places.b]];
  if (!places || !left || !right || !(sums.data instanceof Int32Array)) return undefined;
  const inner = left.shape.at(-1) ?? 1;
  const [a, b] = [
    matrixOf(left, inner),
    matrixOf(right, right.shape.length < 2 ? 1 : right.shape.at(-1) ?? 1),
  ];
  if (!a || !b || b.rows !== inner || inner === 0 || inner > LONGEST_EXACT_SUM) return undefined;
  if (sums.data.length === 0 || sums.data.length !== a.rows * b.columns) return undefined;
  const rowsOfOne = left.shape.length < 2 ? 1 : left.shape.at(-2) ?? 1;
  const zeroA = integersOf(inputs[places.zeroA]);
  const zeroB = integersOf(inputs[places.zeroB]);
  if (![1, rowsOfOne].includes(zeroA.length) || ![1, b.columns].includes(zeroB.length)) return undefined;
  const repeated = zeroA.length === 1
    ? zeroA
    : Array.from({ length: a.rows }, (_, row) => zeroAt(zeroA, row % rowsOfOne));
  return { a, b, zeroA: repeated, zeroB, c: sums.data };
}

/** A tensor of 8-bit integers as rows of `columns`. */
function matrixOf({ shape, data }: Tensor, columns: number): SmallMatrix | undefined {
  if (!(data instanceof Uint8Array || data instanceof Int8Array) || columns === 0) return undefined;
  return { rows: elementCount(shape) / columns, columns, entries: data };
}

function integersOf(tensor: Tensor | undefined): readonly number[] {
  return tensor ? Array.from(tensor.data, Number) : [0];
}

/**
 * `QLinearMatMul`'s output from its sums: what each becomes when it is rounded (SPEC 7.5 of repops).
 *
 * @throws {ExecutorError} `bad_request` for another operator or inputs that are missing.
 */
export function requantisedOutput(node: GraphNode, inputs: Inputs, product: ExactProduct): Tensor {
  const [scaleA, scaleB, scaleY, zeroY] = [inputs[1], inputs[4], inputs[6], inputs[7]];
  if (node.operator !== "QLinearMatMul" || !scaleA || !scaleB || !scaleY || !zeroY) {
    throw new ExecutorError(
      "bad_request",
      `Node ${node.name} (${node.operator}) is no QLinearMatMul with all its inputs.`,
    );
  }
  const { a, b, c } = product;
  const out = zeros({ dtype: zeroY.dtype, shape: [a.rows, b.columns] });
  const [byRow, byColumn] = [integersOf(scaleA), integersOf(scaleB)];
  const [scale, zero] = [Number(scaleY.data[0] ?? 0), Number(zeroY.data[0] ?? 0)];
  const rowsOfOne = inputs[0]?.shape.at(-2) ?? 1;
  for (let row = 0; row < a.rows; row++) {
    const left = zeroAt(byRow, row % rowsOfOne);
    const ratios = byColumn.map((right) => requantisationRatio(left, right, scale));
    for (let column = 0; column < b.columns; column++) {
      const at = row * b.columns + column;
      out.data[at] = requantise(zeroY.dtype, c[at] ?? 0, zeroAt(ratios, column), zero);
    }
  }
  return out;
}
