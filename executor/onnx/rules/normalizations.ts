/**
 * Shapes of normalizations and losses.
 *
 * @module
 */
import { intAttribute, stringAttribute } from "../attributes.ts";
import {
  dimension,
  input,
  type NodeContext,
  nodeError,
  normalizeAxis,
  requireOperand,
  type ShapeRule,
} from "../shape_rule.ts";
import { asInput } from "./elementwise.ts";

/** Fails unless inputs `first` on have one element for each channel. */
function requirePerChannel(context: NodeContext, first: number, last: number): void {
  const { dtype, shape } = input(context, 0), channels = dimension(context, shape, 1);
  for (let index = first; index <= last; index++) {
    input(context, index);
    requireOperand(context, index, { dtype, shape: [channels] });
  }
}

const batchNormalization: ShapeRule = (context) => {
  requirePerChannel(context, 1, 4);
  return [input(context, 0), input(context, 3), input(context, 4)];
};

const instanceNormalization: ShapeRule = (context) => {
  requirePerChannel(context, 1, 2);
  return [input(context, 0)];
};

/** Gain and shift by group, as operator set 18 has them, or by channel. */
const groupNormalization: ShapeRule = (context) => {
  const x = input(context, 0), gain = input(context, 1), channels = dimension(context, x.shape, 1);
  const groups = intAttribute(context.node, "num_groups", 1);
  if (groups < 1 || channels % groups !== 0) {
    throw nodeError(context.node, "bad_shape", `${channels} channels are not ${groups} groups.`);
  }
  const shape = String(gain.shape) === String([groups]) ? [groups] : [channels];
  for (const index of [1, 2]) requireOperand(context, index, { dtype: x.dtype, shape });
  return [x];
};

const layerNormalization: ShapeRule = (context) => {
  const x = input(context, 0);
  const axis = normalizeAxis(context, intAttribute(context.node, "axis", -1), x.shape.length);
  const row = { dtype: x.dtype, shape: x.shape.slice(axis) };
  for (const index of [1, 2]) requireOperand(context, index, row, true);
  const statistics = { dtype: x.dtype, shape: x.shape.map((size, i) => i < axis ? size : 1) };
  return [x, statistics, statistics];
};

const rmsNormalization: ShapeRule = (context) => layerNormalization(context).slice(0, 1);

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
  GroupNormalization: groupNormalization,
  InstanceNormalization: instanceNormalization,
  RMSNormalization: rmsNormalization,
  RotaryEmbedding: asInput,
  SoftmaxCrossEntropyLoss: crossEntropyLoss,
  NegativeLogLikelihoodLoss: crossEntropyLoss,
};
