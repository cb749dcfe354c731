/**
 * Conv and ConvTranspose of one or two spatial dimensions, as products.
 *
 * @module
 */
import { extent, intAttribute, intsAttribute, transposedPadding, windowsOf } from "../../reference/mod.ts";
import { type Compiler, countOf, type Dispatch, holdsFloats, type Place, type Site } from "./node.ts";
import { multiplyAndAdd } from "./products.ts";
import { loopsOf } from "./strides.ts";

/** A convolution in two dimensions. `between` counts places from one input element to the next: 1, or a transposed one's stride. */
interface Geometry {
  readonly images: number;
  readonly groups: number;
  /** Channels of one group. */
  readonly channelsIn: number;
  readonly channelsOut: number;
  readonly size: readonly number[];
  readonly outSize: readonly number[];
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  /** Negative if taps run backwards. */
  readonly dilations: readonly number[];
  readonly before: readonly number[];
  readonly between: readonly number[];
  /** Distances in the weights: of groups, of output channels, of input channels. */
  readonly weights: { readonly group: number; readonly out: number; readonly in: number };
}

function convolve(
  site: Site,
  g: Geometry,
  [x, w, bias, out]: readonly [Place, Place, Place | undefined, Place],
): readonly Dispatch[] | undefined {
  const [plane, outPlane, taps] = [extent(g.size), extent(g.outSize), extent(g.kernel)];
  return multiplyAndAdd(
    site,
    {
      rows: g.channelsOut,
      columns: g.images * outPlane,
      inner: g.channelsIn * taps,
      layout: g.between.some((places) => places > 1) ? "spread" : "taps",
      batch: loopsOf([g.groups], [[g.weights.group], [g.channelsIn * plane]]),
      a: { row: g.weights.out, k: 1, channel: g.weights.in, taps },
      b: { k: 0, column: 0 },
      c: {
        plane: outPlane,
        row: outPlane,
        planes: g.groups * g.channelsOut * outPlane,
        batch: g.channelsOut * outPlane,
      },
      bias: bias && { place: bias, by: "row" },
      taps: {
        10: [...g.size, ...g.outSize],
        11: [...g.kernel, ...g.strides],
        12: [...g.dilations, ...g.before],
        13: [...g.between, g.groups * g.channelsIn * plane, plane],
      },
    },
    w,
    x,
    out,
  );
}

/** One or two spatial dimensions as two. */
function pair(values: readonly number[], otherwise: number): readonly number[] {
  return values.length === 1
    ? [otherwise, values[0] ?? otherwise]
    : [values[0] ?? otherwise, values[1] ?? otherwise];
}

/** Operands of a convolution with one or two spatial dimensions. */
function operandsOf(site: Site): readonly [Place, Place, Place | undefined, Place] | undefined {
  const [x, w, bias] = site.inputs;
  const [out] = site.outputs;
  const rank = (x?.info.shape.length ?? 0) - 2;
  if (!holdsFloats(x) || !holdsFloats(w) || !out || rank < 1 || rank > 2 || countOf(out) === 0) {
    return undefined;
  }
  return [x, w, bias, out];
}

const conv: Compiler = (site) => {
  const operands = operandsOf(site);
  if (!operands) return undefined;
  const [x, w, , out] = operands;
  const groups = intAttribute(site.node, "group", 1);
  const kernel = w.info.shape.slice(2);
  const windows = windowsOf(site.node, x.info.shape.slice(2), kernel, out.info.shape.slice(2));
  const channelsIn = w.info.shape[1] ?? 1;
  const channelsOut = (w.info.shape[0] ?? 1) / groups;
  const inner = channelsIn * extent(kernel);
  return convolve(site, {
    images: x.info.shape[0] ?? 1,
    groups,
    channelsIn,
    channelsOut,
    size: pair(windows.size, 1),
    outSize: pair(out.info.shape.slice(2), 1),
    kernel: pair(kernel, 1),
    strides: pair(windows.strides, 1),
    dilations: pair(windows.dilations, 1),
    before: pair(windows.before, 0),
    between: [1, 1],
    weights: { group: channelsOut * inner, out: inner, in: extent(kernel) },
  }, operands);
};

/** A transposed convolution is one of the input with zeros between its elements, whose taps run backwards. */
const convTranspose: Compiler = (site) => {
  const operands = operandsOf(site);
  if (!operands) return undefined;
  const [x, w, , out] = operands;
  const rank = x.info.shape.length - 2;
  const groups = intAttribute(site.node, "group", 1);
  const ints = (name: string, otherwise: number) =>
    pair(
      intsAttribute(site.node, name)?.slice(0, rank) ?? new Array<number>(rank).fill(otherwise),
      otherwise,
    );
  const kernel = w.info.shape.slice(2);
  const padding = transposedPadding(site.node, x.info.shape.slice(2), kernel, out.info.shape.slice(2));
  const taps = extent(kernel);
  const channelsIn = (x.info.shape[1] ?? 1) / groups;
  const channelsOut = w.info.shape[1] ?? 1;
  return convolve(site, {
    images: x.info.shape[0] ?? 1,
    groups,
    channelsIn,
    channelsOut,
    size: pair(x.info.shape.slice(2), 1),
    outSize: pair(out.info.shape.slice(2), 1),
    kernel: pair(kernel, 1),
    strides: [1, 1],
    dilations: ints("dilations", 1).map((dilation) => -dilation),
    before: pair(padding, 0).map((places) => -places),
    between: ints("strides", 1),
    weights: { group: channelsIn * channelsOut * taps, out: taps, in: channelsOut * taps },
  }, operands);
};

/** Compilers by operator. */
export const convolutionCompilers: Readonly<Record<string, Compiler>> = {
  Conv: conv,
  ConvTranspose: convTranspose,
};
