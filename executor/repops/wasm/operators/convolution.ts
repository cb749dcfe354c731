/**
 * Conv and ConvTranspose of one or two spatial dimensions on the kernels: a product whose columns are gathered from a padded
 * image of factors, so that no tap needs a test.
 *
 * @module
 */
import { extent, intAttribute, intsAttribute, transposedPadding, windowsOf } from "../../reference/mod.ts";
import { PRODUCT_BLOCK } from "../../numbers/mod.ts";
import type { GraphNode } from "../../../graph.ts";
import { allocationBytes, type Machine } from "../machine.ts";
import { COLUMNS, ROWS } from "../source/mod.ts";
import type { PackColumns } from "./product_columns.ts";
import { finishInto, prepareProduct, type TakeTotals } from "./product_driver.ts";
import { ELEMENT_COST, inParallel, shareOf } from "./parallel.ts";
import { prepareMove } from "./strided.ts";
import {
  type Compiler,
  constantIntegers,
  countOf,
  holdsFloats,
  type Place,
  type Site,
  WORD,
  type Work,
  work,
} from "./work.ts";

/** A convolution in two dimensions: `stuff` zeros are put between input elements, as a transposed one needs. */
export interface Geometry {
  readonly images: number;
  readonly groups: number;
  /** Channels of one group. */
  readonly channelsIn: number;
  readonly channelsOut: number;
  readonly size: Pair;
  readonly outSize: Pair;
  readonly kernel: Pair;
  readonly strides: Pair;
  /** Negative if taps run backwards. */
  readonly dilations: Pair;
  readonly before: Pair;
  readonly stuff: Pair;
}

type Pair = readonly [number, number];

/** One or two spatial dimensions as two. */
function pair(values: readonly number[], otherwise: number): Pair {
  return values.length === 1
    ? [otherwise, values[0] ?? otherwise]
    : [values[0] ?? otherwise, values[1] ?? otherwise];
}

/** The padded image: where its element (0, 0) of the input lies, and its size. */
function paddedImage(g: Geometry) {
  const axis = (i: 0 | 1) => {
    const stuffed = (g.size[i] - 1) * g.stuff[i] + 1;
    const taps = [0, (g.kernel[i] - 1) * g.dilations[i]];
    const lowest = Math.min(...taps) - g.before[i];
    const highest = (g.outSize[i] - 1) * g.strides[i] + Math.max(...taps) - g.before[i];
    const lead = Math.max(0, -lowest);
    return { lead, length: Math.max(stuffed, highest + 1) + lead };
  };
  const [rows, columns] = [axis(0), axis(1)];
  return { lead: [rows.lead, columns.lead] as const, height: rows.length, width: columns.length };
}

/** Byte offsets, within the padded images, of each column (image, row, column) of the product; of each tap k. */
export function tables(g: Geometry) {
  const padded = paddedImage(g);
  const plane = padded.height * padded.width;
  const image = g.groups * g.channelsIn * plane;
  const origin: Pair = [padded.lead[0] - g.before[0], padded.lead[1] - g.before[1]];
  const outPlane = g.outSize[0] * g.outSize[1];
  const count = g.images * outPlane;
  const columns = new Int32Array(Math.ceil(count / COLUMNS) * COLUMNS);
  for (let i = 0; i < count; i++) {
    const within = i % outPlane;
    const row = Math.floor(within / g.outSize[1]) * g.strides[0] + origin[0];
    const column = (within % g.outSize[1]) * g.strides[1] + origin[1];
    columns[i] = (Math.floor(i / outPlane) * image + row * padded.width + column) * WORD;
  }
  // Lanes beyond the last column repeat it: their sums are never read.
  columns.fill(columns[count - 1] ?? 0, count);
  const taps = new Int32Array(g.channelsIn * g.kernel[0] * g.kernel[1]);
  for (let k = 0; k < taps.length; k++) {
    const [down, across] = [Math.floor(k / g.kernel[1]) % g.kernel[0], k % g.kernel[1]];
    const channel = Math.floor(k / (g.kernel[0] * g.kernel[1]));
    taps[k] = (channel * plane + down * g.dilations[0] * padded.width + across * g.dilations[1]) * WORD;
  }
  return { columns, taps, padded, plane, image, count, outPlane };
}

