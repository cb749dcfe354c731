/**
 * Operators that move elements.
 *
 * @module
 */
import {
  extent,
  intAttribute,
  intsAttribute,
  normalAxis,
  stridesOf,
  stringAttribute,
} from "../../reference/mod.ts";
import { bitsOf } from "../../numbers/mod.ts";
import { EMBEDDING_GRADIENT, FILL, GATHER, MOVE, MOVE_AXES, ONE_HOT } from "../shader/movement.ts";
import { MAP_THREADS } from "../shader/maps.ts";
import type { Shader } from "../shader/shader.ts";
import { windowed } from "../shader/windowed.ts";
import { inOrder, map } from "./maps.ts";
import { type Compiler, countOf, type Dispatch, knownElements, parametersOf, type Place } from "./node.ts";
import { loopsOf } from "./strides.ts";
import { splitByNumber, windowsOf } from "./windows.ts";

/** A block of words between two strided layouts. */
export interface Block {
  readonly shape: readonly number[];
  readonly target: readonly number[];
  readonly source: readonly number[];
  readonly targetStart?: number;
  readonly sourceStart?: number;
}

/** How a shader reaches an input: all of it, the element that it writes, or one that it looks for in a window. */
type Reading = "whole" | "alike" | "kept";

/**
 * A shader that has a thread for each element of its first output. Words that a thread moves are one step each.
 *
 * @param readings How each input is reached: `whole` if it is not said.
 */
export function perElement(
  shader: Shader,
  out: Place,
  inputs: readonly Place[],
  count: number,
  vectors: Readonly<Record<number, readonly number[]>>,
  { steps = 1, readings = [] }: { readonly steps?: number; readonly readings?: readonly Reading[] } = {},
): readonly Dispatch[] {
  const dispatch: Dispatch = {
    shader,
    inputs: inputs.map(({ slot }) => slot),
    outputs: [out.slot],
    parameters: parametersOf({ 0: [0, count], ...vectors }),
    workgroups: Math.ceil(count / MAP_THREADS),
    stepsEach: steps * MAP_THREADS,
  };
  const alike = { words: count, reach: { walk: [{ size: count, stride: 1 }] } };
  const reaches = inputs.map((input, i) =>
    readings[i] === "alike" ? alike : { words: countOf(input), reach: "whole" as const }
  );
  const split = (limit: number) => {
    // What is looked for is looked for in each of its windows, and found in one.
    const kept = readings.indexOf("kept"), place = inputs[kept];
    const windows = place && countOf(place) > limit ? windowsOf(countOf(place), limit) : [undefined];
    return inOrder(...windows.map((window) => {
      const within = reaches.map((reach, i) =>
        i === kept && window ? { ...reach, words: window.words } : reach
      );
      const parts = splitByNumber(dispatch, count, MAP_THREADS, [...within, alike], limit);
      return window
        ? parts?.map((part) => ({ ...part, windows: part.windows?.with(kept, window) ?? [] }))
        : parts;
    }));
  };
  return [{ ...dispatch, split }];
}

/** Moves a block of words from one place to another. */
export function move(out: Place, a: Place, block: Block): readonly Dispatch[] | undefined {
  const count = extent(block.shape);
  if (count === 0) return [];
  const loops = loopsOf(block.shape, [block.target, block.source]);
  if (loops.length > MOVE_AXES) return undefined;
  const dispatch: Dispatch = {
    shader: MOVE,
    inputs: [a.slot],
    outputs: [out.slot],
    parameters: parametersOf({
      ...Object.fromEntries(loops.map(({ size, strides }, j) => [1 + j, [size, ...strides]])),
      0: [0, count, 0, loops.length],
      17: [block.targetStart ?? 0, block.sourceStart ?? 0],
    }),
    workgroups: Math.ceil(count / MAP_THREADS),
    stepsEach: MAP_THREADS,
  };
  const split = (limit: number) =>
    windowsOf(countOf(out), limit).flatMap((target) =>
      windowsOf(countOf(a), limit).map((source) => ({
        ...dispatch,
        shader: windowed(MOVE),
        windows: [source, target],
      }))
    );
  return [{ ...dispatch, split }];
}

const transpose: Compiler = (site) => {
  const [a] = site.inputs;
  const [out] = site.outputs;
  if (!a || !out) return undefined;
  const { shape } = a.info;
  const permutation = intsAttribute(site.node, "perm") ?? shape.map((_, axis) => shape.length - 1 - axis);
  const from = stridesOf(shape);
  const source = permutation.map((axis) => from[axis] ?? 0);
  return move(out, a, { shape: out.info.shape, target: stridesOf(out.info.shape), source });
};

const expand: Compiler = (site) => {
  const [a] = site.inputs;
  const [out] = site.outputs;
  return a && out ? map("Copy", out, [a]) : undefined;
};

