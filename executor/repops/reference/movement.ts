/**
 * Elements moved, none changed: shapes, order, pieces, padding (SPEC 6.12).
 *
 * @module
 */
import { intAttribute, intsAttribute, stringAttribute } from "./attributes.ts";
import {
  type Call,
  dimension,
  elements,
  input,
  output,
  presentInputs,
  type ReferenceOperator,
} from "./call.ts";
import {
  broadcastPosition,
  coordinatesOf,
  extent,
  lineThrough,
  normalAxis,
  positionOf,
} from "./positions.ts";

/** Same elements in the same order under another shape. */
const reshape: ReferenceOperator = (call) => {
  const x = input(call, 0);
  return [(index) => x.at(index)];
};

/** A permutation of the axes; reversed by default. */
export function permutationOf(call: Call): readonly number[] {
  const { shape } = input(call, 0);
  return intsAttribute(call.node, "perm") ?? shape.map((_, axis) => shape.length - 1 - axis);
}

const transpose: ReferenceOperator = (call) => {
  const x = input(call, 0);
  const permutation = permutationOf(call);
  const { shape } = output(call);
  return [(index) => {
    const source = new Array<number>(shape.length).fill(0);
    coordinatesOf(index, shape).forEach((c, axis) => source[permutation[axis] ?? 0] = c);
    return x.at(positionOf(source, x.shape));
  }];
};

const concat: ReferenceOperator = (call) => {
  const operands = presentInputs(call);
  const { shape } = output(call);
  const axis = normalAxis(intAttribute(call.node, "axis", 0), shape.length);
  const inner = extent(shape, axis + 1);
  return [(index) => {
    let place = Math.floor(index / inner) % (shape[axis] ?? 1);
    const outer = Math.floor(index / (inner * (shape[axis] ?? 1)));
    for (const operand of operands) {
      const size = dimension(operand, axis);
      if (place < size) return operand.at((outer * size + place) * inner + index % inner);
      place -= size;
    }
    return 0;
  }];
};

const split: ReferenceOperator = (call) => {
  const x = input(call, 0);
  const axis = normalAxis(intAttribute(call.node, "axis", 0), x.shape.length);
  const inner = extent(x.shape, axis + 1);
  let first = 0;
  return call.outputs.map((piece) => {
    const [start, size] = [first, dimension(piece, axis)];
    first += size;
    return (index) => {
      const outer = Math.floor(index / (inner * size));
      const place = start + Math.floor(index / inner) % size;
      return x.at((outer * dimension(x, axis) + place) * inner + index % inner);
    };
  });
};

/** Start and step of a Slice along every axis. */
export function slicesOf(call: Call): readonly { readonly start: number; readonly step: number }[] {
  const x = input(call, 0);
  const starts = elements(call.inputs[1]) ?? [];
  const axes = elements(call.inputs[3]) ?? starts.map((_, i) => i);
  const steps = elements(call.inputs[4]) ?? starts.map(() => 1);
  return x.shape.map((size, axis) => {
    const which = axes.findIndex((a) => normalAxis(a, x.shape.length) === axis);
    if (which < 0) return { start: 0, step: 1 };
    const [given, step] = [starts[which] ?? 0, steps[which] ?? 1];
    const start = given < 0 ? given + size : given;
    return { start: Math.max(0, Math.min(step < 0 ? size - 1 : size, start)), step };
  });
}

const slice: ReferenceOperator = (call) => {
  const x = input(call, 0);
  const slices = slicesOf(call);
  const { shape } = output(call);
  return [(index) => {
    const at = coordinatesOf(index, shape).map((c, axis) =>
      (slices[axis]?.start ?? 0) + c * (slices[axis]?.step ?? 1)
    );
    return x.at(positionOf(at, x.shape));
  }];
};

/** Padding before each axis; negative padding cuts. */
export function paddingOf(call: Call): readonly number[] {
  const { shape } = input(call, 0);
  const pads = elements(call.inputs[1]) ?? intsAttribute(call.node, "pads") ?? [];
  const axes = elements(call.inputs[3]) ?? shape.map((_, axis) => axis);
  const before = new Array<number>(shape.length).fill(0);
  axes.forEach((axis, i) => before[normalAxis(axis, shape.length)] = pads[i] ?? 0);
  return before;
}

