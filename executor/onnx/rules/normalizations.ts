/**
 * Shapes of normalizations and losses.
 *
 * @module
 */
import { intAttribute, stringAttribute } from "../attributes.ts";
import { input, normalizeAxis, type ShapeRule } from "../shape_rule.ts";
import { asInput } from "./elementwise.ts";

const batchNormalization: ShapeRule = (context) => [input(context, 0), input(context, 3), input(context, 4)];

const layerNormalization: ShapeRule = (context) => {
  const x = input(context, 0);
  const axis = normalizeAxis(context, intAttribute(context.node, "axis", -1), x.shape.length);
  const statistics = { dtype: x.dtype, shape: x.shape.map((size, i) => i < axis ? size : 1) };
  return [x, statistics, statistics];
};

/** Cross entropy: the loss, and the logarithms of the probabilities. */
const crossEntropyLoss: ShapeRule = (context) => {
  const scores = input(context, 0), labels = input(context, 1);
  const reduced = stringAttribute(context.node, "reduction", "mean") !== "none";
  return [{ dtype: scores.dtype, shape: reduced ? [] : labels.shape }, scores];
};

/** Rules by operator. */
export const NORMALIZATIONS: Readonly<Record<string, ShapeRule>> = {
  BatchNormalization: batchNormalization,
  LayerNormalization: layerNormalization,
  GroupNormalization: asInput,
  InstanceNormalization: asInput,
  RMSNormalization: asInput,
  RotaryEmbedding: asInput,
  SoftmaxCrossEntropyLoss: crossEntropyLoss,
  NegativeLogLikelihoodLoss: crossEntropyLoss,
};
