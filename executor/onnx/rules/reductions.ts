/**
 * Shapes of reductions over axes.
 *
 * @module
 */
import { intAttribute, intsAttribute } from "../attributes.ts";
import {
  dimension,
  input,
  knownInts,
  type NodeContext,
  nodeError,
  normalizeAxis,
  type ShapeRule,
} from "../shape_rule.ts";

/**
 * The axes that a Reduce* node reduces, counted from the front, ascending: an attribute in older operator sets, an input since 13
 * (ReduceSum) or 18 (the others).
 */
export function reducedAxes(context: NodeContext): readonly number[] {
  const rank = input(context, 0).shape.length;
  const given = intsAttribute(context.node, "axes", undefined) ??
    (context.optional(1) === undefined ? undefined : knownInts(context, 1, "the axes"));
  if (given === undefined || given.length === 0) {
    const keepsAll = intAttribute(context.node, "noop_with_empty_axes", 0) === 1;
    return keepsAll ? [] : Array.from({ length: rank }, (_, i) => i);
  }
  const axes = new Set(given.map((axis) => normalizeAxis(context, axis, rank)));
  if (axes.size < given.length) {
    throw nodeError(context.node, "bad_shape", `it reduces an axis twice: [${given}].`);
  }
  return [...axes].sort((a, b) => a - b);
}

function withoutAxes(shape: readonly number[], axes: readonly number[], keep: boolean): readonly number[] {
  return shape.flatMap((size, i) => !axes.includes(i) ? [size] : keep ? [1] : []);
}

const reduce: ShapeRule = (context) => {
  const { dtype, shape } = input(context, 0);
  return [{
    dtype,
    shape: withoutAxes(shape, reducedAxes(context), intAttribute(context.node, "keepdims", 1) === 1),
  }];
};

const argument: ShapeRule = (context) => {
  const { shape } = input(context, 0);
  const axis = normalizeAxis(context, intAttribute(context.node, "axis", 0), shape.length);
  return [{
    dtype: "int64",
    shape: withoutAxes(shape, [axis], intAttribute(context.node, "keepdims", 1) === 1),
  }];
};

const topK: ShapeRule = (context) => {
  const { dtype, shape } = input(context, 0);
  const axis = normalizeAxis(context, intAttribute(context.node, "axis", -1), shape.length);
  const [k = 0] = knownInts(context, 1, "k");
  if (k < 0 || k > dimension(context, shape, axis)) {
    throw nodeError(
      context.node,
      "bad_shape",
      `it takes ${k} of ${dimension(context, shape, axis)} elements.`,
    );
  }
  const taken = shape.map((size, i) => i === axis ? k : size);
  return [{ dtype, shape: taken }, { dtype: "int64", shape: taken }];
};

const REDUCTIONS_BY_NAME = "Sum Mean Max Min Prod L1 L2 LogSum LogSumExp SumSquare".split(" ");

/** Rules by operator. */
export const REDUCTIONS: Readonly<Record<string, ShapeRule>> = {
  ...Object.fromEntries(REDUCTIONS_BY_NAME.map((name) => [`Reduce${name}`, reduce])),
  ArgMax: argument,
  ArgMin: argument,
  TopK: topK,
};
