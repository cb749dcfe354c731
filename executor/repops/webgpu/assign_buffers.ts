/**
 * Which slots share a buffer: those whose lives do not overlap.
 *
 * A buffer of its own for each slot at any time, rather than one large buffer, since WebGPU forbids to read and write the same
 * buffer in one dispatch.
 *
 * @module
 */
import type { Slot } from "./lower.ts";

/** A buffer to be made. */
export interface BufferPlan {
  /** Words of each buffer. */
  readonly sizes: readonly number[];
  /** Buffer of each slot. */
  readonly bufferOf: readonly number[];
}

/** A free buffer may be this many times larger than the slot that takes it: beyond that it is worth keeping for a larger one. */
const MOST_WASTE = 4;

/** Assigns buffers in the order in which slots come to life. */
export function assignBuffers(slots: readonly Slot[]): BufferPlan {
  const sizes: number[] = [];
  const freeFrom: number[] = [];
  const bufferOf = new Array<number>(slots.length).fill(0);
  const order = slots.map((slot, index) => ({ ...slot, index })).sort((a, b) => a.from - b.from);
  for (const { words, from, to, known, index } of order) {
    let best = -1;
    for (let buffer = 0; buffer < sizes.length && !known; buffer++) {
      const size = sizes[buffer] ?? 0;
      const fits = size >= words && size <= MOST_WASTE * Math.max(words, 1);
      if (fits && (freeFrom[buffer] ?? 0) <= from && (best < 0 || size < (sizes[best] ?? 0))) best = buffer;
    }
    if (best < 0) best = sizes.push(words) - 1;
    freeFrom[best] = known ? Infinity : to + 1;
    bufferOf[index] = best;
  }
  return { sizes, bufferOf };
}