/** Place along an axis of `size` for a place that padding may have put outside; `undefined` for the constant. */
function paddedPlace(mode: string, place: number, size: number): number | undefined {
  if (place >= 0 && place < size) return place;
  if (mode === "edge") return Math.max(0, Math.min(size - 1, place));
  if (mode === "wrap") return ((place % size) + size) % size;
  if (mode !== "reflect") return undefined;
  const period = Math.max(1, 2 * (size - 1));
  const folded = ((place % period) + period) % period;
  return folded < size ? folded : period - folded;
}

const pad: ReferenceOperator = (call) => {
  const x = input(call, 0);
  const before = paddingOf(call);
  const mode = stringAttribute(call.node, "mode", "constant");
  const { shape } = output(call);
  const fill = call.inputs[2];
  return [(index) => {
    const places = coordinatesOf(index, shape).map((c, axis) =>
      paddedPlace(mode, c - (before[axis] ?? 0), dimension(x, axis))
    );
    if (places.some((place) => place === undefined)) return fill ? fill.at(0) : 0;
    return x.at(positionOf(places.map((place) => place ?? 0), x.shape));
  }];
};

const expand: ReferenceOperator = (call) => {
  const x = input(call, 0);
  const place = broadcastPosition(x.shape, output(call).shape);
  return [(index) => x.at(place(index))];
};

const tile: ReferenceOperator = (call) => {
  const x = input(call, 0);
  const { shape } = output(call);
  return [(index) => {
    const at = coordinatesOf(index, shape).map((c, axis) => c % dimension(x, axis));
    return x.at(positionOf(at, x.shape));
  }];
};

const trilu: ReferenceOperator = (call) => {
  const [x, offset] = [input(call, 0), call.inputs[1]?.at(0) ?? 0];
  const upper = intAttribute(call.node, "upper", 1) !== 0;
  const columns = x.shape.at(-1) ?? 1;
  const rows = x.shape.at(-2) ?? 1;
  return [(index) => {
    const diagonal = index % columns - Math.floor(index / columns) % rows;
    return (upper ? diagonal >= offset : diagonal <= offset) ? x.at(index) : 0;
  }];
};

const depthToSpace: ReferenceOperator = (call) => {
  const x = input(call, 0);
  const block = intAttribute(call.node, "blocksize", 1);
  const columnFirst = stringAttribute(call.node, "mode", "DCR") === "DCR";
  const { shape } = output(call);
  const channels = dimension({ dtype: x.dtype, shape }, 1);
  return [(index) => {
    const [image = 0, channel = 0, row = 0, column = 0] = coordinatesOf(index, shape);
    const within = (row % block) * block + column % block;
    const source = columnFirst ? within * channels + channel : channel * block * block + within;
    return x.at(positionOf([image, source, Math.floor(row / block), Math.floor(column / block)], x.shape));
  }];
};

const spaceToDepth: ReferenceOperator = (call) => {
  const x = input(call, 0);
  const block = intAttribute(call.node, "blocksize", 1);
  const channels = dimension(x, 1);
  const { shape } = output(call);
  return [(index) => {
    const [image = 0, deep = 0, row = 0, column = 0] = coordinatesOf(index, shape);
    const within = Math.floor(deep / channels);
    const at = [
      image,
      deep % channels,
      row * block + Math.floor(within / block),
      column * block + within % block,
    ];
    return x.at(positionOf(at, x.shape));
  }];
};

const reverseSequence: ReferenceOperator = (call) => {
  const [x, lengths] = [input(call, 0), input(call, 1)];
  const timeAxis = intAttribute(call.node, "time_axis", 0);
  const batchAxis = intAttribute(call.node, "batch_axis", 1);
  return [(index) => {
    const length = lengths.at(lineThrough(index, x.shape, batchAxis).place);
    const line = lineThrough(index, x.shape, timeAxis);
    return x.at(line.place < length ? line.start + (length - 1 - line.place) * line.step : index);
  }];
};

/** Operators by name. */
export const movementOperators: Readonly<Record<string, ReferenceOperator>> = {
  Reshape: reshape,
  Flatten: reshape,
  Squeeze: reshape,
  Unsqueeze: reshape,
  Transpose: transpose,
  Concat: concat,
  Split: split,
  Slice: slice,
  Pad: pad,
  Expand: expand,
  Tile: tile,
  Trilu: trilu,
  DepthToSpace: depthToSpace,
  SpaceToDepth: spaceToDepth,
  ReverseSequence: reverseSequence,
};
