/**
 * Gradients of operators that move elements: the gradient moves back.
 *
 * @module
 */
import { intAttribute, intsAttribute, sliceRanges, splitSizes, stringAttribute } from "../../onnx/mod.ts";
import { type Expressions, expressions } from "../expressions.ts";
import {
  type GradientContext,
  type GradientRule,
  inputName,
  inputType,
  outputGradient,
  refuse,
  shapeContext,
} from "../gradient_rule.ts";
import { gatherBack } from "./indexing.ts";

const reshape: GradientRule = (context) => [
  expressions(context.builder).reshape(outputGradient(context), inputType(context, 0).shape),
];

const expand: GradientRule = (context) => [
  expressions(context.builder).sumToShape(outputGradient(context), inputType(context, 0).shape),
];

const transpose: GradientRule = (context) => {
  const rank = inputType(context, 0).shape.length;
  const order = intsAttribute(context.node, "perm", Array.from({ length: rank }, (_, i) => rank - 1 - i));
  const back = order.map((_, axis) => order.indexOf(axis));
  return [expressions(context.builder).transpose(outputGradient(context), back)];
};

function countedAxis(context: GradientContext): number {
  const axis = intAttribute(context.node, "axis", 0);
  return axis < 0 ? axis + inputType(context, 0).shape.length : axis;
}

/** Elements [begin, end) along one axis. */
export function takeRange(
  context: GradientContext,
  x: string,
  axis: number,
  begin: number,
  end: number,
): string {
  const { builder } = context;
  return builder.add("Slice", [x, builder.ints([begin]), builder.ints([end]), builder.ints([axis])]);
}

/** Zeros before and after x along one axis. */
export function padAxis(
  context: GradientContext,
  x: string,
  axis: number,
  before: number,
  after: number,
): string {
  const e = expressions(context.builder);
  const sized = (size: number) => e.shapeOf(x).map((old, i) => i === axis ? size : old);
  const parts = [...(before ? [e.zeros(sized(before))] : []), x, ...(after ? [e.zeros(sized(after))] : [])];
  return parts.length === 1 ? x : context.builder.add("Concat", parts, { axis });
}

const concat: GradientRule = (context) => {
  const axis = countedAxis(context), dy = outputGradient(context);
  let begin = 0;
  return context.node.inputs.map((name, i) => {
    const size = context.builder.type(name).shape[axis] ?? 0, at = begin;
    begin += size;
    return context.needs[i] ? takeRange(context, dy, axis, at, at + size) : undefined;
  });
};

const split: GradientRule = (context) => {
  const { builder, node, outputGradients } = context, e = expressions(builder), axis = countedAxis(context);
  const { shape } = inputType(context, 0);
  const parts = splitSizes(shapeContext(context), shape[axis] ?? 0).slice(0, node.outputs.length)
    .map((size, i) => outputGradients[i] ?? e.zeros(shape.map((old, k) => k === axis ? size : old)));
  return [parts.length === 1 ? parts[0] : builder.add("Concat", parts, { axis })];
};

const slice: GradientRule = (context) => {
  const { shape } = inputType(context, 0);
  let gradient = outputGradient(context);
  for (const [axis, { start, step, count }] of sliceRanges(shapeContext(context))) {
    const size = shape[axis] ?? 0, covered = count === 0 ? 0 : (count - 1) * Math.abs(step) + 1;
    const forward = step < 0 ? reversed(context, gradient, axis) : gradient;
    const first = step < 0 ? start - covered + 1 : start;
    const spread = spreadAxis(context, forward, axis, Math.abs(step));
    gradient = padAxis(context, spread, axis, first, size - first - covered);
  }
  return [gradient];
};

/** The elements along one axis, from the last to the first. */
function reversed(context: GradientContext, x: string, axis: number): string {
  const { builder } = context, { shape } = builder.type(x), size = shape[axis] ?? 0;
  const ends = [builder.ints([size - 1]), builder.ints([-size - 1])];
  return builder.add("Slice", [x, ...ends, builder.ints([axis]), builder.ints([-1])]);
}

/** Puts `step - 1` zeros between the elements along one axis. */
export function spreadAxis(context: GradientContext, x: string, axis: number, step: number): string {
  const e = expressions(context.builder), shape = e.shapeOf(x), count = shape[axis] ?? 0;
  if (step === 1 || count < 2) return x;
  const apart = e.reshape(x, [...shape.slice(0, axis + 1), 1, ...shape.slice(axis + 1)]);
  const spread = e.reshape(
    padAxis(context, apart, axis + 1, 0, step - 1),
    shape.map((size, i) => i === axis ? size * step : size),
  );
  return takeRange(context, spread, axis, 0, (count - 1) * step + 1);
}

const pad: GradientRule = (context) => {
  const { node } = context, { shape } = inputType(context, 0), padded = shapeContext(context);
  const mode = stringAttribute(node, "mode", "constant");
  const pads = padded.constant(1), axes = padded.constant(3);
  const order = axes === undefined
    ? shape.map((_, i) => i)
    : Array.from<number | bigint, number>(axes.data, Number);
  let gradient = outputGradient(context);
  for (const [i, given] of order.entries()) {
    const axis = given < 0 ? given + shape.length : given, size = shape[axis] ?? 0;
    const before = Number(pads?.data[i] ?? 0), after = Number(pads?.data[i + order.length] ?? 0);
    if (before === 0 && after === 0) continue;
    if (mode === "constant") {
      const kept = takeRange(
        context,
        gradient,
        axis,
        Math.max(before, 0),
        before + size + Math.min(after, 0),
      );
      gradient = padAxis(context, kept, axis, Math.max(-before, 0), Math.max(-after, 0));
    } else {
      const sources = Array.from(
        { length: before + size + after },
        (_, at) => repeated(mode, at - before, size),
      );
      gradient = gatherBack(context, gradient, axis, context.builder.ints(sources), size);
    }
  }
  return [gradient];
};

/** The element that padding repeats at a place outside an axis. */
function repeated(mode: string, at: number, size: number): number {
  if (mode === "edge") return Math.min(Math.max(at, 0), size - 1);
  const wrapped = (period: number) => ((at % period) + period) % period;
  if (mode === "wrap") return wrapped(size);
  const place = wrapped(Math.max(1, 2 * size - 2));
  return place < size ? place : 2 * size - 2 - place;
}

/** Cast between floating-point types only: nothing flows through integers. */
const cast: GradientRule = (context) => {
  const from = inputType(context, 0).dtype, e: Expressions = expressions(context.builder);
  if (from !== "float32" || context.builder.type(context.node.outputs[0] ?? "").dtype !== "float32") {
    throw refuse(context.node, "only float32 is differentiated");
  }
  return [e.reshape(outputGradient(context), e.shapeOf(inputName(context, 0)))];
};

/** Rules by operator. */
export const LAYOUT: Readonly<Record<string, GradientRule>> = {
  Reshape: reshape,
  Flatten: reshape,
  Squeeze: reshape,
  Unsqueeze: reshape,
  Expand: expand,
  Transpose: transpose,
  Concat: concat,
  Split: split,
  Slice: slice,
  Pad: pad,
  Cast: cast,
  CastLike: cast,
};
