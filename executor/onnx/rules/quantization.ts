/**
 * Shapes of quantization.
 *
 * @module
 */
import { input, type ShapeRule } from "../shape_rule.ts";

const quantize: ShapeRule = (context) => [
  { dtype: context.optional(2)?.dtype ?? "uint8", shape: input(context, 0).shape },
];

const dequantize: ShapeRule = (
  context,
) => [{ dtype: input(context, 1).dtype, shape: input(context, 0).shape }];

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
