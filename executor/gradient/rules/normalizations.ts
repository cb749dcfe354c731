/**
 * Gradients of normalizations, from statistics computed anew.
 *
 * @module
 */
import { floatAttribute, intAttribute } from "../../onnx/mod.ts";
import { type Expressions, expressions } from "../expressions.ts";
import {
  type GradientContext,
  type GradientRule,
  inputName,
  inputType,
  outputGradient,
  refuse,
} from "../gradient_rule.ts";

/** ONNX's default epsilon of all normalizations. */
const EPSILON = 1e-5;

interface Normalized {
  /** The input, centred and divided by its deviation. */
  readonly value: string;
  /** One over the deviation. */
  readonly inverse: string;
}

function inverseRoot(context: GradientContext, e: Expressions, variance: string): string {
  const { builder, node } = context;
  const epsilon = builder.float(floatAttribute(node, "epsilon", EPSILON));
  return builder.add("Reciprocal", [builder.add("Sqrt", [e.add(variance, epsilon)])]);
}

function normalize(
  context: GradientContext,
  e: Expressions,
  x: string,
  axes: readonly number[],
  centre: boolean,
): Normalized {
  const centred = centre ? e.sub(x, e.mean(x, axes, true)) : x;
  const inverse = inverseRoot(context, e, e.mean(e.mul(centred, centred), axes, true));
  return { value: e.mul(centred, inverse), inverse };
}

/** Gradient through the normalization itself, from the gradient of its normalized value. */
function throughStatistics(
  e: Expressions,
  dn: string,
  n: Normalized,
  axes: readonly number[],
  centre: boolean,
): string {
  const along = e.mul(n.value, e.mean(e.mul(dn, n.value), axes, true));
  const level = centre ? e.sub(dn, e.mean(dn, axes, true)) : dn;
  return e.mul(n.inverse, e.sub(level, along));
}

/** LayerNormalization and RMSNormalization: statistics over the last axes. */
function lastAxes(centre: boolean): GradientRule {
  return (context) => {
    const { node, needs } = context, e = expressions(context.builder), x = inputName(context, 0);
    const scale = inputName(context, 1), shape = e.shapeOf(x), given = intAttribute(node, "axis", -1);
    const first = given < 0 ? given + shape.length : given;
    const axes = Array.from({ length: shape.length - first }, (_, i) => first + i);
    const dy = outputGradient(context), n = normalize(context, e, x, axes, centre);
    const bias = node.inputs[2] ?? "";
    return [
      needs[0] ? throughStatistics(e, e.mul(dy, scale), n, axes, centre) : undefined,
      needs[1] ? e.sumToShape(e.mul(dy, n.value), e.shapeOf(scale)) : undefined,
      needs[2] && bias !== "" ? e.sumToShape(dy, e.shapeOf(bias)) : undefined,
    ];
  };
}

const instanceNormalization: GradientRule = (context) => {
  const { needs } = context,
    e = expressions(context.builder),
    x = inputName(context, 0),
    dy = outputGradient(context);
  const { shape } = inputType(context, 0), axes = shape.map((_, i) => i).slice(2);
  const n = normalize(context, e, x, axes, true);
  const perChannel = [0, ...axes];
  const scale = e.reshape(inputName(context, 1), [1, shape[1] ?? 1, ...axes.map(() => 1)]);
  return [
    needs[0] ? throughStatistics(e, e.mul(dy, scale), n, axes, true) : undefined,
    needs[1] ? e.sum(e.mul(dy, n.value), perChannel, false) : undefined,
    needs[2] ? e.sum(dy, perChannel, false) : undefined,
  ];
};

/** Statistics over groups of channels. Operator set 18 gave scale and bias by group, later ones give them by channel. */
const groupNormalization: GradientRule = (context) => {
  const { builder, node, needs } = context, e = expressions(builder), x = inputName(context, 0);
  const shape = e.shapeOf(x), [images = 1, channels = 1] = shape, rest = shape.slice(2);
  const groups = intAttribute(node, "num_groups", 1), each = channels / groups;
  const grouped = [images, groups, each, ...rest], axes = grouped.map((_, i) => i).slice(2);
  const byGroup = e.shapeOf(inputName(context, 1))[0] !== channels;
  const perParameter = byGroup ? [0, ...axes] : [0, ...axes.slice(1)];
  const placed = [1, groups, byGroup ? 1 : each, ...rest.map(() => 1)];
  const dy = e.reshape(outputGradient(context), grouped);
  const n = normalize(context, e, e.reshape(x, grouped), axes, true);
  const scale = e.reshape(inputName(context, 1), placed);
  const toParameter = (gradient: string) =>
    e.reshape(e.sum(gradient, perParameter, false), [byGroup ? groups : channels]);
  return [
    needs[0] ? e.reshape(throughStatistics(e, e.mul(dy, scale), n, axes, true), shape) : undefined,
    needs[1] ? toParameter(e.mul(dy, n.value)) : undefined,
    needs[2] ? toParameter(dy) : undefined,
  ];
};

/** In training, over the batch's own statistics: what its running ones become carries no gradient. */
const batchStatistics: GradientRule = (context) => {
  const { node, needs, outputGradients } = context, e = expressions(context.builder);
  if (outputGradients[1] !== undefined || outputGradients[2] !== undefined) {
    throw refuse(node, "its running statistics are not differentiated");
  }
  const x = inputName(context, 0), shape = e.shapeOf(x), dy = outputGradient(context);
  const axes = shape.map((_, i) => i).filter((i) => i !== 1);
  const n = normalize(context, e, x, axes, true);
  const scale = e.reshape(inputName(context, 1), shape.map((size, i) => i === 1 ? size : 1));
  return [
    needs[0] ? throughStatistics(e, e.mul(dy, scale), n, axes, true) : undefined,
    needs[1] ? e.sum(e.mul(dy, n.value), axes, false) : undefined,
    needs[2] ? e.sum(dy, axes, false) : undefined,
  ];
};

/** In inference form, with fixed statistics, as frozen backbones and exported models have it. */
const batchNormalization: GradientRule = (context) => {
  const { node, needs } = context, e = expressions(context.builder);
  if (intAttribute(node, "training_mode", 0) !== 0) return batchStatistics(context);
  if (needs[3] || needs[4]) throw refuse(node, "its mean and variance are fixed and cannot be trained");
  const { shape } = inputType(context, 0), axes = shape.map((_, i) => i).filter((i) => i !== 1);
  const perChannel = (name: string) => e.reshape(name, shape.map((size, i) => i === 1 ? size : 1));
  const dy = outputGradient(context);
  const inverse = inverseRoot(context, e, perChannel(inputName(context, 4)));
  const normalized = () => e.mul(e.sub(inputName(context, 0), perChannel(inputName(context, 3))), inverse);
  return [
    needs[0] ? e.mul(dy, e.mul(perChannel(inputName(context, 1)), inverse)) : undefined,
    needs[1] ? e.sum(e.mul(dy, normalized()), axes, false) : undefined,
    needs[2] ? e.sum(dy, axes, false) : undefined,
  ];
};

/** Rules by operator. */
export const NORMALIZATIONS: Readonly<Record<string, GradientRule>> = {
  LayerNormalization: lastAxes(true),
  RMSNormalization: lastAxes(false),
  GroupNormalization: groupNormalization,
  InstanceNormalization: instanceNormalization,
  BatchNormalization: batchNormalization,
};
