/**
 * Operators that first reduce a row and then map its elements: the error of what they reduce, carried through to first order.
 *
 * @module
 */
import {
  broadcastPosition,
  type Call,
  extent,
  floatAttribute,
  intAttribute,
  lineThrough,
  normalAxis,
  type Operand,
} from "../repops/mod.ts";
import type { BoundRule } from "./bound_rule.ts";
import { portableExp, portableLog } from "./portable_functions.ts";
import { gamma, TINY, U } from "./rounding.ts";

/** Remembers what was computed for the latest rows. */
function byKey<T>(compute: (key: number) => T): (key: number) => T {
  const known = new Map<number, T>();
  return (key) => {
    const value = known.get(key) ?? compute(key);
    known.set(key, value);
    return value;
  };
}

/** A row's greatest element and the sum of e^(x - greatest), with the sum's relative error. */
interface Scale {
  readonly top: number;
  readonly total: number;
  readonly relative: number;
}

function softmaxRule(bound: (distance: number, scale: Scale) => number): BoundRule {
  return (call) => {
    const [x] = call.inputs;
    if (!x) return [];
    const flattened = call.opset < 13;
    const axis = normalAxis(intAttribute(call.node, "axis", flattened ? 1 : -1), x.shape.length);
    const shape = flattened ? [extent(x.shape, 0, axis), extent(x.shape, axis)] : x.shape;
    const along = flattened ? 1 : axis;
    const scaleAt = byKey((start: number) => {
      const { length, step } = lineThrough(start, shape, along);
      return scaleOf(length, (i) => x.at(start + i * step));
    });
    return [(index) => {
      const scale = scaleAt(lineThrough(index, shape, along).start);
      return bound(scale.top - x.at(index), scale) + TINY;
    }];
  };
}

/** Each term is off by what rounding its argument and exp add; the sum by its own roundings. */
function scaleOf(length: number, at: (i: number) => number): Scale {
  let top = -Infinity;
  for (let i = 0; i < length; i++) top = Math.max(top, at(i));
  let [total, error] = [0, 0];
  for (let i = 0; i < length; i++) {
    const term = portableExp(at(i) - top);
    total += term;
    error += term * termError(top - at(i));
  }
  return { top, total, relative: error / total + gamma(length + 2) };
}

/** Relative error of e^-d: d is rounded twice, exp is granted 3 + 2d units in the last place. */
const termError = (d: number) => (8 + 6 * Math.min(Math.abs(d), 120)) * U;

const softmax = softmaxRule((d, { total, relative }) =>
  (portableExp(-d) / total) * (termError(d) + relative + 6 * U)
);

const logSoftmax = softmaxRule((d, { total, relative }) =>
  2 * U * Math.abs(d) + relative + 2 ** -21 + 6 * U * portableLog(total) +
  2 * U * Math.abs(d + portableLog(total))
);

/** What is known of a row that is normalised: its mean, 1/deviation, and how far off each may be. */
interface Moments {
  readonly mean: number;
  readonly meanError: number;
  readonly inverse: number;
  /** Relative, of the inverse. */
  readonly inverseError: number;
}

/**
 * Of `count` elements. The variance may be computed as the mean of squares less the square of the mean, so its error is relative to those and
 * not to the variance: a row of nearly equal elements has a wide bound.
 */
function momentsOf(count: number, at: (i: number) => number, epsilon: number, centred: boolean): Moments {
  let [sum, magnitude, squares] = [0, 0, 0];
  for (let i = 0; i < count; i++) {
    sum += at(i);
    magnitude += Math.abs(at(i));
    squares += at(i) ** 2;
  }
  const mean = centred ? sum / count : 0;
  const meanError = centred ? (gamma(count + 3) * magnitude) / count : 0;
  const variance = squares / count - mean ** 2;
  const varianceError = gamma(count + 6) * (squares / count + mean ** 2) + 2 * Math.abs(mean) * meanError;
  return { mean, meanError, ...inverseOf(Math.max(0, variance), varianceError, epsilon) };
}

/** 1/sqrt(v + epsilon), v off by up to `error` but not below 0. */
function inverseOf(v: number, error: number, epsilon: number): Pick<Moments, "inverse" | "inverseError"> {
  const inverse = 1 / Math.sqrt(v + epsilon);
  const greatest = 1 / Math.sqrt(Math.max(0, v - error) + epsilon * (1 - 4 * U));
  return { inverse, inverseError: greatest / inverse - 1 + 8 * U };
}