/** Makes ready the way of images' elements to their places in the padded images: of `count` planes from `first` on, of all channels of all images. */
export function preparePadding(
  machine: Machine,
  g: Geometry,
  { plane, padded }: ReturnType<typeof tables>,
  { first, count } = { first: 0, count: g.images * g.groups * g.channelsIn },
) {
  const source = g.size[0] * g.size[1];
  return prepareMove(machine, {
    axes: [
      { size: count, target: plane, source },
      { size: g.size[0], target: g.stuff[0] * padded.width, source: g.size[1] },
      { size: g.size[1], target: g.stuff[1], source: 1 },
    ],
    targetStart: first * plane + padded.lead[0] * padded.width + padded.lead[1],
    sourceStart: first * source,
  });
}

/** Makes the padded images of factors ready, planes shared between threads by fours, which end with a vector. */
function prepareImages(
  { machine, precision }: Site,
  g: Geometry,
  x: Place,
  t: ReturnType<typeof tables>,
): Work {
  const planes = g.images * g.groups * g.channelsIn;
  let base = 0;
  const shared = inParallel(machine, planes * t.plane * ELEMENT_COST.few, (own, part, parts) => {
    const [first, last] = shareOf(planes, 4, part, parts);
    if (first === last) return work(() => {});
    const [factors, fill] = [own.kernel(`factors_${precision}`), own.kernel("fill")];
    const place = preparePadding(own, g, t, { first, count: last - first });
    const vectors = Math.ceil((last - first) * t.plane / 4), start = first * t.plane * WORD;
    if (planes * t.plane === countOf(x)) {
      return work(() => factors(base + start, x.address + start, vectors));
    }
    return work(() => {
      fill(base + start, 0, vectors);
      place(base, x.address);
      factors(base + start, base + start, vectors);
    });
  });
  return {
    scratch: shared.scratch,
    run: (scratch) => {
      base = scratch;
      shared.run(scratch);
    },
  };
}

/** Convolves: weights are [groups * channelsOut][k] at an address, or in scratch if `weights.prepare` puts them there. */
function convolve(
  site: Site,
  g: Geometry,
  operands: { readonly x: Place; readonly out: Place; readonly bias: Place | undefined },
  weights: {
    readonly address: (scratch: number) => number;
    readonly bytes: number;
    prepare(scratch: number): void;
  },
): Work {
  const { machine, precision } = site;
  const { x, out, bias } = operands;
  const t = tables(g);
  const inner = t.taps.length;
  const columnTable = constantIntegers(machine, t.columns);
  const tapTable = constantIntegers(machine, t.taps);
  const imageBytes = allocationBytes(g.images * t.image * WORD);
  const images = prepareImages(site, g, x, t);
  const weightBytes = allocationBytes(weights.bytes);
  /** Scratch memory of the run: the padded image, then the weights if they are put there. */
  let base = 0;
  const multiplications = g.groups * g.channelsOut * t.count * inner;
  const products = inParallel(machine, multiplications, (own, part, parts) => {
    // Columns are shared by the panel. As the gradient of weights has them, they may be too few.
    const byColumns = t.count > (parts - 1) * COLUMNS;
    const [from, to] = byColumns ? shareOf(t.count, COLUMNS, part, parts) : [0, t.count];
    const [top, bottom] = byColumns
      ? [0, g.channelsOut]
      : shareOf(g.channelsOut, ROWS[precision], part, parts);
    if (from === to || top === bottom) return work(() => {});
    const size = { rows: bottom - top, columns: to - from, inner, precision };
    const product = prepareProduct(own, size, { laneStride: inner * WORD, kStride: WORD });
    const gather = own.kernel("gather");
    return {
      scratch: product.scratch,
      run: (scratch) => {
        for (let group = 0; group < g.groups; group++) {
          const image = base + group * g.channelsIn * t.plane * WORD;
          const channel = group * g.channelsOut + top;
          const pack: PackColumns = (first, count, block, target) => {
            const start = block * PRODUCT_BLOCK;
            const columns = columnTable + (from + first) * WORD, taps = tapTable + start * WORD;
            const panels = Math.ceil(count / COLUMNS);
            gather(image, columns, taps, target, panels, Math.min(PRODUCT_BLOCK, inner - start));
          };
          const take: TakeTotals = (totals, firstRow, rows, firstColumn, count) =>
            forEachImage(from + firstColumn, count, t.outPlane, (imageIndex, within, offset, length) => {
              const start = (imageIndex * g.groups * g.channelsOut + channel) * t.outPlane + within;
              const target = { address: out.address + start * WORD, row: t.outPlane * WORD };
              const added = bias && { address: bias.address + channel * WORD, kind: "row" as const };
              const source = { address: totals.address + offset * WORD, row: totals.row };
              finishInto(own, target, added)(source, firstRow, rows, 0, length);
            });
          product.run(weights.address(base + imageBytes) + channel * inner * WORD, pack, take, scratch);
        }
      },
    };
  });
  return {
    scratch: imageBytes + weightBytes + products.scratch,
    run: (scratch) => {
      base = scratch;
      images.run(scratch);
      weights.prepare(scratch + imageBytes);
      products.run(scratch + imageBytes + weightBytes);
    },
  };
}

