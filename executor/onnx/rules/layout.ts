/**
 * Shapes of operators that move elements without computing.
 *
 * @module
 */
import { elementCount } from "../../tensor.ts";
import { intAttribute, intsAttribute } from "../attributes.ts";
import { broadcastShapes } from "../broadcast.ts";
import {
  dimension,
  input,
  knownInts,
  knownValue,
  type NodeContext,
  nodeError,
  normalizeAxis,
  type ShapeRule,
} from "../shape_rule.ts";
import { sliceRanges } from "../slice_ranges.ts";

const reshape: ShapeRule = (context) => {
  const { dtype, shape } = input(context, 0), wanted = knownInts(context, 1, "the shape");
  const copiesZero = intAttribute(context.node, "allowzero", 0) === 0;
  const sizes = wanted.map((size, i) => size === 0 && copiesZero ? dimension(context, shape, i) : size);
  const open = sizes.indexOf(-1), count = elementCount(shape);
  if (open >= 0) {
    const rest = elementCount(sizes.filter((_, i) => i !== open));
    sizes[open] = rest === 0 ? 0 : count / rest;
  }
  if (sizes.some((size) => !Number.isInteger(size) || size < 0) || elementCount(sizes) !== count) {
    throw nodeError(context.node, "bad_shape", `[${shape}] cannot be reshaped to [${wanted}].`);
  }
  return [{ dtype, shape: sizes }];
};

const flatten: ShapeRule = (context) => {
  const { dtype, shape } = input(context, 0), axis = intAttribute(context.node, "axis", 1);
  const at = axis < 0 ? axis + shape.length : axis;
  return [{ dtype, shape: [elementCount(shape.slice(0, at)), elementCount(shape.slice(at))] }];
};

const transpose: ShapeRule = (context) => {
  const { dtype, shape } = input(context, 0);
  const order = intsAttribute(context.node, "perm", shape.map((_, i) => shape.length - 1 - i));
  if (new Set(order).size !== shape.length) {
    throw nodeError(context.node, "bad_shape", `[${order}] is no order of [${shape}].`);
  }
  return [{ dtype, shape: order.map((axis) => dimension(context, shape, axis)) }];
};

/** Axes of Squeeze and Unsqueeze: an attribute before operator set 13, an input since. */
function axesOf(context: NodeContext): readonly number[] | undefined {
  return intsAttribute(context.node, "axes", undefined) ??
    (context.optional(1) === undefined ? undefined : knownInts(context, 1, "the axes"));
}

const squeeze: ShapeRule = (context) => {
  const { dtype, shape } = input(context, 0);
  const axes = axesOf(context)?.map((axis) => normalizeAxis(context, axis, shape.length));
  const removed = axes ?? shape.flatMap((size, i) => size === 1 ? [i] : []);
  if (removed.some((axis) => shape[axis] !== 1)) {
    throw nodeError(
      context.node,
      "bad_shape",
      `only dimensions of size 1 can be squeezed out of [${shape}]: got axes [${removed}].`,
    );
  }
  return [{ dtype, shape: shape.filter((_, i) => !removed.includes(i)) }];
};

const unsqueeze: ShapeRule = (context) => {
  const { dtype, shape } = input(context, 0), given = axesOf(context) ?? [];
  const axes = new Set(given.map((axis) => normalizeAxis(context, axis, shape.length + given.length)));
  const rest = [...shape];
  const sizes = Array.from(
    { length: shape.length + axes.size },
    (_, i) => axes.has(i) ? 1 : rest.shift() ?? 1,
  );
  return [{ dtype, shape: sizes }];
};

const expand: ShapeRule = (context) => {
  const { dtype, shape } = input(context, 0), wanted = knownInts(context, 1, "the shape");
  const common = broadcastShapes(shape, wanted);
  if (common === undefined) {
    throw nodeError(context.node, "bad_shape", `[${shape}] cannot be expanded to [${wanted}].`);
  }
  return [{ dtype, shape: common }];
};

const concat: ShapeRule = (context) => {
  const all = context.node.inputs.map((_, i) => input(context, i)), first = input(context, 0);
  const axis = normalizeAxis(context, intAttribute(context.node, "axis", 0), first.shape.length);
  const fits = all.every(({ dtype, shape }) =>
    dtype === first.dtype && shape.length === first.shape.length &&
    shape.every((size, i) => i === axis || size === first.shape[i])
  );
  if (!fits) {
    const shown = all.map(({ dtype, shape }) => `${dtype} [${shape}]`).join(", ");
    throw nodeError(context.node, "bad_shape", `${shown} cannot be joined along axis ${axis}.`);
  }
  const total = all.reduce((sum, { shape }) => sum + dimension(context, shape, axis), 0);
  return [{ dtype: first.dtype, shape: first.shape.map((size, i) => i === axis ? total : size) }];
};

