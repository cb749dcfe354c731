/**
 * Operators that move elements, as others that do.
 *
 * @module
 */
import { MAX_RANK } from "../../../../ledger/primitives/mod.ts";
import { zeros } from "../../../tensor.ts";
import { extent, intAttribute, normalAxis, stringAttribute } from "../../reference/mod.ts";
import type { Expansion, Writer } from "./writer.ts";

/** Elements of the largest mask that is made for a Trilu: more than any attention needs. */
const MASK_LIMIT = 2 ** 24;

const outputShape = (writer: Writer) => writer.type(writer.node.outputs[0] ?? "").shape;

/** Reshapes, turns, and reshapes to the output. */
function rearrange(writer: Writer, apart: readonly number[], perm: readonly number[]): true {
  const split = writer.add("Reshape", [writer.node.inputs[0] ?? "", writer.integers(apart)]);
  const turned = writer.add("Transpose", [split], { perm });
  writer.add("Reshape", [turned, writer.integers(outputShape(writer))], {}, "last");
  return true;
}

const depthToSpace: Expansion = (writer) => {
  const [images = 1, channels = 1, height = 1, width = 1] = writer.input(0)?.shape ?? [];
  const size = intAttribute(writer.node, "blocksize", 1), depth = channels / size ** 2;
  return stringAttribute(writer.node, "mode", "DCR") === "DCR"
    ? rearrange(writer, [images, size, size, depth, height, width], [0, 3, 4, 1, 5, 2])
    : rearrange(writer, [images, depth, size, size, height, width], [0, 1, 4, 2, 5, 3]);
};

const spaceToDepth: Expansion = (writer) => {
  const [images = 1, channels = 1, height = 1, width = 1] = writer.input(0)?.shape ?? [];
  const size = intAttribute(writer.node, "blocksize", 1);
  return rearrange(writer, [images, channels, height / size, size, width / size, size], [0, 3, 5, 1, 2, 4]);
};

/** Each repeated axis gets one of its own in front, along which the elements are spread. */
const tile: Expansion = (writer) => {
  const shape = writer.input(0)?.shape ?? [], repeats = writer.known(1);
  if (!repeats || extent(outputShape(writer)) === 0) return false;
  const apart = shape.flatMap((size, axis) => repeats[axis] === 1 ? [size] : [1, size]);
  const spread = shape.flatMap((size, axis) => repeats[axis] === 1 ? [size] : [repeats[axis] ?? 1, size]);
  if (apart.length > MAX_RANK) return false;
  const split = writer.add("Reshape", [writer.node.inputs[0] ?? "", writer.integers(apart)]);
  const expanded = writer.add("Expand", [split, writer.integers(spread)]);
  writer.add("Reshape", [expanded, writer.integers(outputShape(writer))], {}, "last");
  return true;
};

/** A choice between the elements and 0, by a mask. */
const trilu: Expansion = (writer) => {
  const { node } = writer, info = writer.input(0), given = writer.known(1);
  if (!info || info.dtype !== "float32" || (!given && writer.input(1))) return false;
  const [rows = 1, columns = 1] = info.shape.slice(-2);
  if (rows * columns > MASK_LIMIT || rows * columns === 0) return false;
  const k = given?.[0] ?? 0, upper = intAttribute(node, "upper", 1) !== 0;
  const kept = Uint8Array.from({ length: rows * columns }, (_, index) => {
    const distance = index % columns - Math.floor(index / columns);
    return (upper ? distance >= k : distance <= k) ? 1 : 0;
  });
  const mask = writer.constant({ dtype: "bool", shape: [rows, columns], data: kept });
  const nothing = writer.constant(zeros({ dtype: info.dtype, shape: [] }));
  writer.add("Where", [mask, node.inputs[0] ?? "", nothing], {}, "last");
  return true;
};

/** The element that padding repeats at a place outside an axis. */
function repeated(mode: string, at: number, size: number): number {
  if (mode === "edge") return Math.min(Math.max(at, 0), size - 1);
  const wrapped = (period: number) => ((at % period) + period) % period;
  if (mode === "wrap") return wrapped(size);
  const place = wrapped(Math.max(1, 2 * size - 2));
  return place < size ? place : 2 * size - 2 - place;
}

/** Padding that repeats what is there: reading by index, axis by axis. */
const pad: Expansion = (writer) => {
  const { node } = writer, shape = writer.input(0)?.shape ?? [], pads = writer.known(1);
  const mode = stringAttribute(node, "mode", "constant"), given = writer.known(3);
  if (mode === "constant" || !pads || (!given && writer.input(3)) || shape.includes(0)) return false;
  const axes = (given ?? shape.map((_, i) => i)).map((axis) => normalAxis(axis, shape.length));
  const padded = axes.flatMap((axis, i) => {
    const before = pads[i] ?? 0, after = pads[i + axes.length] ?? 0, size = shape[axis] ?? 1;
    const places = Array.from(
      { length: before + size + after },
      (_, at) => repeated(mode, at - before, size),
    );
    return before === 0 && after === 0 ? [] : [{ axis, places }];
  });
  if (padded.length === 0) writer.add("Identity", [node.inputs[0] ?? ""], {}, "last");
  let value = node.inputs[0] ?? "";
  padded.forEach(({ axis, places }, i) => {
    const last = i === padded.length - 1 ? "last" : undefined;
    value = writer.add("Gather", [value, writer.integers(places)], { axis }, last);
  });
  return true;
};

/** Expansions by operator. */
export const movementExpansions: Readonly<Record<string, Expansion>> = {
  DepthToSpace: depthToSpace,
  SpaceToDepth: spaceToDepth,
  Tile: tile,
  Trilu: trilu,
  Pad: pad,
};
