/**
 * Shapes of matrix products.
 *
 * @module
 */
import type { TensorInfo } from "../../../ledger/primitives/mod.ts";
import { intAttribute, stringAttribute } from "../attributes.ts";
import { broadcastShapes } from "../broadcast.ts";
import { parseEinsum } from "../einsum.ts";
import { dimension, input, type NodeContext, nodeError, sameType, type ShapeRule } from "../shape_rule.ts";
import { requireQuantized, requireZeroPoint } from "./quantization.ts";

/** Shape of a (batched) matrix product, with numpy's treatment of vectors. */
function productShape(context: NodeContext, a: readonly number[], b: readonly number[]): readonly number[] {
  if (a.length === 0 || b.length === 0) throw nodeError(context.node, "bad_shape", "a scalar is no matrix.");
  const left = a.length === 1 ? [1, ...a] : a, right = b.length === 1 ? [...b, 1] : b;
  const batch = broadcastShapes(left.slice(0, -2), right.slice(0, -2));
  if (batch === undefined || left.at(-1) !== right.at(-2)) {
    throw nodeError(
      context.node,
      "bad_shape",
      `a product of [${a}] and [${b}] does not exist: inner dimensions must agree.`,
    );
  }
  return [
    ...batch,
    ...(a.length === 1 ? [] : [left.at(-2) ?? 1]),
    ...(b.length === 1 ? [] : [right.at(-1) ?? 1]),
  ];
}

const matMul: ShapeRule = (context) => {
  const a = input(context, 0), b = input(context, 1);
  return [{ dtype: sameType(context, a, b), shape: productShape(context, a.shape, b.shape) }];
};

const matMulInteger: ShapeRule = (context) => {
  for (const operand of [0, 1]) requireZeroPoint(context, operand + 2, operand);
  return [
    { dtype: "int32", shape: productShape(context, input(context, 0).shape, input(context, 1).shape) },
  ];
};

const qLinearMatMul: ShapeRule = (context) => {
  requireQuantized(context);
  return [{
    dtype: input(context, 7).dtype,
    shape: productShape(context, input(context, 0).shape, input(context, 3).shape),
  }];
};

const gemm: ShapeRule = (context) => {
  const a = input(context, 0), b = input(context, 1), c = context.optional(2);
  const dtype = sameType(context, a, b);
  if (c !== undefined) sameType(context, a, c);
  if (a.shape.length !== 2 || b.shape.length !== 2) {
    throw nodeError(context.node, "bad_shape", "it multiplies two matrices.");
  }
  const [rows, inner] = pair(context, a, intAttribute(context.node, "transA", 0));
  const [innerB, columns] = pair(context, b, intAttribute(context.node, "transB", 0));
  const shape = [rows, columns];
  const bias = c === undefined ? shape : broadcastShapes(shape, c.shape);
  if (inner !== innerB || bias === undefined || bias.some((size, i) => size !== shape[i])) {
    throw nodeError(
      context.node,
      "bad_shape",
      `[${a.shape}], [${b.shape}] and [${c?.shape ?? ""}] do not fit together.`,
    );
  }
  return [{ dtype, shape }];
};

function pair(context: NodeContext, info: TensorInfo, transposed: number): readonly [number, number] {
  const [rows, columns] = [dimension(context, info.shape, 0), dimension(context, info.shape, 1)];
  return transposed ? [columns, rows] : [rows, columns];
}

const einsum: ShapeRule = (context) => {
  const operands = context.node.inputs.map((_, i) => input(context, i));
  const { inputs, output } = parseEinsum(
    context,
    stringAttribute(context.node, "equation", ""),
    operands.map(({ shape }) => shape),
  );
  const sizes = new Map<string, number>();
  inputs.forEach((labels, operand) =>
    labels.forEach((label, axis) => {
      const size = operands[operand]?.shape[axis] ?? 1, known = sizes.get(label) ?? 1;
      if (known !== 1 && size !== 1 && known !== size) {
        throw nodeError(
          context.node,
          "bad_shape",
          `the label "${label}" stands for both ${known} and ${size}.`,
        );
      }
      sizes.set(label, Math.max(known, size));
    })
  );
  return [{ dtype: input(context, 0).dtype, shape: output.map((label) => sizes.get(label) ?? 1) }];
};

/** Rules by operator. */
export const PRODUCTS: Readonly<Record<string, ShapeRule>> = {
  MatMul: matMul,
  MatMulInteger: matMulInteger,
  QLinearMatMul: qLinearMatMul,
  Gemm: gemm,
  Einsum: einsum,
};
