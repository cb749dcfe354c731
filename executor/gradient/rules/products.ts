/**
 * Gradients of matrix products.
 *
 * @module
 */
import { floatAttribute, intAttribute } from "../../onnx/mod.ts";
import { elementCount } from "../../tensor.ts";
import { expressions } from "../expressions.ts";
import { type GradientRule, inputName, inputType, outputGradient } from "../gradient_rule.ts";

const matMul: GradientRule = (context) => {
  const { builder, needs } = context, e = expressions(builder);
  const a = inputName(context, 0), b = inputName(context, 1), shapeA = e.shapeOf(a), shapeB = e.shapeOf(b);
  // A vector is a matrix of one row (left) or one column (right): numpy drops that dimension from the result.
  const left = shapeA.length === 1 ? e.reshape(a, [1, ...shapeA]) : a;
  const right = shapeB.length === 1 ? e.reshape(b, [...shapeB, 1]) : b;
  const full = e.shapeOf(left), other = e.shapeOf(right);
  let dy = outputGradient(context);
  if (left !== a || right !== b) {
    const batch = e.shapeOf(dy).slice(0, e.shapeOf(dy).length - (left === a ? 1 : 0) - (right === b ? 1 : 0));
    dy = e.reshape(dy, [...batch, full.at(-2) ?? 1, other.at(-1) ?? 1]);
  }
  const toA = () => e.sumToShape(builder.add("MatMul", [dy, e.transposeMatrix(right)]), full);
  const toB = () => {
    if (full.length > 2 && other.length === 2) {
      // Shared weights: one product over all rows of the batch instead of many and a sum.
      const rows = elementCount(full.slice(0, -1));
      const flat = e.reshape(left, [rows, full.at(-1) ?? 1]),
        flatDy = e.reshape(dy, [rows, other.at(-1) ?? 1]);
      return builder.add("MatMul", [e.transposeMatrix(flat), flatDy]);
    }
    return e.sumToShape(builder.add("MatMul", [e.transposeMatrix(left), dy]), other);
  };
  return [
    needs[0] ? e.reshape(toA(), shapeA) : undefined,
    needs[1] ? e.reshape(toB(), shapeB) : undefined,
  ];
};

const gemm: GradientRule = (context) => {
  const { builder, node, needs } = context, e = expressions(builder), dy = outputGradient(context);
  const a = inputName(context, 0), b = inputName(context, 1), c = node.inputs[2] ?? "";
  const transA = intAttribute(node, "transA", 0), transB = intAttribute(node, "transB", 0);
  const alpha = floatAttribute(node, "alpha", 1), beta = floatAttribute(node, "beta", 1);
  const product = (p: string, q: string, tp: number, tq: number) => {
    const result = builder.add("Gemm", [p, q], { transA: tp, transB: tq });
    return alpha === 1 ? result : e.scale(result, alpha);
  };
  const scaled = beta === 1 ? dy : undefined;
  return [
    needs[0] ? transA ? product(b, dy, transB, 1) : product(dy, b, 0, transB ? 0 : 1) : undefined,
    needs[1] ? transB ? product(dy, a, 1, transA) : product(a, dy, transA ? 0 : 1, 0) : undefined,
    needs[2] && c !== "" ? e.sumToShape(scaled ?? e.scale(dy, beta), inputType(context, 2).shape) : undefined,
  ];
};

/** Rules by operator. */
export const PRODUCTS: Readonly<Record<string, GradientRule>> = { MatMul: matMul, Gemm: gemm };
