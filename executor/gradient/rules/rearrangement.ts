/**
 * Gradients of operators that repeat, cut away and turn parts of a tensor.
 *
 * @module
 */
import { intAttribute, stringAttribute } from "../../onnx/mod.ts";
import { expressions } from "../expressions.ts";
import {
  type GradientContext,
  type GradientRule,
  inputName,
  inputType,
  outputGradient,
} from "../gradient_rule.ts";

/** Copies add up. */
const tile: GradientRule = (context) => {
  const e = expressions(context.builder), { shape } = inputType(context, 0), dy = outputGradient(context);
  const sizes = e.shapeOf(dy);
  const apart = shape.flatMap((size, i) => [size === 0 ? 0 : (sizes[i] ?? 0) / size, size]);
  return [e.reshape(e.sum(e.reshape(dy, apart), shape.map((_, i) => 2 * i), false), shape)];
};

const trilu: GradientRule = (context) => [
  context.builder.add("Trilu", [outputGradient(context), ...context.node.inputs.slice(1)], {
    upper: intAttribute(context.node, "upper", 1),
  }),
];

const depthToSpace: GradientRule = (context) => {
  const { builder, node } = context,
    dy = outputGradient(context),
    blocksize = intAttribute(node, "blocksize", 1);
  if (stringAttribute(node, "mode", "DCR") === "DCR") {
    return [builder.add("SpaceToDepth", [dy], { blocksize })];
  }
  const e = expressions(builder), { shape } = inputType(context, 0);
  const [images = 1, channels = 1, height = 1, width = 1] = shape, depth = channels / blocksize ** 2;
  const apart = e.reshape(dy, [images, depth, height, blocksize, width, blocksize]);
  return [e.reshape(e.transpose(apart, [0, 1, 3, 5, 2, 4]), shape)];
};

const spaceToDepth: GradientRule = (context) => [
  context.builder.add("DepthToSpace", [outputGradient(context)], {
    blocksize: intAttribute(context.node, "blocksize", 1),
  }),
];

/** A rotation turns back: by the same cosines, and the sines negated. */
const rotaryEmbedding: GradientRule = (context) => {
  const { builder, node } = context, e = expressions(builder);
  const [, cosines = "", , ...positions] = node.inputs;
  const operands = [outputGradient(context), cosines, e.neg(inputName(context, 2)), ...positions];
  return [builder.add("RotaryEmbedding", operands, node.attributes)];
};

/**
 * A resize is the same sum along each axis at every place: a product with the matrix that it makes of the unit matrix. Its
 * gradient is the product with that matrix turned over.
 */
const resize: GradientRule = (context) => {
  const { shape } = inputType(context, 0);
  let gradient = outputGradient(context);
  shape.forEach((size, axis) => {
    if (isResized(context, axis)) gradient = throughAxis(context, gradient, axis, size);
  });
  return [gradient];
};

/** Whether a resize changes anything along an axis: a scale of 1 leaves all as it is. */
function isResized(context: GradientContext, axis: number): boolean {
  const { builder, node } = context, { shape } = inputType(context, 0);
  const scales = builder.known(node.inputs[2] ?? ""), place = placeOf(context, axis);
  const scale = place < 0 ? 1 : Number(scales?.data[place] ?? 1);
  return scale !== 1 || builder.type(node.outputs[0] ?? "").shape[axis] !== shape[axis];
}

/** Where an axis stands in the lists of scales and sizes; -1 if they leave it out. */
function placeOf({ node, builder }: GradientContext, axis: number): number {
  const axes = node.attributes["axes"];
  if (axes?.type !== "ints") return axis;
  const rank = builder.type(node.inputs[0] ?? "").shape.length;
  return axes.value.findIndex((given) => Number(given < 0n ? given + BigInt(rank) : given) === axis);
}

function throughAxis(context: GradientContext, dy: string, axis: number, size: number): string {
  const { builder, node } = context, e = expressions(builder), count = e.shapeOf(dy)[axis] ?? 1;
  const unit = new Float32Array(size * size);
  for (let i = 0; i < size; i++) unit[i * size + i] = 1;
  const image = builder.constant({ dtype: "float32", shape: [1, size, size], data: unit });
  const scales = builder.known(node.inputs[2] ?? ""), place = placeOf(context, axis);
  const asked = scales === undefined || scales.data.length === 0
    ? ["", "", builder.ints([1, size, count])]
    : [
      "",
      builder.constant({
        dtype: "float32",
        shape: [3],
        data: Float32Array.of(1, 1, Number(scales.data[place] ?? 1)),
      }),
    ];
  const { axes: _, ...attributes } = node.attributes;
  const matrix = e.reshape(builder.add("Resize", [image, ...asked], attributes), [size, count]);
  const rank = e.shapeOf(dy).length, order = Array.from({ length: rank }, (_, i) => i);
  const swapped = order.map((i) => i === axis ? rank - 1 : i === rank - 1 ? axis : i);
  const back = builder.add("MatMul", [e.transpose(dy, swapped), e.transposeMatrix(matrix)]);
  return e.transpose(back, swapped);
}

/** Rules by operator. */
export const REARRANGEMENT: Readonly<Record<string, GradientRule>> = {
  Tile: tile,
  Trilu: trilu,
  DepthToSpace: depthToSpace,
  SpaceToDepth: spaceToDepth,
  RotaryEmbedding: rotaryEmbedding,
  Resize: resize,
};
