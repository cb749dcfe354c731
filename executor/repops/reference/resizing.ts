/**
 * Resize (SPEC 6.14): nearest and linear. Coordinates are computed in binary64 with + - * / and floor alone.
 *
 * @module
 */
import { add, multiply } from "../numbers/mod.ts";
import { intAttribute, intsAttribute, stringAttribute } from "./attributes.ts";
import type { GraphNode } from "../../graph.ts";
import { type CallTypes, elements, input, output, type ReferenceOperator } from "./call.ts";
import { coordinatesOf, normalAxis, positionOf } from "./positions.ts";

const TRANSFORMATIONS = [
  "half_pixel",
  "asymmetric",
  "align_corners",
  "pytorch_half_pixel",
  "half_pixel_symmetric",
  "tf_half_pixel_for_nn",
];

/** Why a Resize is refused. */
export function refuseResize({ node }: CallTypes): string | undefined {
  const mode = stringAttribute(node, "mode", "nearest");
  if (mode !== "nearest" && mode !== "linear") return `mode ${mode} is not nearest or linear`;
  const transformation = stringAttribute(node, "coordinate_transformation_mode", "half_pixel");
  if (!TRANSFORMATIONS.includes(transformation)) return `coordinate transformation ${transformation}`;
  if (intAttribute(node, "antialias", 0) !== 0) return "antialias";
  if (stringAttribute(node, "keep_aspect_ratio_policy", "stretch") !== "stretch") {
    return "keep_aspect_ratio_policy";
  }
  return undefined;
}

/** How an axis is resized. `exactSize` is the size times the scale before it was rounded down to `outSize`. */
interface AxisScale {
  readonly size: number;
  readonly outSize: number;
  readonly exactSize: number;
  readonly scale: number;
}

/** Scale of every axis, from the third input, or from the sizes. */
function scalesOf(
  node: GraphNode,
  from: readonly number[],
  to: readonly number[],
  given: readonly number[],
): readonly AxisScale[] {
  const axes = intsAttribute(node, "axes")?.map((axis) => normalAxis(axis, from.length)) ??
    from.map((_, axis) => axis);
  return from.map((size, axis) => {
    const scale = given[axes.indexOf(axis)], outSize = to[axis] ?? 1;
    return scale === undefined
      ? { size, outSize, exactSize: outSize, scale: outSize / size }
      : { size, outSize, exactSize: size * scale, scale };
  });
}

/** Where an output place lies on the input axis. */
function sourcePlace(mode: string, place: number, { size, outSize, exactSize, scale }: AxisScale): number {
  switch (mode) {
    case "asymmetric":
      return place / scale;
    case "align_corners":
      return outSize === 1 ? 0 : (place * (size - 1)) / (exactSize - 1);
    case "pytorch_half_pixel":
      return outSize > 1 ? (place + 0.5) / scale - 0.5 : 0;
    case "half_pixel_symmetric": {
      const adjustment = outSize / (scale * size);
      const centre = size / 2;
      return centre * (1 - adjustment) + (place + 0.5) / scale - 0.5;
    }
    case "tf_half_pixel_for_nn":
      return (place + 0.5) / scale;
    default:
      return (place + 0.5) / scale - 0.5;
  }
}

function nearestPlace(rounding: string, place: number): number {
  switch (rounding) {
    case "floor":
      return Math.floor(place);
    case "ceil":
      return Math.ceil(place);
    case "round_prefer_ceil":
      return Math.floor(place + 0.5);
    default:
      return Math.ceil(place - 0.5);
  }
}

/** An axis that a Resize changes: for each output place the two elements it lies between, and how far it is from the lower one. */
export interface ResizedAxis {
  readonly axis: number;
  readonly lower: readonly number[];
  readonly upper: readonly number[];
  /** binary32; all 0 for `nearest`, whose element is the lower one. */
  readonly fractions: readonly number[];
}

/**
 * What a Resize does along each axis that it changes, outermost first.
 *
 * @param scales The node's third input; empty if it states sizes.
 */
export function resizedAxes(
  node: GraphNode,
  from: readonly number[],
  to: readonly number[],
  scales: readonly number[],
): readonly ResizedAxis[] {
  const transformation = stringAttribute(node, "coordinate_transformation_mode", "half_pixel");
  const rounding = stringAttribute(node, "nearest_mode", "round_prefer_floor");
  const linear = stringAttribute(node, "mode", "nearest") === "linear";
  return scalesOf(node, from, to, scales).flatMap((along, axis): readonly ResizedAxis[] => {
    if (along.size === along.outSize && along.scale === 1) return [];
    const limit = (place: number) => Math.max(0, Math.min(along.size - 1, place));
    const places = Array.from({ length: along.outSize }, (_, place) => {
      const source = sourcePlace(transformation, place, along);
      return linear ? source : nearestPlace(rounding, source);
    });
    return [{
      axis,
      lower: places.map((place) => limit(Math.floor(place))),
      upper: places.map((place) => limit(Math.floor(place) + 1)),
      fractions: places.map((place) => Math.fround(place - Math.floor(place))),
    }];
  });
}

const resize: ReferenceOperator = (call) => {
  const x = input(call, 0);
  const { shape } = output(call);
  const axes = resizedAxes(call.node, x.shape, shape, elements(call.inputs[2]) ?? []);
  return [(index) => {
    const at = coordinatesOf(index, shape);
    return interpolate(axes, 0, at, (place) => x.at(positionOf(place, x.shape)));
  }];
};

/** Linear along each axis in turn, the last axis innermost: a * (1 - t) + b * t. */
function interpolate(
  axes: readonly ResizedAxis[],
  first: number,
  at: readonly number[],
  read: (at: readonly number[]) => number,
): number {
  const along = axes[first];
  if (along === undefined) return read(at);
  const place = at[along.axis] ?? 0, t = along.fractions[place] ?? 0;
  const moved = (to: number | undefined) => at.map((old, axis) => axis === along.axis ? to ?? 0 : old);
  const a = interpolate(axes, first + 1, moved(along.lower[place]), read);
  if (t === 0) return a;
  const b = interpolate(axes, first + 1, moved(along.upper[place]), read);
  return add(multiply(a, Math.fround(1 - t)), multiply(b, t));
}

/** Operators by name. */
export const resizingOperators: Readonly<Record<string, ReferenceOperator>> = { Resize: resize };
