/**
 * Elements by index as one Gather over a flat tensor: the places that indices choose become numbers first. Negative indices and those
 * out of range need no care: each index reads a table of distances by Gather, which counts from the end and limits as SPEC 6.11
 * says.
 *
 * @module
 */
import { extent, intAttribute, normalAxis, stridesOf } from "../../reference/mod.ts";
import type { Expansion, Result, Writer } from "./writer.ts";

/** Elements of the largest table that is made for an expansion. */
const TABLE_LIMIT = 2 ** 22;

/** The distance of each place on an axis from its first: what an index there adds to a position. */
function distances(writer: Writer, size: number, stride: number): string {
  return writer.integers(Array.from({ length: size }, (_, place) => place * stride));
}

/** Adds what is there. */
function total(writer: Writer, parts: readonly string[]): string {
  const [first = "", ...others] = parts;
  return others.reduce((sum, part) => writer.add("Add", [sum, part]), first);
}

/** Places 0, stride, ... along one axis of a shape, of size 1 along the others: to be broadcast. */
function along(writer: Writer, rank: number, axis: number, size: number, stride: number): string {
  const shape = Array.from({ length: rank }, (_, i) => i === axis ? size : 1);
  return writer.add("Reshape", [distances(writer, size, stride), writer.integers(shape)]);
}

const isIndexable = (writer: Writer): boolean =>
  [...[0, 1].map((i) => writer.input(i)?.shape ?? [0])].flat().every((size) => size > 0);

/** Whether {@link gatherAlong} serves these shapes. */
const isTabled = (shape: readonly number[]) => shape.length > 0 && Math.max(...shape) <= TABLE_LIMIT;

/**
 * Writes GatherElements: of each line of `data` along the axis, the elements that `indices` names.
 *
 * @param result As of {@link Writer.add}.
 */
export function gatherAlong(
  writer: Writer,
  data: string,
  indices: string,
  axis: number,
  result?: Result,
): string {
  const { shape } = writer.type(data), wanted = writer.type(indices).shape, strides = stridesOf(shape);
  const chosen = writer.add("Gather", [distances(writer, shape[axis] ?? 1, strides[axis] ?? 1), indices]);
  const fixed = wanted.flatMap((size, other) =>
    other === axis || size === 1 ? [] : [along(writer, shape.length, other, size, strides[other] ?? 1)]
  );
  const flat = writer.add("Reshape", [data, writer.integers([-1])]);
  return writer.add("Gather", [flat, total(writer, [chosen, ...fixed])], {}, result);
}

const gatherElements: Expansion = (writer) => {
  const { node } = writer, shape = writer.input(0)?.shape ?? [];
  if (!isIndexable(writer) || !isTabled(shape)) return false;
  const axis = normalAxis(intAttribute(node, "axis", 0), shape.length);
  gatherAlong(writer, node.inputs[0] ?? "", node.inputs[1] ?? "", axis, "last");
  return true;
};

const gatherND: Expansion = (writer) => {
  const { node } = writer, shape = writer.input(0)?.shape ?? [], indices = writer.input(1)?.shape ?? [];
  if (!isIndexable(writer) || Math.max(1, ...shape) > TABLE_LIMIT) return false;
  const batches = intAttribute(node, "batch_dims", 0), depth = indices.at(-1) ?? 1;
  const inner = extent(shape, batches + depth), strides = stridesOf(shape).map((stride) => stride / inner);
  const tuples = indices.slice(0, -1), rank = tuples.length, last = indices.length - 1;
  const chosen = Array.from({ length: depth }, (_, i) => {
    const [from, to, axes] = [[i], [i + 1], [last]].map((list) => writer.integers(list));
    const column = writer.add("Slice", [node.inputs[1] ?? "", from ?? "", to ?? "", axes ?? ""]);
    const axis = batches + i;
    const index = writer.add("Reshape", [column, writer.integers(tuples)]);
    return writer.add("Gather", [distances(writer, shape[axis] ?? 1, strides[axis] ?? 1), index]);
  });
  const fixed = tuples.slice(0, batches).flatMap((size, axis) =>
    size === 1 ? [] : [along(writer, rank, axis, size, strides[axis] ?? 1)]
  );
  const rows = writer.add("Reshape", [node.inputs[0] ?? "", writer.integers([-1, inner])]);
  const taken = writer.add("Gather", [rows, total(writer, [...chosen, ...fixed])]);
  const output = writer.type(node.outputs[0] ?? "").shape;
  writer.add("Reshape", [taken, writer.integers(output)], {}, "last");
  return true;
};

