/**
 * Broadcasting as loops: neighbouring axes along which each operand either varies or stays are one loop.
 *
 * @module
 */
import type { BinaryForm } from "../source/mod.ts";
import { shareOf } from "./parallel.ts";

/** Rows that one kernel call computes, and where each call starts, in bytes. */
export interface BroadcastLoops {
  readonly form: BinaryForm;
  readonly rows: number;
  readonly count: number;
  readonly aRow: number;
  readonly bRow: number;
  readonly starts: readonly { readonly out: number; readonly a: number; readonly b: number }[];
}

/** Elements of a row are shared between threads by the cache line. */
const LINE_ELEMENTS = 16;

/** The share that a part has of the loops: of the calls, of the rows of each, or of the elements of a single row, whichever there are enough of. */
export function shareOfLoops(loops: BroadcastLoops, part: number, parts: number): BroadcastLoops {
  const { form, starts, rows, count, aRow, bRow } = loops;
  if (starts.length >= parts) {
    const [first, last] = shareOf(starts.length, 1, part, parts);
    return { ...loops, starts: starts.slice(first, last) };
  }
  const moved = (by: { readonly out: number; readonly a: number; readonly b: number }) =>
    starts.map((start) => ({ out: start.out + by.out, a: start.a + by.a, b: start.b + by.b }));
  if (rows > 1) {
    const [first, last] = shareOf(rows, 1, part, parts);
    const by = { out: 4 * first * count, a: first * aRow, b: first * bRow };
    return { ...loops, rows: last - first, starts: moved(by) };
  }
  const [first, last] = shareOf(count, LINE_ELEMENTS, part, parts), by = 4 * first;
  return {
    ...loops,
    count: last - first,
    starts: moved({ out: by, a: form === "right" ? 0 : by, b: form === "left" ? 0 : by }),
  };
}

interface Loop {
  readonly size: number;
  readonly a: boolean;
  readonly b: boolean;
}

/** The loops of a broadcast operation on words. */
export function broadcastLoops(
  out: readonly number[],
  a: readonly number[],
  b: readonly number[],
): BroadcastLoops {
  const loops = mergedLoops(out, a, b);
  const inner = loops.at(-1) ?? { size: 1, a: true, b: true };
  const middle = loops.at(-2) ?? { size: 1, a: false, b: false };
  const step = (loop: Loop, which: "a" | "b", below: readonly Loop[]) =>
    loop[which] ? 4 * below.reduce((n, each) => n * (each[which] ? each.size : 1), 1) : 0;
  let starts = [{ out: 0, a: 0, b: 0 }];
  loops.slice(0, -2).forEach((loop, i) => {
    const below = loops.slice(i + 1);
    const [stepA, stepB] = [step(loop, "a", below), step(loop, "b", below)];
    const stepOut = 4 * below.reduce((n, each) => n * each.size, 1);
    starts = starts.flatMap((start) =>
      Array.from({ length: loop.size }, (_, n) => ({
        out: start.out + n * stepOut,
        a: start.a + n * stepA,
        b: start.b + n * stepB,
      }))
    );
  });
  return {
    form: inner.a && inner.b ? "both" : inner.a ? "left" : "right",
    rows: middle.size,
    count: inner.size,
    aRow: step(middle, "a", [inner]),
    bRow: step(middle, "b", [inner]),
    starts,
  };
}

function mergedLoops(out: readonly number[], a: readonly number[], b: readonly number[]): readonly Loop[] {
  const loops: Loop[] = [];
  out.forEach((size, axis) => {
    if (size === 1) return;
    const varies = (shape: readonly number[]) => (shape[axis - out.length + shape.length] ?? 1) !== 1;
    const loop = { size, a: varies(a), b: varies(b) };
    const last = loops.at(-1);
    if (last && last.a === loop.a && last.b === loop.b) {
      loops[loops.length - 1] = { ...loop, size: last.size * size };
    } else loops.push(loop);
  });
  return loops;
}
