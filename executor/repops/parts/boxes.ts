/**
 * Boxes of a tensor: a stretch along each axis.
 *
 * @module
 */
import { elementCount } from "../../tensor.ts";
import { extent, positionOf, stridesOf } from "../reference/mod.ts";
import type { Run, Slab } from "./piece.ts";

/** `sizes[i]` positions along axis i, from `starts[i]` on. */
export interface Box {
  readonly starts: readonly number[];
  readonly sizes: readonly number[];
}

/** A box of an output, of whose elements `count` from `from` on are wanted. */
export interface Cover extends Box {
  readonly from: number;
  readonly count: number;
}

/** A range is rounded out to units of at most this part of it: fewer boxes, and at most half as much again to compute. */
const UNITS_OF_RANGE = 4;

/** The largest block of last axes that a range has several of; 1 if it has of none. */
export function unitOf(shape: readonly number[], length: number): number {
  let unit = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const larger = extent(shape, axis);
    if (larger * UNITS_OF_RANGE > length) break;
    unit = larger;
  }
  return unit;
}

/** All of a shape but the ranges of its first axes. */
function boxFrom(shape: readonly number[], starts: readonly number[], sizes: readonly number[]): Box {
  const rest = shape.slice(starts.length);
  return { starts: [...starts, ...rest.map(() => 0)], sizes: [...sizes, ...rest] };
}

/** Boxes of elements `start` to `end` within the block at `place`, in order, each without a gap. */
function* boxesIn(
  shape: readonly number[],
  place: readonly number[],
  start: number,
  end: number,
): Generator<Box> {
  const axis = place.length, ones = place.map(() => 1);
  if (start >= end) return;
  if (end - start === extent(shape, axis)) {
    yield boxFrom(shape, place, ones);
    return;
  }
  const inner = extent(shape, axis + 1);
  let [first, last] = [Math.floor(start / inner), Math.floor(end / inner)];
  const within = (at: number, from: number, to: number) =>
    boxesIn(shape, [...place, at], from - at * inner, to - at * inner);
  if (first === last) {
    yield* within(first, start, end);
    return;
  }
  if (start % inner > 0) yield* within(first, start, ++first * inner);
  if (first < last) yield boxFrom(shape, [...place, first], [...ones, last - first]);
  if (end % inner > 0) yield* within(last, last * inner, end);
}

/**
 * Boxes that hold elements `start` to `end` of an output, in order.
 *
 * @param unit The range is rounded out to multiples of it: an extent of the last axes, or 1.
 */
export function coversOf(
  shape: readonly number[],
  { start, end }: { readonly start: number; readonly end: number },
  unit = unitOf(shape, end - start),
): readonly Cover[] {
  const first = Math.floor(start / unit) * unit, last = Math.ceil(end / unit) * unit;
  return [...boxesIn(shape, [], first, last)].map((box) => {
    const at = positionOf(box.starts, shape);
    const from = Math.max(0, start - at), to = Math.min(end - at, elementCount(box.sizes));
    return { ...box, from, count: to - from };
  });
}

/** The part of an operand that a box of what it is broadcast to reads. */
export function projected(shape: readonly number[], { starts, sizes }: Box): Box {
  const lead = starts.length - shape.length;
  const pick = (values: readonly number[], one: number) =>
    shape.map((size, axis) => size === 1 ? one : values[axis + lead] ?? one);
  return { starts: pick(starts, 0), sizes: pick(sizes, 1) };
}

/** Where a box's elements stand in a tensor of `shape`, in order. */
function* runsOf(shape: readonly number[], { starts, sizes }: Box): Generator<Run> {
  if (elementCount(sizes) === 0) return;
  // Along the axes behind `axis` the box is as wide as the tensor, so it goes on without a gap.
  let axis = shape.length - 1;
  while (axis > 0 && sizes[axis] === shape[axis]) axis--;
  const strides = stridesOf(shape);
  const length = (sizes[axis] ?? 1) * (strides[axis] ?? 1);
  const outer = sizes.slice(0, Math.max(0, axis));
  const at = outer.map(() => 0), first = positionOf(starts, shape);
  for (let left = elementCount(outer); left > 0; left--) {
    yield [at.reduce((sum, place, i) => sum + place * (strides[i] ?? 0), first), length];
    for (let i = at.length - 1; i >= 0; i--) {
      at[i] = (at[i] ?? 0) + 1;
      if ((at[i] ?? 0) < (outer[i] ?? 0)) break;
      at[i] = 0;
    }
  }
}

/**
 * A box of an input.
 *
 * @param of The input's shape, or another of as many elements.
 * @param shape That of the slab, of as many elements as the box. By default the box's.
 */
export function slabOf(
  input: number,
  of: readonly number[],
  box: Box,
  shape: readonly number[] = box.sizes,
): Slab {
  return { input, shape, runs: () => runsOf(of, box) };
}

/** All of an input. */
export function wholeSlab(input: number, of: readonly number[], shape: readonly number[] = of): Slab {
  return { input, shape, runs: () => [[0, elementCount(of)]] };
}
