/**
 * Moving words between strided layouts: what transposition, slicing, concatenation, expansion and padding are made of.
 *
 * @module
 */
import { stridesOf } from "../../reference/mod.ts";
import type { Machine } from "../machine.ts";
import { type Place, WORD } from "./work.ts";

/** An axis of a move: its size, and how far apart neighbours are on both sides, in words. */
interface Axis {
  readonly size: number;
  readonly target: number;
  readonly source: number;
}

/** A move: axes from the outermost in, and where it starts, in words. */
export interface Move {
  readonly axes: readonly Axis[];
  readonly targetStart: number;
  readonly sourceStart: number;
}

/** Copies one plane: the addresses are where it starts. */
type CopyPlane = (target: number, source: number) => void;

/** Makes a move ready. Axes of size 1 are left out, and axes that continue each other are one. */
export function prepareMove(machine: Machine, move: Move): (target: number, source: number) => void {
  if (move.axes.some(({ size }) => size === 0)) return () => {};
  const axes = merged(move.axes.filter(({ size }) => size > 1));
  const { plane, outer } = planeOf(machine, axes);
  let starts = [{ target: move.targetStart, source: move.sourceStart }];
  for (const { size, target, source } of outer) {
    starts = starts.flatMap((start) =>
      Array.from({ length: size }, (_, i) => ({
        target: start.target + i * target,
        source: start.source + i * source,
      }))
    );
  }
  return (target, source) => {
    for (const start of starts) plane(target + start.target * WORD, source + start.source * WORD);
  };
}

function merged(axes: readonly Axis[]): readonly Axis[] {
  const result: Axis[] = [];
  for (const axis of axes) {
    const last = result.at(-1);
    const continues = last && last.target === axis.target * axis.size &&
      last.source === axis.source * axis.size;
    if (continues) result[result.length - 1] = { ...axis, size: last.size * axis.size };
    else result.push(axis);
  }
  return result;
}

/** The two axes that one kernel call copies, and the axes left over. */
function planeOf(machine: Machine, axes: readonly Axis[]): { plane: CopyPlane; outer: readonly Axis[] } {
  const one: Axis = { size: 1, target: 1, source: 1 };
  const inner = axes.at(-1) ?? one;
  if (inner.target === 1 && inner.source === 1) {
    const rows = axes.at(-2) ?? one;
    const copyRows = machine.kernel("copyRows");
    const plane: CopyPlane = (target, source) =>
      copyRows(target, rows.target * WORD, source, rows.source * WORD, rows.size, inner.size * WORD);
    return { plane, outer: axes.slice(0, -2) };
  }
  const across = axes.findLastIndex((axis, i) => i < axes.length - 1 && axis.source === 1);
  const transposed = axes[across];
  if (inner.target === 1 && transposed) {
    const plane = transposition(machine, inner, transposed);
    return { plane, outer: axes.filter((_, i) => i !== across && i !== axes.length - 1) };
  }
  const rows = axes.at(-2) ?? one;
  return { plane: grid(machine, rows, inner), outer: axes.slice(0, -2) };
}

function grid(machine: Machine, rows: Axis, inner: Axis): CopyPlane {
  const copyGrid = machine.kernel("copyGrid");
  return (target, source) =>
    copyGrid(
      target,
      rows.target * WORD,
      inner.target * WORD,
      source,
      rows.source * WORD,
      inner.source * WORD,
      rows.size,
      inner.size,
    );
}

/** `inner` is contiguous in the target, `across` in the source: tiles of 4 by 4, and the edges word by word. */
function transposition(machine: Machine, inner: Axis, across: Axis): CopyPlane {
  const tiles = machine.kernel("transposeTiles");
  const [rowTiles, columnTiles] = [Math.floor(inner.size / 4), Math.floor(across.size / 4)];
  const [wholeRows, wholeColumns] = [rowTiles * 4, columnTiles * 4];
  const right = grid(machine, { ...inner, size: wholeRows }, { ...across, size: across.size - wholeColumns });
  const below = grid(machine, { ...inner, size: inner.size - wholeRows }, across);
  return (target, source) => {
    tiles(target, across.target * WORD, source, inner.source * WORD, rowTiles, columnTiles);
    right(target + wholeColumns * across.target * WORD, source + wholeColumns * WORD);
    below(target + wholeRows * WORD, source + wholeRows * inner.source * WORD);
  };
}

/** Makes the expansion of one place to the shape of another ready. */
export function prepareExpansion(
  machine: Machine,
  a: Place,
  out: Place,
): (target: number, source: number) => void {
  const [from, to] = [stridesOf(a.info.shape), stridesOf(out.info.shape)];
  const lead = out.info.shape.length - a.info.shape.length;
  return prepareMove(machine, {
    axes: out.info.shape.map((size, axis) => ({
      size,
      target: to[axis] ?? 1,
      source: (a.info.shape[axis - lead] ?? 1) === 1 ? 0 : from[axis - lead] ?? 1,
    })),
    targetStart: 0,
    sourceStart: 0,
  });
}