/** Place t becomes length - 1 - t where t is below the length. */
const reverseSequence: Expansion = (writer) => {
  const { node } = writer, shape = writer.input(0)?.shape ?? [];
  if (!isIndexable(writer) || shape.length < 2) return false;
  const timeAxis = intAttribute(node, "time_axis", 0), batchAxis = intAttribute(node, "batch_axis", 1);
  const [first = 1, second = 1] = shape, sizes = [first, second];
  const [time = 1, batch = 1] = [sizes[timeAxis], sizes[batchAxis]];
  if (timeAxis + batchAxis !== 1 || first * second > TABLE_LIMIT) return false;
  const strideOf = (axis: number) => axis === 0 ? second : 1;
  const place = along(writer, 2, timeAxis, time, 1);
  const columns = Array.from({ length: 2 }, (_, axis) => axis === batchAxis ? batch : 1);
  const length = writer.add("Reshape", [node.inputs[1] ?? "", writer.integers(columns)]);
  const lengths = writer.input(1)?.dtype === "int64" ? length : writer.add("Cast", [length], { to: INT64 });
  const mirrored = writer.add("Sub", [writer.add("Sub", [lengths, writer.integers([1])]), place]);
  const source = writer.add("Where", [writer.add("Less", [place, lengths]), mirrored, place]);
  const scaled = writer.add("Mul", [source, writer.integers([strideOf(timeAxis)])]);
  const rowOf = writer.add("Add", [scaled, along(writer, 2, batchAxis, batch, strideOf(batchAxis))]);
  const rows = writer.add("Reshape", [node.inputs[0] ?? "", writer.integers([first * second, -1])]);
  const turned = writer.add("Gather", [rows, rowOf]);
  writer.add("Reshape", [turned, writer.integers(shape)], {}, "last");
  return true;
};

/** ONNX's number of the type int64. */
const INT64 = 7;

/** A constant: it depends on the shape alone. */
const eyeLike: Expansion = (writer) => {
  const { node } = writer, { dtype, shape } = writer.type(node.outputs[0] ?? "");
  const [rows = 1, columns = 1] = shape, k = intAttribute(node, "k", 0);
  if (rows * columns > TABLE_LIMIT || dtype === "bool") return false;
  const eye = writer.elements(
    dtype,
    shape,
    (index) => index % columns - Math.floor(index / columns) === k ? 1 : 0,
  );
  writer.add("Identity", [eye], {}, "last");
  return true;
};

/** The row of an identity matrix that ArgMax names: both take the first of equals. */
const hardmax: Expansion = (writer) => {
  const { node, opset } = writer, x = writer.input(0), shape = x?.shape ?? [], isFlat = opset < 13;
  if (x?.dtype !== "float32" || shape.includes(0)) return false;
  const axis = normalAxis(intAttribute(node, "axis", isFlat ? 1 : -1), shape.length);
  const size = isFlat ? extent(shape, axis) : shape[axis] ?? 1, classes = isFlat ? 1 : axis;
  const rows = isFlat ? [extent(shape, 0, axis), size] : shape;
  const lying = writer.add("Reshape", [node.inputs[0] ?? "", writer.integers(rows)]);
  const best = writer.add("ArgMax", [lying], { axis: classes, keepdims: 0 });
  const chosen = writer.add("OneHot", [best, writer.integers([size]), writer.floats([2], [0, 1])], {
    axis: classes,
  });
  writer.add("Reshape", [chosen, writer.integers(shape)], {}, "last");
  return true;
};

/** Expansions by operator. */
export const indexingExpansions: Readonly<Record<string, Expansion>> = {
  GatherElements: gatherElements,
  GatherND: gatherND,
  ReverseSequence: reverseSequence,
  EyeLike: eyeLike,
  Hardmax: hardmax,
};
