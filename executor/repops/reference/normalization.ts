/**
 * Normalisations (SPEC 6.9): two passes, mean first, then the mean square of what is left.
 *
 * @module
 */
import { add, canonical, divide, multiply, reductionSum, squareRoot, subtract } from "../numbers/mod.ts";
import { floatAttribute, intAttribute } from "./attributes.ts";
import {
  type Call,
  dimension,
  type ElementRule,
  input,
  type ReferenceOperator,
  rememberLast,
} from "./call.ts";
import { broadcastPosition, extent, normalAxis } from "./positions.ts";

/** Mean and 1/sqrt(variance + epsilon) of a set of elements. */
interface Moments {
  readonly mean: number;
  readonly variance: number;
  readonly inverse: number;
}

/** 1 / sqrt(variance + epsilon). */
export function inverseDeviation(variance: number, epsilon: number): number {
  return divide(1, squareRoot(add(variance, epsilon)));
}

/** The moments of `count` elements. */
function momentsOf(count: number, at: (i: number) => number, epsilon: number, centred = true): Moments {
  const mean = centred ? divide(canonical(reductionSum(count, at)), count) : 0;
  const squares = canonical(reductionSum(count, (i) => {
    const difference = centred ? subtract(at(i), mean) : at(i);
    return multiply(difference, difference);
  }));
  const variance = divide(squares, count);
  return { mean, variance, inverse: inverseDeviation(variance, epsilon) };
}

/** ((x - mean) * inverse) * scale + shift. */
function normalised(x: number, moments: Moments, scale: number, shift: number): number {
  return add(multiply(multiply(subtract(x, moments.mean), moments.inverse), scale), shift);
}

/** LayerNormalization and RMSNormalization: rows are everything from the axis on. */
function rowNormalization(centred: boolean): ReferenceOperator {
  return (call) => {
    const [x, scale, shift] = [input(call, 0), input(call, 1), call.inputs[2]];
    const axis = normalAxis(intAttribute(call.node, "axis", -1), x.shape.length);
    const width = extent(x.shape, axis);
    const epsilon = floatAttribute(call.node, "epsilon", 1e-5);
    const rowShape = x.shape.slice(axis);
    const placeScale = broadcastPosition(scale.shape, rowShape);
    const placeShift = broadcastPosition(shift?.shape ?? [], rowShape);
    const momentsAt = rememberLast((row: number) =>
      momentsOf(width, (i) => x.at(row * width + i), epsilon, centred)
    );
    const y: ElementRule = (index) => {
      const moments = momentsAt(Math.floor(index / width));
      const place = index % width;
      return normalised(
        x.at(index),
        moments,
        scale.at(placeScale(place)),
        shift ? shift.at(placeShift(place)) : 0,
      );
    };
    return [y, (row) => momentsAt(row).mean, (row) => momentsAt(row).inverse];
  };
}

/** GroupNormalization and InstanceNormalization: one group of channels of one image at a time. */
function groupNormalization(groupsOf: (call: Call) => number): ReferenceOperator {
  return (call) => {
    const [x, scale, shift] = [input(call, 0), input(call, 1), input(call, 2)];
    const groups = groupsOf(call);
    const plane = extent(x.shape, 2);
    const channels = dimension(x, 1);
    const size = (channels / groups) * plane;
    const epsilon = floatAttribute(call.node, "epsilon", 1e-5);
    const momentsAt = rememberLast((group: number) =>
      momentsOf(size, (i) => x.at(group * size + i), epsilon)
    );
    /** Opset 18 gave scale and shift by group, later ones by channel. */
    const place = (operandSize: number, channel: number) =>
      operandSize === channels ? channel : Math.floor(channel / (channels / groups));
    return [(index) => {
      const channel = Math.floor(index / plane) % channels;
      return normalised(
        x.at(index),
        momentsAt(Math.floor(index / size)),
        scale.at(place(dimension(scale, 0), channel)),
        shift.at(place(dimension(shift, 0), channel)),
      );
    }];
  };
}

/** Batch normalisation of one channel: what ONNX trains and infers with. */
const batchNormalization: ReferenceOperator = (call) => {
  const [x, scale, shift] = [input(call, 0), input(call, 1), input(call, 2)];
  const [meanIn, varianceIn] = [input(call, 3), input(call, 4)];
  const epsilon = floatAttribute(call.node, "epsilon", 1e-5);
  const training = intAttribute(call.node, "training_mode", 0) !== 0;
  const momentum = floatAttribute(call.node, "momentum", 0.9);
  const plane = extent(x.shape, 2);
  const channels = dimension(x, 1);
  const count = dimension(x, 0) * plane;
  const momentsAt = rememberLast((channel: number): Moments => {
    if (!training) {
      const variance = varianceIn.at(channel);
      return { mean: meanIn.at(channel), variance, inverse: inverseDeviation(variance, epsilon) };
    }
    const at = (i: number) => x.at((Math.floor(i / plane) * channels + channel) * plane + i % plane);
    return momentsOf(count, at, epsilon);
  });
  const running = (before: number, now: number) =>
    add(multiply(before, momentum), multiply(now, subtract(1, momentum)));
  return [
    (index) => {
      const channel = Math.floor(index / plane) % channels;
      return normalised(x.at(index), momentsAt(channel), scale.at(channel), shift.at(channel));
    },
    (channel) => running(meanIn.at(channel), momentsAt(channel).mean),
    (channel) => running(varianceIn.at(channel), momentsAt(channel).variance),
  ];
};

/** Operators by name. */
export const normalizationOperators: Readonly<Record<string, ReferenceOperator>> = {
  LayerNormalization: rowNormalization(true),
  RMSNormalization: rowNormalization(false),
  GroupNormalization: groupNormalization((call) => intAttribute(call.node, "num_groups", 1)),
  InstanceNormalization: groupNormalization((call) => dimension(input(call, 0), 1)),
  BatchNormalization: batchNormalization,
};