const concat: Compiler = (site) => {
  const [out] = site.outputs;
  if (!out) return undefined;
  const axis = normalAxis(intAttribute(site.node, "axis", 0), out.info.shape.length);
  const target = stridesOf(out.info.shape);
  let start = 0;
  return inOrder(...site.inputs.map((a) => {
    if (!a) return [];
    const { shape } = a.info;
    const targetStart = start * (target[axis] ?? 1);
    start += shape[axis] ?? 1;
    return move(out, a, { shape, target, source: stridesOf(shape), targetStart });
  }));
};

const split: Compiler = (site) => {
  const [a] = site.inputs;
  if (!a || site.outputs.some((out) => !out)) return undefined;
  const axis = normalAxis(intAttribute(site.node, "axis", 0), a.info.shape.length);
  const source = stridesOf(a.info.shape);
  let start = 0;
  return inOrder(...site.outputs.map((out) => {
    if (!out) return [];
    const { shape } = out.info;
    const sourceStart = start * (source[axis] ?? 1);
    start += shape[axis] ?? 1;
    return move(out, a, { shape, target: stridesOf(shape), source, sourceStart });
  }));
};

const slice: Compiler = (site) => {
  const [a, ...parameters] = site.inputs;
  const [out] = site.outputs;
  if (!a || !out || parameters.some((place) => place && !place.constant)) return undefined;
  const { shape } = a.info;
  const starts = knownElements(parameters[0]) ?? [];
  const axes = (knownElements(parameters[2]) ?? starts.map((_, i) => i)).map((axis) =>
    normalAxis(axis, shape.length)
  );
  const steps = knownElements(parameters[3]) ?? starts.map(() => 1);
  const from = stridesOf(shape);
  let sourceStart = 0;
  const source = shape.map((size, axis) => {
    const which = axes.indexOf(axis);
    const step = steps[which] ?? 1;
    const given = starts[which] ?? 0;
    const start = Math.max(0, Math.min(step < 0 ? size - 1 : size, given < 0 ? given + size : given));
    sourceStart += start * (from[axis] ?? 1);
    return step * (from[axis] ?? 1);
  });
  return move(out, a, { shape: out.info.shape, target: stridesOf(out.info.shape), source, sourceStart });
};

const pad: Compiler = (site) => {
  const [a, pads, fill, padAxes] = site.inputs;
  const [out] = site.outputs;
  const given = knownElements(pads);
  if (!a || !out || !given || padAxes) return undefined;
  if (stringAttribute(site.node, "mode", "constant") !== "constant") return undefined;
  if (given.some((padding) => padding < 0) || (fill && !fill.constant)) return undefined;
  const { shape } = a.info;
  const target = stridesOf(out.info.shape);
  const targetStart = shape.reduce((sum, _, axis) => sum + (given[axis] ?? 0) * (target[axis] ?? 1), 0);
  const value = knownElements(fill)?.[0] ?? 0;
  const word = a.info.dtype === "float32" ? bitsOf(value) : value;
  return inOrder(
    perElement(FILL, out, [], countOf(out), { 1: [word] }),
    move(out, a, { shape, target, source: stridesOf(shape), targetStart }),
  );
};

const gather: Compiler = (site) => {
  const [data, indices] = site.inputs;
  const [out] = site.outputs;
  if (!data || !indices || !out || countOf(data) === 0) return undefined;
  const { shape } = data.info;
  const axis = normalAxis(intAttribute(site.node, "axis", 0), shape.length);
  const vector = [extent(shape, axis + 1), countOf(indices), shape[axis] ?? 1];
  return perElement(GATHER, out, [data, indices], countOf(out), { 1: vector }, { readings: ["kept"] });
};

const oneHot: Compiler = (site) => {
  const [indices, depth, values] = site.inputs;
  const [out] = site.outputs;
  if (!indices || !depth || !values || !out || indices.info.dtype === "float32") return undefined;
  const { shape } = out.info;
  const axis = normalAxis(intAttribute(site.node, "axis", -1), shape.length);
  const vector = [extent(shape, axis + 1), shape[axis] ?? 1];
  return perElement(ONE_HOT, out, [indices, values], countOf(out), { 1: vector });
};

const embeddingGradient: Compiler = (site) => {
  const [indices, gradient] = site.inputs;
  const [out] = site.outputs;
  if (!indices || !gradient || !out) return undefined;
  const { shape } = out.info;
  const many = countOf(indices);
  const vector = [extent(shape, 1), many, shape[0] ?? 1];
  return perElement(EMBEDDING_GRADIENT, out, [indices, gradient], countOf(out), { 1: vector }, {
    steps: many,
  });
};

/** Compilers by operator. */
export const movementCompilers: Readonly<Record<string, Compiler>> = {
  Transpose: transpose,
  Expand: expand,
  Concat: concat,
  Split: split,
  Slice: slice,
  Pad: pad,
  Gather: gather,
  OneHot: oneHot,
  EmbeddingGradient: embeddingGradient,
};
