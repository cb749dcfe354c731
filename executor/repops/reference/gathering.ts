/**
 * Elements by index: the Gather and Scatter families and OneHot (SPEC 6.11). A negative index counts from the end; one that
 * is out of range is limited to the range.
 *
 * @module
 */
import { add, multiply, wrap } from "../numbers/mod.ts";
import { isFloat } from "../values.ts";
import { intAttribute, stringAttribute } from "./attributes.ts";
import { type Call, dimension, input, type Operand, output, type ReferenceOperator } from "./call.ts";
import { coordinatesOf, extent, lineThrough, normalAxis, positionOf } from "./positions.ts";

/** An index made one of 0 .. size - 1. */
export function placeOf(index: number, size: number): number {
  return Math.max(0, Math.min(size - 1, index < 0 ? index + size : index));
}

const gather: ReferenceOperator = (call) => {
  const [data, indices] = [input(call, 0), input(call, 1)];
  const axis = normalAxis(intAttribute(call.node, "axis", 0), data.shape.length);
  const inner = extent(data.shape, axis + 1);
  const many = extent(indices.shape);
  const size = dimension(data, axis);
  return [(index) => {
    const outer = Math.floor(index / (inner * many));
    const which = Math.floor(index / inner) % many;
    return data.at((outer * size + placeOf(indices.at(which), size)) * inner + index % inner);
  }];
};

const gatherElements: ReferenceOperator = (call) => {
  const [data, indices] = [input(call, 0), input(call, 1)];
  const axis = normalAxis(intAttribute(call.node, "axis", 0), data.shape.length);
  return [(index) => {
    const at = coordinatesOf(index, indices.shape);
    at[axis] = placeOf(indices.at(index), dimension(data, axis));
    return data.at(positionOf(at, data.shape));
  }];
};

const gatherND: ReferenceOperator = (call) => {
  const [data, indices] = [input(call, 0), input(call, 1)];
  const batches = intAttribute(call.node, "batch_dims", 0);
  const depth = indices.shape.at(-1) ?? 1;
  const inner = extent(data.shape, batches + depth);
  const perBatch = extent(indices.shape, batches, indices.shape.length - 1);
  return [(index) => {
    const tuple = Math.floor(index / inner);
    let position = Math.floor(tuple / perBatch);
    for (let i = 0; i < depth; i++) {
      const size = dimension(data, batches + i);
      position = position * size + placeOf(indices.at(tuple * depth + i), size);
    }
    return data.at(position * inner + index % inner);
  }];
};

type Combine = (old: number, update: number) => number;

/** How a scattered update meets what is there, by the node's `reduction`. */
function combination(call: Call): Combine {
  const { dtype } = output(call);
  const float = isFloat(dtype);
  switch (stringAttribute(call.node, "reduction", "none")) {
    case "add":
      return float ? add : (a, b) => wrap(dtype, a + b);
    case "mul":
      return float ? multiply : (a, b) => wrap(dtype, Math.imul(a, b));
    case "max":
      return Math.max;
    case "min":
      return Math.min;
    default:
      return (_, update) => update;
  }
}

/** Applies, in ascending order of updates, those whose target is the element asked for. */
function scattered(
  call: Call,
  updates: Operand,
  target: (update: number) => number,
): ReturnType<ReferenceOperator> {
  const data = input(call, 0);
  const combine = combination(call);
  const count = extent(updates.shape);
  let byTarget: Map<number, number[]> | undefined;
  return [(index) => {
    byTarget ??= groupUpdates(count, target);
    const hits = byTarget.get(index) ?? [];
    return hits.reduce((value, update) => combine(value, updates.at(update)), data.at(index));
  }];
}

function groupUpdates(count: number, target: (update: number) => number): Map<number, number[]> {
  const groups = new Map<number, number[]>();
  for (let update = 0; update < count; update++) {
    const place = target(update);
    const group = groups.get(place);
    if (group) group.push(update);
    else groups.set(place, [update]);
  }
  return groups;
}

const scatterElements: ReferenceOperator = (call) => {
  const [data, indices, updates] = [input(call, 0), input(call, 1), input(call, 2)];
  const axis = normalAxis(intAttribute(call.node, "axis", 0), data.shape.length);
  return scattered(call, updates, (update) => {
    const at = coordinatesOf(update, indices.shape);
    at[axis] = placeOf(indices.at(update), dimension(data, axis));
    return positionOf(at, data.shape);
  });
};

const scatterND: ReferenceOperator = (call) => {
  const [data, indices, updates] = [input(call, 0), input(call, 1), input(call, 2)];
  const depth = indices.shape.at(-1) ?? 1;
  const inner = extent(data.shape, depth);
  return scattered(call, updates, (update) => {
    const tuple = Math.floor(update / inner);
    let position = 0;
    for (let i = 0; i < depth; i++) {
      const size = dimension(data, i);
      position = position * size + placeOf(indices.at(tuple * depth + i), size);
    }
    return position * inner + update % inner;
  });
};

/** OneHot: an index outside [-depth, depth) gives a row of the off value. */
const oneHot: ReferenceOperator = (call) => {
  const [indices, depth, values] = [input(call, 0), input(call, 1), input(call, 2)];
  const { shape } = output(call);
  const axis = normalAxis(intAttribute(call.node, "axis", -1), shape.length);
  return [(index) => {
    const line = lineThrough(index, shape, axis);
    const outer = Math.floor(index / (line.step * line.length));
    const wanted = Math.trunc(indices.at(outer * line.step + index % line.step));
    const place = wanted < 0 ? wanted + depth.at(0) : wanted;
    return values.at(place === line.place ? 1 : 0);
  }];
};

/** Operators by name. */
export const gatheringOperators: Readonly<Record<string, ReferenceOperator>> = {
  Gather: gather,
  GatherElements: gatherElements,
  GatherND: gatherND,
  ScatterElements: scatterElements,
  Scatter: scatterElements,
  ScatterND: scatterND,
  OneHot: oneHot,
};