/** Sizes of a Split's parts along its axis. */
export function splitSizes(context: NodeContext, size: number): readonly number[] {
  const given = intsAttribute(context.node, "split", undefined) ??
    (context.optional(1) === undefined ? undefined : knownInts(context, 1, "the sizes"));
  const parts = intAttribute(context.node, "num_outputs", context.node.outputs.length);
  const chunk = Math.ceil(size / parts);
  const sizes = given ?? Array.from({ length: parts }, (_, i) => Math.min(chunk, size - i * chunk));
  if (sizes.some((part) => part < 0) || sizes.reduce((a, b) => a + b, 0) !== size) {
    throw nodeError(context.node, "bad_shape", `${size} cannot be split into [${sizes}].`);
  }
  return sizes;
}

const split: ShapeRule = (context) => {
  const { dtype, shape } = input(context, 0);
  const axis = normalizeAxis(context, intAttribute(context.node, "axis", 0), shape.length);
  return splitSizes(context, dimension(context, shape, axis))
    .map((part) => ({ dtype, shape: shape.map((size, i) => i === axis ? part : size) }));
};

const slice: ShapeRule = (context) => {
  const { dtype, shape } = input(context, 0);
  const ranges = sliceRanges(context);
  return [{ dtype, shape: shape.map((size, axis) => ranges.get(axis)?.count ?? size) }];
};

const pad: ShapeRule = (context) => {
  const { dtype, shape } = input(context, 0), pads = knownInts(context, 1, "the pads");
  const axes = context.optional(3) === undefined ? shape.map((_, i) => i) : knownInts(context, 3, "the axes");
  if (pads.length !== 2 * axes.length) {
    throw nodeError(context.node, "bad_shape", `[${pads}] does not pad [${shape}].`);
  }
  const sizes = [...shape];
  axes.forEach((given, i) => {
    const axis = normalizeAxis(context, given, shape.length);
    sizes[axis] = dimension(context, shape, axis) + (pads[i] ?? 0) + (pads[i + axes.length] ?? 0);
  });
  if (sizes.some((size) => size < 0)) {
    throw nodeError(context.node, "bad_shape", `[${pads}] removes more than [${shape}] has.`);
  }
  return [{ dtype, shape: sizes }];
};

const tile: ShapeRule = (context) => {
  const { dtype, shape } = input(context, 0), repeats = knownInts(context, 1, "the repeats");
  if (repeats.length !== shape.length) {
    throw nodeError(context.node, "bad_shape", `[${repeats}] does not repeat [${shape}].`);
  }
  return [{ dtype, shape: shape.map((size, i) => size * (repeats[i] ?? 1)) }];
};

const depthToSpace: ShapeRule = (context) => {
  const { dtype, shape: [n = 0, c = 0, h = 0, w = 0] } = input(context, 0),
    block = intAttribute(context.node, "blocksize", 1);
  if (c % (block * block) !== 0) {
    throw nodeError(context.node, "bad_shape", `${c} channels do not fill blocks of ${block}.`);
  }
  return [{ dtype, shape: [n, c / (block * block), h * block, w * block] }];
};

const spaceToDepth: ShapeRule = (context) => {
  const { dtype, shape: [n = 0, c = 0, h = 0, w = 0] } = input(context, 0),
    block = intAttribute(context.node, "blocksize", 1);
  if (h % block !== 0 || w % block !== 0) {
    throw nodeError(context.node, "bad_shape", `${h}x${w} is no multiple of ${block}.`);
  }
  return [{ dtype, shape: [n, c * block * block, h / block, w / block] }];
};

const resize: ShapeRule = (context) => {
  const { dtype, shape } = input(context, 0);
  if (intsAttribute(context.node, "axes", undefined) !== undefined) {
    throw nodeError(
      context.node,
      "bad_shape",
      "state sizes or scales for every dimension: the attribute axes is not supported.",
    );
  }
  if (context.optional(3) !== undefined) return [{ dtype, shape: knownInts(context, 3, "the sizes") }];
  const scales = knownValue(context, 2, "the scales");
  if (scales.data.length !== shape.length) {
    throw nodeError(context.node, "bad_shape", `it needs ${shape.length} scales: got ${scales.data.length}.`);
  }
  return [{ dtype, shape: shape.map((size, i) => Math.floor(size * Number(scales.data[i]))) }];
};

/** Rules by operator. */
export const LAYOUT: Readonly<Record<string, ShapeRule>> = {
  Reshape: reshape,
  Flatten: flatten,
  Transpose: transpose,
  Squeeze: squeeze,
  Unsqueeze: unsqueeze,
  Expand: expand,
  Concat: concat,
  Split: split,
  Slice: slice,
  Pad: pad,
  Tile: tile,
  DepthToSpace: depthToSpace,
  SpaceToDepth: spaceToDepth,
  Resize: resize,
};