/** Cuts a run of columns at the borders of images. */
export function forEachImage(
  first: number,
  count: number,
  plane: number,
  visit: (image: number, within: number, offset: number, length: number) => void,
): void {
  for (let column = first; column < first + count;) {
    const within = column % plane;
    const length = Math.min(plane - within, first + count - column);
    visit(Math.floor(column / plane), within, column - first, length);
    column += length;
  }
}

const conv: Compiler = (site) => {
  const [x, w, bias] = site.inputs;
  const [out] = site.outputs;
  const rank = (x?.info.shape.length ?? 0) - 2;
  if (!holdsFloats(x) || !holdsFloats(w) || !out || rank < 1 || rank > 2 || countOf(out) === 0) {
    return undefined;
  }
  return convolve(site, geometryOf(site.node, x, w, out), { x, out, bias }, {
    address: () => w.address,
    bytes: 0,
    prepare: () => {},
  });
};

/** The geometry of a convolution that is not transposed, of one or two spatial dimensions. */
export function geometryOf(node: GraphNode, x: Place, w: Place, out: Place): Geometry {
  const groups = intAttribute(node, "group", 1);
  const kernel = w.info.shape.slice(2);
  const windows = windowsOf(node, x.info.shape.slice(2), kernel, out.info.shape.slice(2));
  return {
    images: x.info.shape[0] ?? 1,
    groups,
    channelsIn: w.info.shape[1] ?? 1,
    channelsOut: (w.info.shape[0] ?? 1) / groups,
    size: pair(windows.size, 1),
    outSize: pair(out.info.shape.slice(2), 1),
    kernel: pair(kernel, 1),
    strides: pair(windows.strides, 1),
    dilations: pair(windows.dilations, 1),
    before: pair(windows.before, 0),
    stuff: [1, 1],
  };
}

/** A transposed convolution is one of the input with zeros between its elements, whose taps run backwards. */
const convTranspose: Compiler = (site) => {
  const [x, w, bias] = site.inputs;
  const [out] = site.outputs;
  const rank = (x?.info.shape.length ?? 0) - 2;
  if (!holdsFloats(x) || !holdsFloats(w) || !out || rank < 1 || rank > 2 || countOf(out) === 0) {
    return undefined;
  }
  const groups = intAttribute(site.node, "group", 1);
  const ints = (name: string, otherwise: number) =>
    pair(intsAttribute(site.node, name)?.slice(0, rank) ?? [], otherwise);
  const dilations = ints("dilations", 1);
  const sizes = [x, w, out].map(({ info }) => info.shape.slice(2));
  const pads = pair(transposedPadding(site.node, sizes[0] ?? [], sizes[1] ?? [], sizes[2] ?? []), 0);
  const strides = ints("strides", 1);
  const geometry: Geometry = {
    images: x.info.shape[0] ?? 1,
    groups,
    channelsIn: (x.info.shape[1] ?? 1) / groups,
    channelsOut: w.info.shape[1] ?? 1,
    size: pair(x.info.shape.slice(2), 1),
    outSize: pair(out.info.shape.slice(2), 1),
    kernel: pair(w.info.shape.slice(2), 1),
    strides: [1, 1],
    dilations: [-dilations[0], -dilations[1]],
    before: [-pads[0], -pads[1]],
    stuff: strides,
  };
  const taps = extent(w.info.shape, 2);
  const { channelsIn, channelsOut } = geometry;
  const turn = prepareMove(site.machine, {
    axes: [
      { size: groups, target: channelsOut * channelsIn * taps, source: channelsIn * channelsOut * taps },
      { size: channelsOut, target: channelsIn * taps, source: taps },
      { size: channelsIn, target: taps, source: channelsOut * taps },
      { size: taps, target: 1, source: 1 },
    ],
    targetStart: 0,
    sourceStart: 0,
  });
  return convolve(site, geometry, { x, out, bias }, {
    address: (scratch) => scratch,
    bytes: countOf(w) * WORD,
    prepare: (scratch) => turn(scratch, w.address),
  });
};

/** Compilers by operator. */
export const convolutionCompilers: Readonly<Record<string, Compiler>> = {
  Conv: conv,
  ConvTranspose: convTranspose,
};
