/**
 * Gradients of poolings, without scattering: every form here gives the same bits on every device.
 *
 * @module
 */
import { intAttribute, type Window, windowOf } from "../../onnx/mod.ts";
import { elementCount } from "../../tensor.ts";
import { expressions } from "../expressions.ts";
import {
  type GradientContext,
  type GradientRule,
  inputName,
  inputType,
  outputGradient,
  refuse,
  shapeContext,
} from "../gradient_rule.ts";
import { padAxis, spreadAxis, takeRange } from "./layout.ts";

/** Stands for minus infinity in padding: the smallest value of the numeric spec of `repops`, -2^100. */
const LOWEST = -(2 ** 100);

/** The window, padded at its end so that every place of `ceil_mode` fits. */
function window(context: GradientContext): Window {
  const spatial = inputType(context, 0).shape.slice(2), w = windowOf(shapeContext(context), spatial);
  if (intAttribute(context.node, "ceil_mode", 0) === 0) return w;
  const places = context.builder.type(context.node.outputs[0] ?? "").shape.slice(2);
  const padsAfter = spatial.map((size, i) =>
    Math.max(
      w.padsAfter[i] ?? 0,
      ((places[i] ?? 1) - 1) * (w.strides[i] ?? 1) + ((w.kernel[i] ?? 1) - 1) * (w.dilations[i] ?? 1) + 1 -
        size - (w.padsBefore[i] ?? 0),
    )
  );
  return { ...w, padsAfter };
}

const maxPool: GradientRule = (context) => {
  const w = window(context), spatial = inputType(context, 0).shape.slice(2);
  const tiled = spatial.every((size, i) => w.strides[i] === w.kernel[i] && size % (w.kernel[i] ?? 1) === 0) &&
    [...w.padsBefore, ...w.padsAfter].every((size) => size === 0) && w.dilations.every((size) => size === 1);
  return [tiled ? tiledMaximum(context, w) : slidingMaximum(context, w)];
};

/** Windows that tile the input: a reshape puts each beside its maximum. Ties share the gradient. */
function tiledMaximum(context: GradientContext, { kernel }: Window): string {
  const { builder, node } = context, e = expressions(builder), x = inputName(context, 0);
  const { shape } = inputType(context, 0), y = node.outputs[0] ?? "";
  const [planes, places] = [elementCount(shape.slice(0, 2)), e.shapeOf(y).slice(2)];
  const blocks = (size: (i: number) => number) => [planes, ...places.flatMap((count, i) => [count, size(i)])];
  const each = (name: string) => e.reshape(name, blocks(() => 1));
  const equal = builder.add("Equal", [e.reshape(x, blocks((i) => kernel[i] ?? 1)), each(y)]);
  const chosen = builder.add("Cast", [equal], { to: 1 });
  const share = e.div(each(outputGradient(context)), e.sum(chosen, kernel.map((_, i) => 2 * i + 2), true));
  return e.reshape(e.mul(chosen, share), shape);
}

/** Any other window: one term for each position in it, in row order; the first maximum takes the gradient. */
function slidingMaximum(context: GradientContext, w: Window): string {
  const { builder, node } = context, e = expressions(builder);
  const { shape } = inputType(context, 0), spatial = shape.slice(2), y = node.outputs[0] ?? "";
  const places = e.shapeOf(y).slice(2), dy = outputGradient(context), zero = builder.float(0);
  const pads = [0, 0, ...w.padsBefore, 0, 0, ...w.padsAfter];
  const x = inputName(context, 0);
  const padded = pads.some((size) => size > 0)
    ? builder.add("Pad", [x, builder.ints(pads), builder.float(LOWEST)])
    : x;
  const sizes = e.shapeOf(padded), axes = spatial.map((_, i) => i + 2);
  let free: string | undefined, total: string | undefined;
  for (const offset of offsets(w.kernel)) {
    const starts = offset.map((at, i) => at * (w.dilations[i] ?? 1));
    const ends = starts.map((start, i) => start + ((places[i] ?? 1) - 1) * (w.strides[i] ?? 1) + 1);
    const seen = builder.add("Slice", [
      padded,
      builder.ints(starts),
      builder.ints(ends),
      builder.ints(axes),
      builder.ints(w.strides),
    ]);
    const equal = builder.add("Equal", [seen, y]);
    const wins: string = free === undefined ? equal : builder.add("And", [equal, free]);
    const stillFree = builder.add("Not", [equal]);
    free = free === undefined ? stillFree : builder.add("And", [free, stillFree]);
    let term = e.where(wins, dy, zero);
    axes.forEach((axis, i) => {
      term = spreadAxis(context, term, axis, w.strides[i] ?? 1);
      term = padAxis(context, term, axis, starts[i] ?? 0, (sizes[axis] ?? 0) - (ends[i] ?? 0));
    });
    total = total === undefined ? term : e.add(total, term);
  }
  if (total === undefined) throw refuse(node, "its window is empty");
  let gradient: string = total;
  axes.forEach((axis, i) => {
    const before = w.padsBefore[i] ?? 0, size = spatial[i] ?? 0;
    if ((sizes[axis] ?? 0) !== size) gradient = takeRange(context, gradient, axis, before, before + size);
  });
  return gradient;
}

