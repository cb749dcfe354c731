/**
 * Resize (SPEC 6.14): nearest and linear. Coordinates are computed in binary64 with + - * / and floor alone.
 *
 * @module
 */
import { add, multiply } from "../numbers/mod.ts";
import { intAttribute, intsAttribute, stringAttribute } from "./attributes.ts";
import { type Call, type CallTypes, elements, input, output, type ReferenceOperator } from "./call.ts";
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
function scalesOf(call: Call): readonly AxisScale[] {
  const x = input(call, 0);
  const { shape } = output(call);
  const axes = intsAttribute(call.node, "axes")?.map((axis) => normalAxis(axis, x.shape.length)) ??
    x.shape.map((_, axis) => axis);
  const given = elements(call.inputs[2]) ?? [];
  return x.shape.map((size, axis) => {
    const scale = given[axes.indexOf(axis)], outSize = shape[axis] ?? 1;
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

const resize: ReferenceOperator = (call) => {
  const x = input(call, 0);
  const { shape } = output(call);
  const scales = scalesOf(call);
  const transformation = stringAttribute(call.node, "coordinate_transformation_mode", "half_pixel");
  const rounding = stringAttribute(call.node, "nearest_mode", "round_prefer_floor");
  const linear = stringAttribute(call.node, "mode", "nearest") === "linear";
  const limit = (place: number, axis: number) => Math.max(0, Math.min((x.shape[axis] ?? 1) - 1, place));
  const source = (index: number) =>
    coordinatesOf(index, shape).map((place, axis) => {
      const along = scales[axis];
      return along === undefined || (along.size === along.outSize && along.scale === 1)
        ? place
        : sourcePlace(transformation, place, along);
    });
  if (!linear) {
    return [(index) => {
      const at = source(index).map((place, axis) => limit(nearestPlace(rounding, place), axis));
      return x.at(positionOf(at, x.shape));
    }];
  }
  return [(index) => interpolate(source(index), 0, [], (at) => x.at(positionOf(at.map(limit), x.shape)))];
};

/** Linear along each axis in turn, the last axis innermost: a * (1 - t) + b * t. */
function interpolate(
  source: readonly number[],
  axis: number,
  at: readonly number[],
  read: (at: readonly number[]) => number,
): number {
  const place = source[axis];
  if (place === undefined) return read(at);
  const lower = Math.floor(place);
  const t = Math.fround(place - lower);
  const a = interpolate(source, axis + 1, [...at, lower], read);
  if (t === 0) return a;
  const b = interpolate(source, axis + 1, [...at, lower + 1], read);
  return add(multiply(a, Math.fround(1 - t)), multiply(b, t));
}

/** Operators by name. */
export const resizingOperators: Readonly<Record<string, ReferenceOperator>> = { Resize: resize };
