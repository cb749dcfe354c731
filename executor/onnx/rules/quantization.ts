/**
 * Shapes of quantization.
 *
 * @module
 */
import { FLOATS, input, type NodeContext, requireType, sameType, type ShapeRule } from "../shape_rule.ts";

/** Fails unless the zero point at a position, where there is one, has the type of what it belongs to. */
export function requireZeroPoint(context: NodeContext, index: number, of: number): void {
  const zero = context.optional(index);
  if (zero !== undefined) sameType(context, input(context, of), zero);
}

/** Fails unless scales and zero points of two operands and a result have their types: QLinearMatMul and QLinearConv have them in the same places. */
export function requireQuantized(context: NodeContext): void {
  for (const scale of [1, 4, 6]) requireType(context, scale, FLOATS);
  for (const operand of [0, 3]) requireZeroPoint(context, operand + 2, operand);
}

const quantize: ShapeRule = (context) => {
  requireType(context, 1, FLOATS);
  return [{ dtype: context.optional(2)?.dtype ?? "uint8", shape: input(context, 0).shape }];
};

const dequantize: ShapeRule = (context) => {
  requireType(context, 1, FLOATS);
  requireZeroPoint(context, 2, 0);
  return [{ dtype: input(context, 1).dtype, shape: input(context, 0).shape }];
};

const dynamicQuantize: ShapeRule = (context) => [
  { dtype: "uint8", shape: input(context, 0).shape },
  { dtype: "float32", shape: [] },
  { dtype: "uint8", shape: [] },
];

/** Rules by operator. */
export const QUANTIZATION: Readonly<Record<string, ShapeRule>> = {
  QuantizeLinear: quantize,
  DequantizeLinear: dequantize,
  DynamicQuantizeLinear: dynamicQuantize,
};