/** All positions in a window, row by row. */
function offsets(kernel: readonly number[]): readonly (readonly number[])[] {
  return kernel.reduce<readonly (readonly number[])[]>(
    (before, size) => before.flatMap((at) => Array.from({ length: size }, (_, i) => [...at, i])),
    [[]],
  );
}

/** Each mean spreads evenly: a transposed convolution of every channel with ones. */
const averagePool: GradientRule = (context) => {
  const { builder, node } = context, e = expressions(builder), w = window(context);
  const { shape } = inputType(context, 0), channels = shape[1] ?? 1, spatial = shape.slice(2);
  const dy = outputGradient(context), places = e.shapeOf(dy).slice(2);
  const stated = windowOf(shapeContext(context), spatial);
  const countsPadding = intAttribute(node, "count_include_pad", 0) === 1;
  const perAxis = places.map((count, i) => {
    const before = stated.padsBefore[i] ?? 0, size = spatial[i] ?? 0;
    // What lies behind the stated padding never counts: only ceil_mode reaches it.
    const [from, to] = countsPadding
      ? [0, before + size + (stated.padsAfter[i] ?? 0)]
      : [before, before + size];
    return Array.from({ length: count }, (_, place) => covered(w, i, place * (w.strides[i] ?? 1), from, to));
  });
  const counts = perAxis.reduce<readonly number[]>(
    (before, sizes) => before.flatMap((a) => sizes.map((b) => a * b)),
    [1],
  );
  const factors = Float32Array.from(counts, (count) => Math.fround(1 / count));
  const scaled = e.mul(dy, builder.constant({ dtype: "float32", shape: [1, 1, ...places], data: factors }));
  const ones = new Float32Array(channels * elementCount(w.kernel)).fill(1);
  const weight = builder.constant({ dtype: "float32", shape: [channels, 1, ...w.kernel], data: ones });
  const output_padding = spatial.map((size, i) =>
    size -
    (((places[i] ?? 1) - 1) * (w.strides[i] ?? 1) + ((w.kernel[i] ?? 1) - 1) * (w.dilations[i] ?? 1) + 1 -
      (w.padsBefore[i] ?? 0) - (w.padsAfter[i] ?? 0))
  );
  return [builder.add("ConvTranspose", [scaled, weight], {
    kernel_shape: w.kernel,
    strides: w.strides,
    dilations: w.dilations,
    pads: [...w.padsBefore, ...w.padsAfter],
    output_padding,
    group: channels,
  })];
};

/** How many positions along an axis of a window that begins at `start` lie in [from, to), all in the padded input. */
function covered(w: Window, axis: number, start: number, from: number, to: number): number {
  const positions = Array.from(
    { length: w.kernel[axis] ?? 1 },
    (_, k) => start + k * (w.dilations[axis] ?? 1),
  );
  return positions.filter((at) => at >= from && at < to).length;
}

const globalAveragePool: GradientRule = (context) => {
  const e = expressions(context.builder), { shape } = inputType(context, 0);
  return [e.expand(e.scale(outputGradient(context), 1 / elementCount(shape.slice(2))), shape)];
};

/** Places equal to a plane's maximum share its gradient. */
const globalMaxPool: GradientRule = (context) => {
  const { builder, node } = context, e = expressions(builder), x = inputName(context, 0);
  const equal = builder.add("Equal", [x, node.outputs[0] ?? ""]);
  const chosen = builder.add("Cast", [equal], { to: 1 });
  const axes = e.shapeOf(x).map((_, i) => i).slice(2);
  return [e.mul(chosen, e.div(outputGradient(context), e.sum(chosen, axes, true)))];
};

/** Rules by operator. */
export const POOLING: Readonly<Record<string, GradientRule>> = {
  MaxPool: maxPool,
  AveragePool: averagePool,
  GlobalAveragePool: globalAveragePool,
  GlobalMaxPool: globalMaxPool,
};
