/**
 * Convolutions in three dimensions and more as products of matrices: for each output place the elements under its taps, padding as
 * zeros, are read by index into a column, whose terms are in the order of SPEC 6.4 and 6.5.
 *
 * @module
 */
import {
  coordinatesOf,
  extent,
  intAttribute,
  intsAttribute,
  stringAttribute,
  tapPosition,
  windowsOf,
} from "../../reference/mod.ts";
import type { Expansion, Writer } from "./writer.ts";

/** Elements of the largest table of positions that is made. */
const TABLE_LIMIT = 2 ** 24;

/** A convolution as the product of weights [groups, outputs, terms] and columns [images, groups, terms, places]. */
interface Columns {
  readonly groups: number;
  /** Channels of a group. */
  readonly channels: number;
  readonly kernel: readonly number[];
  /** The weights under the shape [groups, outputs of a group, channels of a group, taps]. */
  readonly weights: string;
  /** Position of the element in its plane that a tap of an output place falls on, if it falls on one. */
  place(at: readonly number[], tap: readonly number[]): number | undefined;
}

function writeProduct(writer: Writer, columns: Columns): void {
  const { node } = writer, { groups, channels, kernel, place, weights } = columns;
  const [images = 1, allChannels = 1, ...size] = writer.input(0)?.shape ?? [];
  const output = writer.type(node.outputs[0] ?? "").shape, outSize = output.slice(2);
  const plane = extent(size), taps = extent(kernel), places = extent(outSize);
  const outputs = (output[1] ?? 1) / groups;
  // One more element behind each plane is the zero that taps beside it read.
  const flat = writer.add("Reshape", [node.inputs[0] ?? "", writer.integers([images, allChannels, plane])]);
  const padded = writer.add("Pad", [flat, writer.integers([0, 0, 0, 0, 0, 1])]);
  const table = Array.from(
    { length: taps * places },
    (_, i) =>
      place(coordinatesOf(i % places, outSize), coordinatesOf(Math.floor(i / places), kernel)) ?? plane,
  );
  const read = writer.add("Gather", [padded, writer.integers(table)], { axis: 2 });
  const shape = [images, groups, channels * taps, places];
  const matrix = writer.add("Reshape", [read, writer.integers(shape)]);
  const rows = writer.add("Reshape", [weights, writer.integers([groups, outputs, channels * taps])]);
  const product = writer.add("MatMul", [rows, matrix]);
  const bias = node.inputs[2] ?? "";
  if (bias === "") {
    writer.add("Reshape", [product, writer.integers(output)], {}, "last");
    return;
  }
  const sum = writer.add("Reshape", [product, writer.integers(output)]);
  const byChannel = [output[1] ?? 1, ...outSize.map(() => 1)];
  writer.add("Add", [sum, writer.add("Reshape", [bias, writer.integers(byChannel)])], {}, "last");
}

/** Whether the node has three dimensions and more, elements, and a table that is not too large. */
function isServed(writer: Writer): boolean {
  const x = writer.input(0), w = writer.input(1), output = writer.type(writer.node.outputs[0] ?? "").shape;
  return x?.dtype === "float32" && w !== undefined && x.shape.length > 4 &&
    ![...x.shape, ...w.shape, ...output].includes(0) &&
    extent(w.shape, 2) * extent(output, 2) <= TABLE_LIMIT;
}

const conv: Expansion = (writer) => {
  if (!isServed(writer)) return false;
  const { node } = writer, size = writer.input(0)?.shape.slice(2) ?? [];
  const [, channels = 1, ...kernel] = writer.input(1)?.shape ?? [];
  const windows = windowsOf(node, size, kernel, writer.type(node.outputs[0] ?? "").shape.slice(2));
  writeProduct(writer, {
    groups: intAttribute(node, "group", 1),
    channels,
    kernel,
    weights: node.inputs[1] ?? "",
    place: (at, tap) => tapPosition(windows, at, tap),
  });
  return true;
};

const convTranspose: Expansion = (writer) => {
  const { node } = writer;
  const isAutomatic = stringAttribute(node, "auto_pad", "NOTSET").startsWith("SAME");
  if (!isServed(writer) || isAutomatic || intsAttribute(node, "output_shape")) return false;
  const [, allChannels = 1, ...size] = writer.input(0)?.shape ?? [];
  const [, outputs = 1, ...kernel] = writer.input(1)?.shape ?? [];
  const groups = intAttribute(node, "group", 1), channels = allChannels / groups, taps = extent(kernel);
  const ints = (name: string, otherwise: number) => intsAttribute(node, name) ?? size.map(() => otherwise);
  const [strides, dilations, before] = [ints("strides", 1), ints("dilations", 1), ints("pads", 0)];
  const apart = writer.add("Reshape", [
    node.inputs[1] ?? "",
    writer.integers([groups, channels, outputs, taps]),
  ]);
  writeProduct(writer, {
    groups,
    channels,
    kernel,
    weights: writer.add("Transpose", [apart], { perm: [0, 2, 1, 3] }),
    place: (at, tap) => {
      let position = 0;
      for (const [axis, length] of size.entries()) {
        const scaled = (at[axis] ?? 0) + (before[axis] ?? 0) - (tap[axis] ?? 0) * (dilations[axis] ?? 1);
        const place = scaled / (strides[axis] ?? 1);
        if (place < 0 || place >= length || !Number.isInteger(place)) return undefined;
        position = position * length + place;
      }
      return position;
    },
  });
  return true;
};

/** Expansions by operator. */
export const convolutionExpansions: Readonly<Record<string, Expansion>> = {
  Conv: conv,
  ConvTranspose: convTranspose,
};
