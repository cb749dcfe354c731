/**
 * What a Slice node takes of each axis.
 *
 * @module
 */
import { dimension, input, knownInts, type NodeContext, nodeError, normalizeAxis } from "./shape_rule.ts";

/** Elements start, start + step, ... : `count` of them, all inside the axis. `step` may be negative. */
export interface SliceRange {
  readonly start: number;
  readonly step: number;
  readonly count: number;
}

/**
 * The ranges by axis, with negative and oversized bounds resolved; axes that are not mentioned are taken whole.
 *
 * @throws {ExecutorError} `bad_shape` unless starts, ends, axes and steps are known.
 */
export function sliceRanges(context: NodeContext): ReadonlyMap<number, SliceRange> {
  const { shape } = input(context, 0);
  const starts = knownInts(context, 1, "the starts"), ends = knownInts(context, 2, "the ends");
  const axes = context.optional(3) === undefined
    ? starts.map((_, i) => i)
    : knownInts(context, 3, "the axes");
  const steps = context.optional(4) === undefined ? starts.map(() => 1) : knownInts(context, 4, "the steps");
  if ([ends, axes, steps].some((list) => list.length !== starts.length) || steps.includes(0)) {
    throw nodeError(
      context.node,
      "bad_shape",
      "starts, ends, axes and steps must be lists of one length, without step 0.",
    );
  }
  return new Map(axes.map((given, i) => {
    const axis = normalizeAxis(context, given, shape.length);
    return [axis, rangeOf(dimension(context, shape, axis), starts[i] ?? 0, ends[i] ?? 0, steps[i] ?? 1)];
  }));
}

function rangeOf(size: number, from: number, to: number, step: number): SliceRange {
  const counted = (at: number) => at < 0 ? at + size : at;
  const clamp = (at: number, low: number, high: number) => Math.max(low, Math.min(high, at));
  const start = step > 0 ? clamp(counted(from), 0, size) : clamp(counted(from), -1, size - 1);
  const end = step > 0 ? clamp(counted(to), 0, size) : clamp(counted(to), -1, size - 1);
  return { start, step, count: Math.max(0, Math.ceil((end - start) / step)) };
}
