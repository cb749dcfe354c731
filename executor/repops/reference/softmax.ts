/**
 * Softmax, its logarithm, and the classification losses (SPEC 6.8).
 *
 * @module
 */
import {
  canonical,
  divide,
  exponential,
  logarithm,
  multiply,
  reductionSum,
  subtract,
} from "../numbers/mod.ts";
import { intAttribute, stringAttribute } from "./attributes.ts";
import {
  type Call,
  dimension,
  type ElementRule,
  input,
  type ReferenceOperator,
  rememberLast,
} from "./call.ts";
import { placeOf } from "./gathering.ts";
import { extent, lineThrough, normalAxis } from "./positions.ts";

/** A row's greatest element and the canonical sum of e^(x - greatest). */
interface RowScale {
  readonly top: number;
  readonly total: number;
}

/** Scale of the row of `length` elements. */
export function rowScale(length: number, at: (i: number) => number): RowScale {
  let top = at(0);
  for (let i = 1; i < length; i++) top = Math.max(top, at(i));
  return { top, total: canonical(reductionSum(length, (i) => exponential(subtract(at(i), top)))) };
}

/** A softmax along a line; before opset 13 a line is everything from the axis on. */
function softmaxLike(finish: (x: number, scale: RowScale) => number): ReferenceOperator {
  return (call) => {
    const x = input(call, 0);
    const flattened = call.opset < 13;
    const axis = normalAxis(intAttribute(call.node, "axis", flattened ? 1 : -1), x.shape.length);
    const shape = flattened ? [extent(x.shape, 0, axis), extent(x.shape, axis)] : x.shape;
    const along = flattened ? 1 : axis;
    const scaleAt = rememberLast((start: number) => {
      const line = lineThrough(start, shape, along);
      return rowScale(line.length, (i) => x.at(start + i * line.step));
    });
    return [(index) => finish(x.at(index), scaleAt(lineThrough(index, shape, along).start))];
  };
}

/** e^(x - top) times the reciprocal of the total. */
const softmax = softmaxLike((x, { top, total }) => multiply(exponential(subtract(x, top)), divide(1, total)));

/** (x - top) - ln(total). */
const logSoftmaxElement = (x: number, { top, total }: RowScale) =>
  subtract(subtract(x, top), logarithm(total));

/** The loss of every position, then its reduction: shared by both losses. */
function classificationLoss(call: Call, logProbability: ElementRule): ElementRule {
  const [scores, labels, weights] = [input(call, 0), input(call, 1), call.inputs[2]];
  const classes = dimension(scores, 1);
  const inner = extent(scores.shape, 2);
  const positions = extent(labels.shape);
  const hasIgnored = call.node.attributes["ignore_index"] !== undefined;
  const ignored = intAttribute(call.node, "ignore_index", 0);
  const classAt = (position: number) => placeOf(labels.at(position), classes);
  const weightAt = (position: number) => {
    if (hasIgnored && labels.at(position) === ignored) return 0;
    return weights ? weights.at(classAt(position)) : 1;
  };
  const lossAt = (position: number) => {
    const weight = weightAt(position);
    if (weight === 0) return 0;
    const image = Math.floor(position / inner);
    const index = (image * classes + classAt(position)) * inner + position % inner;
    return multiply(canonical(-logProbability(index)), weight);
  };
  const reduction = stringAttribute(call.node, "reduction", "mean");
  if (reduction === "none") return lossAt;
  const total = () => canonical(reductionSum(positions, lossAt));
  if (reduction === "sum") return total;
  return () => divide(total(), canonical(reductionSum(positions, weightAt)));
}

const negativeLogLikelihood: ReferenceOperator = (call) => {
  const scores = input(call, 0);
  return [classificationLoss(call, (index) => scores.at(index))];
};

const softmaxCrossEntropy: ReferenceOperator = (call) => {
  const scores = input(call, 0);
  const scaleAt = rememberLast((start: number) => {
    const line = lineThrough(start, scores.shape, 1);
    return rowScale(line.length, (i) => scores.at(start + i * line.step));
  });
  const logProbability = (index: number) =>
    logSoftmaxElement(scores.at(index), scaleAt(lineThrough(index, scores.shape, 1).start));
  return [classificationLoss(call, logProbability), logProbability];
};

/** (x - top) - ln(total) along a line. */
const logSoftmax = softmaxLike(logSoftmaxElement);

/** 1 where x is a row's first greatest element, else 0. */
const hardmax: ReferenceOperator = (call) => {
  const x = input(call, 0);
  const flattened = call.opset < 13;
  const axis = normalAxis(intAttribute(call.node, "axis", flattened ? 1 : -1), x.shape.length);
  const shape = flattened ? [extent(x.shape, 0, axis), extent(x.shape, axis)] : x.shape;
  return [(index) => {
    const line = lineThrough(index, shape, flattened ? 1 : axis);
    let best = 0;
    for (let i = 1; i < line.length; i++) {
      if (x.at(line.start + i * line.step) > x.at(line.start + best * line.step)) best = i;
    }
    return best === line.place ? 1 : 0;
  }];
};

/** Operators by name. */
export const softmaxOperators: Readonly<Record<string, ReferenceOperator>> = {
  Softmax: softmax,
  LogSoftmax: logSoftmax,
  Hardmax: hardmax,
  NegativeLogLikelihoodLoss: negativeLogLikelihood,
  SoftmaxCrossEntropyLoss: softmaxCrossEntropy,
};
