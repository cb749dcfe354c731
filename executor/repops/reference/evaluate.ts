/**
 * Computing a whole node by the reference. Parts of it alone are computed in `access/`.
 *
 * @module
 */
import type { TensorInfo } from "../../../ledger/primitives/mod.ts";
import { ExecutorError } from "../../errors.ts";
import type { GraphNode } from "../../graph.ts";
import { type CanonicalTensor, makeWords, sizeOf } from "../values.ts";
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

/**
 * All outputs of a node.
 *
 * @throws {ExecutorError} `unsupported_operator`, `malformed_model`.
 */
export function evaluateNode(evaluation: Evaluation): readonly CanonicalTensor[] {
  const rules = operatorOf(evaluation.node)(callOf(evaluation));
  return evaluation.outputs.map((info, position) => {
    const rule = ruleAt(evaluation, rules, position);
    const words = makeWords(info.dtype, sizeOf(info));
    for (let i = 0; i < words.length; i++) words[i] = rule(i);
    return { ...info, words };
  });
}

function callOf(evaluation: Evaluation): Call {
  return {
    node: evaluation.node,
    opset: evaluation.opset,
    precision: evaluation.precision,
    inputs: evaluation.inputs.map((tensor) => tensor && operandOf(tensor)),
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
