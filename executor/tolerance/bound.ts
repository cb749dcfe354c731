/**
 * The bound of a node.
 *
 * @module
 */
import type { TensorInfo } from "../../ledger/primitives/mod.ts";
import { ExecutorError } from "../errors.ts";
import type { GraphNode, TypedGraph } from "../graph.ts";
import type { Operand } from "../repops/mod.ts";
import { elementCount, type Tensor } from "../tensor.ts";
import type { BoundRule } from "./bound_rule.ts";
import { EXACT_OPERATORS } from "./exact_operators.ts";
import { FUNCTION_BOUNDS } from "./function_bounds.ts";
import { ROW_BOUNDS } from "./row_bounds.ts";
import { SUM_BOUNDS } from "./sum_bounds.ts";

/** What a claimed output may differ by, in absolute terms, element by element; or it must match exactly. */
export type Bound = "exact" | Float64Array;

/** A node, the inputs it was given, and the types of its outputs. */
export interface BoundRequest {
  readonly node: GraphNode;
  readonly opset: number;
  /** `undefined` where an optional input is absent. */
  readonly inputs: readonly (Tensor | undefined)[];
  readonly outputs: readonly TensorInfo[];
}

const RULES: Readonly<Record<string, BoundRule>> = { ...FUNCTION_BOUNDS, ...SUM_BOUNDS, ...ROW_BOUNDS };

/** Two computations: the claimed and the recomputed one. */
const COMPUTATIONS = 2;

/**
 * The bound of each output of a node.
 *
 * Cost: about that of the node, in binary64.
 *
 * @throws {ExecutorError} `unsupported_operator` for an operator without a bound.
 */
export function boundOf(request: BoundRequest): readonly Bound[] {
  const { node, opset, outputs } = request;
  requireBound(node, request.inputs[0]);
  if (outputs.every(({ dtype }) => dtype !== "float32") || EXACT_OPERATORS.has(node.operator)) {
    return outputs.map(() => "exact");
  }
  const inputs = request.inputs.map((tensor) => tensor && operandOf(tensor));
  const rules = RULES[node.operator]?.({ node, opset, precision: "highest", inputs, outputs }) ?? [];
  return outputs.map(({ dtype, shape }, position) => {
    const rule = rules[position];
    if (dtype !== "float32" || !rule) return "exact";
    return Float64Array.from({ length: elementCount(shape) }, (_, i) => COMPUTATIONS * rule(i));
  });
}

function operandOf({ dtype, shape, data }: Tensor): Operand {
  return { dtype, shape, at: (index) => Number(data[index] ?? 0) };
}

/** Whether an operator has a bound, or must match exactly, where its first input has this type. */
export function isTolerable({ operator, domain, attributes }: GraphNode, first?: TensorInfo): boolean {
  if (domain !== "" && domain !== "ai.onnx") return false;
  const training = attributes["training_mode"];
  if (training?.type === "int" && training.value !== 0n) return false;
  return EXACT_OPERATORS.has(operator) || (Object.hasOwn(RULES, operator) && first?.dtype !== "float16");
}

function requireBound(node: GraphNode, first?: TensorInfo): void {
  if (isTolerable(node, first)) return;
  throw new ExecutorError(
    "unsupported_operator",
    `Node ${node.name} uses operator ${node.operator}, whose results on different devices have no proven bound: run the program on repops or ort-strict.`,
    { node: node.name, operator: node.operator },
  );
}

/**
 * Requires that every node of a graph can be disputed within a bound, and is no larger than arbiters recompute whole.
 *
 * @param mostElements Of all inputs and outputs of a node together.
 * @throws {ExecutorError} `unsupported_operator` or `bad_request`, naming the node.
 */
export function requireTolerable(graph: TypedGraph, mostElements: number): void {
  for (const node of graph.nodes) {
    const infos = [...node.inputs, ...node.outputs].flatMap((name) => graph.types.get(name) ?? []);
    requireBound(node, graph.types.get(node.inputs[0] ?? ""));
    const elements = infos.reduce((sum, { shape }) => sum + elementCount(shape), 0);
    if (elements <= mostElements) continue;
    throw new ExecutorError(
      "bad_request",
      `Node ${node.name} (${node.operator}) reads and writes ${elements} elements: a dispute recomputes whole nodes of up to ${mostElements}; run the program on repops, whose nodes are disputed by the chunk.`,
      { node: node.name },
    );
  }
}
