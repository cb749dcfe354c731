/**
 * What is asked for: a node by its types, and part of one of its outputs.
 *
 * @module
 */
import type { TensorInfo } from "../../../ledger/primitives/mod.ts";
import { ExecutorError } from "../../errors.ts";
import type { GraphNode } from "../../graph.ts";
import type { Tensor } from "../../tensor.ts";
import type { Precision } from "../numbers/mod.ts";
import { type Call, type Operand, operatorOf } from "../reference/mod.ts";
import { sizeOf } from "../values.ts";
import { operandOf, type SparseTensor } from "./sparse_tensor.ts";

/** An input, whole or in part; `undefined` where an optional one is absent. */
export type AccessInput = Tensor | SparseTensor | undefined;

/** A node and the types around it. */
export interface NodeTypes {
  readonly node: GraphNode;
  readonly opset: number;
  readonly precision: Precision;
  /** `undefined` where an optional input is absent. */
  readonly inputs: readonly (TensorInfo | undefined)[];
  readonly outputs: readonly TensorInfo[];
}

/** Elements `start` (inclusive) to `end` (exclusive) of the output at position `output`. */
export interface NodeRange {
  readonly output: number;
  readonly start: number;
  readonly end: number;
}

/** Inputs whose values are known, whole or in part, by position. */
export type KnownInputs = ReadonlyMap<number, Tensor | SparseTensor>;

/**
 * The call of a node on these operands.
 *
 * @throws {ExecutorError} `unsupported_operator`.
 */
export function callOn(types: NodeTypes, operands: readonly (Operand | undefined)[]): Call {
  const { node, opset, precision, outputs } = types;
  operatorOf(node);
  return { node, opset, precision, inputs: operands, outputs };
}

/** The operands that read some inputs. */
export function operandsOf(
  node: GraphNode,
  inputs: readonly AccessInput[],
): readonly (Operand | undefined)[] {
  return inputs.map((tensor, position) =>
    tensor && operandOf(tensor, `input ${position} of node ${node.name} (${node.operator})`)
  );
}

/**
 * Requires that a range lies in its output.
 *
 * @throws {ExecutorError} `bad_request`.
 */
export function requireRange({ node, outputs }: NodeTypes, { output, start, end }: NodeRange): TensorInfo {
  const info = outputs[output];
  const whole = Number.isInteger(start) && Number.isInteger(end) && 0 <= start && start <= end;
  if (info && whole && end <= sizeOf(info)) return info;
  throw new ExecutorError(
    "bad_request",
    `Elements ${start} to ${end} of output ${output} of node ${node.name} do not exist.`,
  );
}
