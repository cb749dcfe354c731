/**
 * Inputs whose values decide which elements of other inputs, or of themselves, are read.
 *
 * @module
 */
import type { GraphNode } from "../../graph.ts";

/** Positions of deciding inputs by operator: indices, labels, places, axes. Operators that are not here decide by shapes alone. */
const DECIDING: Readonly<Record<string, readonly number[]>> = {
  Gather: [1],
  GatherElements: [1],
  GatherND: [1],
  Scatter: [1],
  ScatterElements: [1],
  ScatterND: [1],
  EmbeddingGradient: [0],
  RotaryEmbedding: [3],
  ReverseSequence: [1],
  NegativeLogLikelihoodLoss: [1],
  SoftmaxCrossEntropyLoss: [1],
  Slice: [1, 2, 3, 4],
  Pad: [1, 3],
  Trilu: [1],
  CumSum: [1],
  Resize: [1, 2, 3],
  ReduceSum: [1],
  ReduceMean: [1],
  ReduceMax: [1],
  ReduceMin: [1],
  ReduceProd: [1],
  ReduceSumSquare: [1],
  ReduceL1: [1],
  ReduceL2: [1],
  ReduceLogSum: [1],
  ReduceLogSumExp: [1],
};

/** Positions of the inputs of a node that must be known before it can be said what else is read. */
export function decidingInputs(node: GraphNode): readonly number[] {
  return DECIDING[node.operator] ?? [];
}
