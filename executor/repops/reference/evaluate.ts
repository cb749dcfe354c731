/**
 * Computing a node by the reference: whole, or any range of any output alone.
 *
 * @module
 */
import type { TensorInfo } from "../../../ledger/primitives/mod.ts";
import { ExecutorError } from "../../errors.ts";
import type { GraphNode } from "../../graph.ts";
import { type CanonicalTensor, makeWords, sizeOf, type Words } from "../values.ts";
import type { Call, Operand } from "./call.ts";
import { operatorOf } from "./registry.ts";
import type { Precision } from "../numbers/mod.ts";

/** A node with its canonical inputs and the types of its outputs. */
export interface Evaluation {
  readonly node: GraphNode;
  readonly opset: number;
  readonly precision: Precision;
  /** `undefined` where an optional input is absent. */
  readonly inputs: readonly (CanonicalTensor | undefined)[];
  readonly outputs: readonly TensorInfo[];
}

/** Elements `start` (inclusive) to `end` (exclusive) of one output. */
export interface ElementRange {
  readonly output: number;
  readonly start: number;
  readonly end: number;
}

/** Input elements that a computation read: position of the input, and of the element in it, in the order first read. */
export type InputReads = ReadonlyMap<number, ReadonlySet<number>>;

/**
 * All outputs of a node.
 *
 * @throws {ExecutorError} `unsupported_operator`, `malformed_model`.
 */
export function evaluateNode(evaluation: Evaluation): readonly CanonicalTensor[] {
  const rules = operatorOf(evaluation.node)(callOf(evaluation, operandOf));
  return evaluation.outputs.map((info, position) => {
    const rule = ruleAt(evaluation, rules, position);
    const words = makeWords(info.dtype, sizeOf(info));
    for (let i = 0; i < words.length; i++) words[i] = rule(i);
    return { ...info, words };
  });
}

/**
 * Some elements of one output, computed alone. They have the bits that {@link evaluateNode} gives them.
 *
 * @returns The words of the range, and which input elements they needed.
 * @throws {ExecutorError} `unsupported_operator`, `malformed_model`; `bad_request` for a range outside the output.
 */
export function evaluateRange(
  evaluation: Evaluation,
  range: ElementRange,
): { readonly words: Words; readonly reads: InputReads } {
  const info = evaluation.outputs[range.output];
  if (!info || range.start < 0 || range.end > sizeOf(info) || range.start > range.end) {
    throw new ExecutorError(
      "bad_request",
      `Elements ${range.start} to ${range.end} of output ${range.output} of node ${evaluation.node.name} do not exist.`,
    );
  }
  const reads = new Map<number, Set<number>>();
  const call = callOf(evaluation, (tensor, position) => {
    const seen = new Set<number>();
    reads.set(position, seen);
    const operand = operandOf(tensor);
    return {
      ...operand,
      at: (index) => {
        seen.add(index);
        return operand.at(index);
      },
    };
  });
  const rule = ruleAt(evaluation, operatorOf(evaluation.node)(call), range.output);
  const words = makeWords(info.dtype, range.end - range.start);
  for (let i = 0; i < words.length; i++) words[i] = rule(range.start + i);
  return { words, reads };
}

function callOf(
  evaluation: Evaluation,
  operand: (tensor: CanonicalTensor, position: number) => Operand,
): Call {
  return {
    node: evaluation.node,
    opset: evaluation.opset,
    precision: evaluation.precision,
    inputs: evaluation.inputs.map((tensor, position) => tensor && operand(tensor, position)),
    outputs: evaluation.outputs,
  };
}

function operandOf(tensor: CanonicalTensor): Operand {
  const { dtype, shape, words } = tensor;
  return { dtype, shape, at: (index) => words[index] ?? 0 };
}

function ruleAt(
  { node }: Evaluation,
  rules: ReturnType<ReturnType<typeof operatorOf>>,
  position: number,
) {
  const rule = rules[position];
  if (rule) return rule;
  throw new ExecutorError(
    "unsupported_operator",
    `Node ${node.name} uses operator ${node.operator}, whose output ${position} repops does not have.`,
  );
}
