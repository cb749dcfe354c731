/**
 * Shapes of operators that read or write by index, and of those that make tensors from shapes.
 *
 * @module
 */
import { intAttribute } from "../attributes.ts";
import { dtypeOfOnnx } from "../element_types.ts";
import {
  dimension,
  input,
  knownInts,
  nodeError,
  normalizeAxis,
  POSITIONS,
  requireOperand,
  requireType,
  type ShapeRule,
} from "../shape_rule.ts";
import { asInput } from "./elementwise.ts";

const gather: ShapeRule = (context) => {
  const { dtype, shape } = input(context, 0), indices = input(context, 1);
  const axis = normalizeAxis(context, intAttribute(context.node, "axis", 0), shape.length);
  return [{ dtype, shape: [...shape.slice(0, axis), ...indices.shape, ...shape.slice(axis + 1)] }];
};

/** Each index stands where its element does, but for its place along the axis: so there are no more of them along the other axes. */
const gatherElements: ShapeRule = (context) => {
  const { dtype, shape } = input(context, 0), indices = input(context, 1).shape;
  const axis = normalizeAxis(context, intAttribute(context.node, "axis", 0), shape.length);
  const fits = indices.length === shape.length &&
    indices.every((size, i) => i === axis || size <= (shape[i] ?? 0));
  if (!fits) {
    throw nodeError(context.node, "bad_shape", `the indices [${indices}] lie outside [${shape}].`);
  }
  return [{ dtype, shape: indices }];
};

const gatherND: ShapeRule = (context) => {
  const { dtype, shape } = input(context, 0), indices = input(context, 1).shape;
  const batch = intAttribute(context.node, "batch_dims", 0),
    depth = dimension(context, indices, indices.length - 1);
  if (batch + depth > shape.length) {
    throw nodeError(context.node, "bad_shape", `${depth} indices are too many for [${shape}].`);
  }
  return [{ dtype, shape: [...indices.slice(0, -1), ...shape.slice(batch + depth)] }];
};

const oneHot: ShapeRule = (context) => {
  const indices = input(context, 0).shape, [depth = 0] = knownInts(context, 1, "the depth");
  const axis = normalizeAxis(context, intAttribute(context.node, "axis", -1), indices.length + 1);
  requireOperand(context, 2, { dtype: input(context, 2).dtype, shape: [2] });
  return [{ dtype: input(context, 2).dtype, shape: indices.toSpliced(axis, 0, depth) }];
};

const shapeOf: ShapeRule = (context) => {
  const rank = input(context, 0).shape.length;
  return [{ dtype: "int64", shape: [shapeBounds(rank, context.node).count] }];
};

/** The dimensions that a Shape node lists: [start, start + count). */
export function shapeBounds(
  rank: number,
  node: Parameters<typeof intAttribute>[0],
): { readonly start: number; readonly count: number } {
  const bound = (at: number) => Math.max(0, Math.min(rank, at < 0 ? at + rank : at));
  const start = bound(intAttribute(node, "start", 0)), end = bound(intAttribute(node, "end", rank));
  return { start, count: Math.max(0, end - start) };
}

const constantOfShape: ShapeRule = (context) => {
  const value = context.node.attributes["value"];
  const dtype = value?.type === "tensor" ? value.value.dtype : "float32";
  const shape = knownInts(context, 0, "the shape");
  if (shape.some((size) => size < 0)) throw nodeError(context.node, "bad_shape", `[${shape}] is no shape.`);
  return [{ dtype, shape }];
};

const range: ShapeRule = (context) => {
  const bounds = ["the start", "the limit", "the step"].map((what, i) => knownInts(context, i, what));
  const [from = 0, to = 0, step = 0] = bounds.map(([bound = 0]) => bound);
  if (step === 0) throw nodeError(context.node, "bad_shape", "its step is 0.");
  return [{ dtype: input(context, 0).dtype, shape: [Math.max(0, Math.ceil((to - from) / step))] }];
};

const eyeLike: ShapeRule = (context) => {
  const { dtype, shape } = input(context, 0), type = intAttribute(context.node, "dtype", undefined);
  return [{
    dtype: type === undefined ? dtype : dtypeOfOnnx(type, `The node "${context.node.name}" (EyeLike)`),
    shape,
  }];
};

/** A rule of an operator whose input 1 holds positions. */
function byPosition(rule: ShapeRule): ShapeRule {
  return (context) => {
    requireType(context, 1, POSITIONS);
    return rule(context);
  };
}

/** Rules by operator. */
export const INDEXING: Readonly<Record<string, ShapeRule>> = {
  Gather: byPosition(gather),
  GatherElements: byPosition(gatherElements),
  GatherND: byPosition(gatherND),
  Scatter: byPosition(asInput),
  ScatterElements: byPosition(asInput),
  ScatterND: byPosition(asInput),
  OneHot: oneHot,
  Shape: shapeOf,
  Size: () => [{ dtype: "int64", shape: [] }],
  ConstantOfShape: constantOfShape,
  Range: range,
  EyeLike: eyeLike,
};