/** The error of ((x - mean) * inverse) * scale + shift. */
function normalisedError(x: number, moments: Moments, scale: number, shift: number): number {
  const { mean, meanError, inverse, inverseError } = moments;
  const spread = Math.abs(x) + Math.abs(mean);
  const centredError = meanError + 2 * U * spread;
  const size = Math.abs(scale) * inverse;
  // Scale and shift may be folded: x * (inverse scale) + (shift - mean inverse scale).
  const inexact = size * (centredError + (Math.abs(x - mean) + meanError) * inverseError + 6 * U * spread);
  return inexact + 4 * U * Math.abs(shift) + TINY;
}

function rowNormalization(centred: boolean): BoundRule {
  return (call) => {
    const [x, scale, shift] = call.inputs;
    if (!x) return [];
    const axis = normalAxis(intAttribute(call.node, "axis", -1), x.shape.length);
    const rowShape = x.shape.slice(axis);
    const width = extent(rowShape);
    const epsilon = floatAttribute(call.node, "epsilon", 1e-5);
    const momentsAt = byKey((row: number) =>
      momentsOf(width, (i) => x.at(row * width + i), epsilon, centred)
    );
    const [scaleAt, shiftAt] = [placed(scale, rowShape, 1), placed(shift, rowShape, 0)];
    return [
      (index) => {
        const place = index % width;
        return normalisedError(
          x.at(index),
          momentsAt(Math.floor(index / width)),
          scaleAt(place),
          shiftAt(place),
        );
      },
      (row) => momentsAt(row).meanError + TINY,
      (row) => momentsAt(row).inverse * momentsAt(row).inverseError + TINY,
    ];
  };
}

function placed(operand: Operand | undefined, shape: readonly number[], otherwise: number) {
  if (!operand) return () => otherwise;
  const place = broadcastPosition(operand.shape, shape);
  return (index: number) => operand.at(place(index));
}

/** Instance and group normalisation: a group of channels of one image at a time. */
function groupNormalization(groupsOf: (call: Call, channels: number) => number): BoundRule {
  return (call) => {
    const [x, scale, shift] = call.inputs;
    if (!x) return [];
    const channels = x.shape[1] ?? 1;
    const plane = extent(x.shape, 2);
    const groups = groupsOf(call, channels);
    const size = (channels / groups) * plane;
    const epsilon = floatAttribute(call.node, "epsilon", 1e-5);
    const momentsAt = byKey((group: number) => momentsOf(size, (i) => x.at(group * size + i), epsilon, true));
    const parameter = (operand: Operand | undefined, channel: number) =>
      operand?.at(operand.shape[0] === channels ? channel : Math.floor(channel / (channels / groups))) ?? 0;
    return [(index) => {
      const channel = Math.floor(index / plane) % channels;
      const moments = momentsAt(Math.floor(index / size));
      return normalisedError(x.at(index), moments, parameter(scale, channel), parameter(shift, channel));
    }];
  };
}

/** Batch normalisation in inference: the moments are given. */
const batchNormalization: BoundRule = (call) => {
  const [x, scale, shift, means, variances] = call.inputs;
  if (!x) return [];
  const channels = x.shape[1] ?? 1;
  const plane = extent(x.shape, 2);
  const epsilon = floatAttribute(call.node, "epsilon", 1e-5);
  return [(index) => {
    const channel = Math.floor(index / plane) % channels;
    const variance = variances?.at(channel) ?? 1;
    const moments = {
      mean: means?.at(channel) ?? 0,
      meanError: 0,
      ...inverseOf(variance, 2 * U * variance, epsilon),
    };
    return normalisedError(x.at(index), moments, scale?.at(channel) ?? 1, shift?.at(channel) ?? 0);
  }];
};

/** Rules by operator. */
export const ROW_BOUNDS: Readonly<Record<string, BoundRule>> = {
  Softmax: softmax,
  LogSoftmax: logSoftmax,
  LayerNormalization: rowNormalization(true),
  RMSNormalization: rowNormalization(false),
  InstanceNormalization: groupNormalization((_, channels) => channels),
  GroupNormalization: groupNormalization(({ node }) => intAttribute(node, "num_groups", 1)),
  BatchNormalization: batchNormalization,
};
