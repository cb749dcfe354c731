/**
 * Operators that move elements, on the kernels.
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
import { prepareExpansion, prepareMove } from "./strided.ts";
import { type Compiler, countOf, inOrder, type Place, type Site, WORD, type Work, work } from "./work.ts";

/** One move from a place to another. */
function move(site: Site, out: Place, a: Place, axes: Parameters<typeof prepareMove>[1]): Work {
  const run = prepareMove(site.machine, axes);
  return work(() => run(out.address, a.address));
}

/** Elements of a parameter that is known when the graph is loaded. */
function known(place: Place | undefined): readonly number[] | undefined {
  return place?.constant && Array.from(place.constant.words);
}

const transpose: Compiler = (site) => {
  const [a] = site.inputs;
  const [out] = site.outputs;
  if (!a || !out) return undefined;
  const { shape } = a.info;
  const permutation = intsAttribute(site.node, "perm") ?? shape.map((_, axis) => shape.length - 1 - axis);
  const [from, to] = [stridesOf(shape), stridesOf(out.info.shape)];
  return move(site, out, a, {
    axes: out.info.shape.map((size, axis) => ({
      size,
      target: to[axis] ?? 1,
      source: from[permutation[axis] ?? 0] ?? 1,
    })),
    targetStart: 0,
    sourceStart: 0,
  });
};

const expand: Compiler = (site) => {
  const [a] = site.inputs;
  const [out] = site.outputs;
  if (!a || !out) return undefined;
  const run = prepareExpansion(site.machine, a, out);
  return work(() => run(out.address, a.address));
};

const concat: Compiler = (site) => {
  const [out] = site.outputs;
  if (!out) return undefined;
  const { shape } = out.info;
  const axis = normalAxis(intAttribute(site.node, "axis", 0), shape.length);
  const [rows, inner, size] = [extent(shape, 0, axis), extent(shape, axis + 1), shape[axis] ?? 1];
  const copyRows = site.machine.kernel("copyRows");
  let first = 0;
  const works = site.inputs.flatMap((a) => {
    if (!a) return [];
    const width = (a.info.shape[axis] ?? 1) * inner;
    const start = first;
    first += width;
    return [work(() =>
      copyRows(
        out.address + start * WORD,
        size * inner * WORD,
        a.address,
        width * WORD,
        rows,
        width * WORD,
      )
    )];
  });
  return inOrder(...works);
};

const split: Compiler = (site) => {
  const [a] = site.inputs;
  if (!a) return undefined;
  const { shape } = a.info;
  const axis = normalAxis(intAttribute(site.node, "axis", 0), shape.length);
  const [rows, inner, size] = [extent(shape, 0, axis), extent(shape, axis + 1), shape[axis] ?? 1];
  const copyRows = site.machine.kernel("copyRows");
  if (site.outputs.some((out) => !out)) return undefined;
  let first = 0;
  const works = site.outputs.flatMap((out) => {
    if (!out) return [];
    const width = (out.info.shape[axis] ?? 1) * inner;
    const start = first;
    first += width;
    return [work(() =>
      copyRows(
        out.address,
        width * WORD,
        a.address + start * WORD,
        size * inner * WORD,
        rows,
        width * WORD,
      )
    )];
  });
  return inOrder(...works);
};

const slice: Compiler = (site) => {
  const [a, ...parameters] = site.inputs;
  const [out] = site.outputs;
  if (!a || !out || parameters.some((place) => place && !place.constant)) return undefined;
  const { shape } = a.info;
  const starts = known(parameters[0]) ?? [];
  const axes = (known(parameters[2]) ?? starts.map((_, i) => i)).map((axis) =>
    normalAxis(axis, shape.length)
  );
  const steps = known(parameters[3]) ?? starts.map(() => 1);
  const [from, to] = [stridesOf(shape), stridesOf(out.info.shape)];
  let sourceStart = 0;
  const moved = shape.map((size, axis) => {
    const which = axes.indexOf(axis);
    const step = steps[which] ?? 1;
    const given = starts[which] ?? 0;
    const start = Math.max(0, Math.min(step < 0 ? size - 1 : size, given < 0 ? given + size : given));
    sourceStart += start * (from[axis] ?? 1);
    return { size: out.info.shape[axis] ?? 1, target: to[axis] ?? 1, source: step * (from[axis] ?? 1) };
  });
  return move(site, out, a, { axes: moved, targetStart: 0, sourceStart });
};

const pad: Compiler = (site) => {
  const [a, pads, fill, padAxes] = site.inputs;
  const [out] = site.outputs;
  const given = known(pads);
  if (!a || !out || !given || padAxes) return undefined;
  if (stringAttribute(site.node, "mode", "constant") !== "constant") return undefined;
  if (given.some((padding) => padding < 0) || (fill && !fill.constant)) return undefined;
  const [from, to] = [stridesOf(a.info.shape), stridesOf(out.info.shape)];
  const targetStart = a.info.shape.reduce((sum, _, axis) => sum + (given[axis] ?? 0) * (to[axis] ?? 1), 0);
  const inside = move(site, out, a, {
    axes: a.info.shape.map((size, axis) => ({ size, target: to[axis] ?? 1, source: from[axis] ?? 1 })),
    targetStart,
    sourceStart: 0,
  });
  const fillKernel = site.machine.kernel("fill");
  const word = fill?.constant ? wordOf(fill.constant.words) : 0;
  return inOrder(work(() => fillKernel(out.address, word, Math.ceil(countOf(out) / 4))), inside);
};

/** The first element's bits. */
function wordOf(words: ArrayBufferView): number {
  return new DataView(words.buffer, words.byteOffset).getInt32(0, true);
}

/** Rows gathered by index: each is everything behind the axis. */
const gather: Compiler = (site) => {
  const [data, indices] = site.inputs;
  const [out] = site.outputs;
  if (!data || !indices || !out) return undefined;
  const { shape } = data.info;
  const axis = normalAxis(intAttribute(site.node, "axis", 0), shape.length);
  const [outer, row, size] = [extent(shape, 0, axis), extent(shape, axis + 1) * WORD, shape[axis] ?? 1];
  const many = countOf(indices);
  const gatherRows = site.machine.kernel("gatherRows");
  return work(() => gatherRows(out.address, data.address, indices.address, outer, many, row, size));
};

/** Off everywhere, then on where an index says so. */
const oneHot: Compiler = (site) => {
  const [indices, depth, values] = site.inputs;
  const [out] = site.outputs;
  if (!indices || !depth || !values || !out || indices.info.dtype === "float32" || countOf(out) === 0) {
    return undefined;
  }
  const { shape } = out.info;
  const axis = normalAxis(intAttribute(site.node, "axis", -1), shape.length);
  const [inner, size] = [extent(shape, axis + 1), shape[axis] ?? 1];
  const fill = site.machine.kernel("fill");
  const vectors = Math.ceil(countOf(out) / 4);
  return work(() => {
    const [off = 0, on = 0] = site.machine.view("int32", values.address, 2);
    fill(out.address, off, vectors);
    const target = site.machine.view("int32", out.address, countOf(out));
    const which = site.machine.view("int32", indices.address, countOf(indices));
    for (let i = 0; i < which.length; i++) {
      const index = which[i] ?? 0;
      const place = index < 0 ? index + size : index;
      if (place < 0 || place >= size) continue;
      target[(Math.floor(i / inner) * size + place) * inner + i % inner] = on;
    }
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
};
