/**
 * Axes as loops: sizes, and how far apart neighbours are in each of several tensors.
 *
 * @module
 */
import { stridesOf } from "../../reference/mod.ts";

/** A loop: its size, and the distance of neighbours in each tensor, in words. */
export interface Loop {
  readonly size: number;
  readonly strides: readonly number[];
}

/** Distances along the axes of `to` in a tensor of shape `from` that is broadcast to it. */
export function broadcastStrides(from: readonly number[], to: readonly number[]): readonly number[] {
  const strides = stridesOf(from);
  const lead = to.length - from.length;
  return to.map((_, axis) => ((from[axis - lead] ?? 1) === 1 ? 0 : strides[axis - lead] ?? 0));
}

/** Loops over a shape, outermost first, with the distances in each tensor; axes that continue each other are one. */
export function loopsOf(
  shape: readonly number[],
  strides: readonly (readonly number[])[],
): readonly Loop[] {
  const loops: Loop[] = [];
  shape.forEach((size, axis) => {
    if (size === 1) return;
    const loop = { size, strides: strides.map((of) => of[axis] ?? 0) };
    const last = loops.at(-1);
    const continues = last?.strides.every((stride, i) => stride === (loop.strides[i] ?? 0) * size);
    if (last && continues) loops[loops.length - 1] = { ...loop, size: last.size * size };
    else loops.push(loop);
  });
  return loops;
}
