/**
 * The classification losses, by their definition in SPEC 6.8: the logarithm of a probability at each label, times the label's
 * weight, and the sum or mean of that.
 *
 * @module
 */
import { extent, intAttribute, stringAttribute } from "../../reference/mod.ts";
import { gatherAlong } from "./indexing.ts";
import type { Expansion, Writer } from "./writer.ts";

/** What each position's loss counts: its label's weight, 0 where the label is ignored. In the shape of the labels. */
function weightsOf(writer: Writer): string {
  const { node } = writer, labels = node.inputs[1] ?? "", weights = node.inputs[2] ?? "";
  const { dtype, shape } = writer.type(labels);
  const one = writer.floats([], [1]);
  const full = weights === ""
    ? writer.add("Expand", [one, writer.integers(shape)])
    : writer.add("Gather", [weights, labels]);
  if (node.attributes["ignore_index"] === undefined) return full;
  const ignored = writer.elements(dtype, [], () => intAttribute(node, "ignore_index", 0));
  return writer.add("Where", [writer.add("Equal", [labels, ignored]), writer.floats([], [0]), full]);
}

/** (x - top) - ln(total) over the classes, which lie on axis 1. Opsets before 13 have it for the last axis alone. */
function logProbabilities(writer: Writer, result?: number): string {
  const { node, opset } = writer, scores = node.inputs[0] ?? "", rank = writer.type(scores).shape.length;
  const last = rank - 1;
  if (last === 1) return writer.add("LogSoftmax", [scores], { axis: 1 }, result);
  const perm = Array.from({ length: rank }, (_, i) => i === 1 ? last : i === last ? 1 : i);
  const lying = writer.add("Transpose", [scores], { perm });
  // A softmax of the last axis is the same before and since opset 13.
  const logarithms = writer.add("LogSoftmax", [lying], { axis: opset < 13 ? last : -1 });
  return writer.add("Transpose", [logarithms], { perm }, result);
}

/** Writes the loss of given log probabilities: the node's first output. */
function writeLoss(writer: Writer, logarithms: string): void {
  const { node } = writer, labels = node.inputs[1] ?? "", { shape } = writer.type(labels);
  const [images = 1, ...places] = shape, positions = extent(shape);
  const across = writer.add("Reshape", [labels, writer.integers([images, 1, ...places])]);
  const chosen = gatherAlong(writer, logarithms, across, 1);
  const weights = weightsOf(writer);
  const negative = writer.add("Neg", [writer.add("Reshape", [chosen, writer.integers(shape)])]);
  const reduction = stringAttribute(node, "reduction", "mean");
  const losses = writer.add("Mul", [negative, weights], {}, reduction === "none" ? 0 : undefined);
  if (reduction === "none") return;
  const sumOf = (value: string, result?: number) => {
    const flat = writer.add("Reshape", [value, writer.integers([positions])]);
    return writer.opset >= 13
      ? writer.add("ReduceSum", [flat, writer.integers([0])], { keepdims: 0 }, result)
      : writer.add("ReduceSum", [flat], { axes: [0], keepdims: 0 }, result);
  };
  if (reduction === "sum") sumOf(losses, 0);
  else writer.add("Div", [sumOf(losses), sumOf(weights)], {}, 0);
}

/** Whether the forms above serve it: floats, a class axis, positions. */
function isServed(writer: Writer): boolean {
  const scores = writer.input(0), labels = writer.input(1);
  return scores?.dtype === "float32" && scores.shape.length >= 2 && !scores.shape.includes(0) &&
    (labels?.dtype === "int64" || labels?.dtype === "int32") && writer.node.outputs[0] !== "";
}

/** Expansions by operator. */
export const lossExpansions: Readonly<Record<string, Expansion>> = {
  NegativeLogLikelihoodLoss: (writer) => {
    if (!isServed(writer)) return false;
    writeLoss(writer, writer.node.inputs[0] ?? "");
    return true;
  },
  SoftmaxCrossEntropyLoss: (writer) => {
    if (!isServed(writer)) return false;
    writeLoss(writer, logProbabilities(writer, writer.node.outputs[1] ? 1 : undefined));
    return true;
  },
};
