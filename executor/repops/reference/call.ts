/**
 * How the reference describes an operator: each element of an output as a function of the inputs' elements alone.
 *
 * Written this way, any element, and so any chunk, can be computed without the rest (SPEC 9), and recording which input
 * elements a rule reads tells what a chunk needs.
 *
 * @module
 */
import type { TensorInfo } from "../../../ledger/primitives/mod.ts";
import { ExecutorError } from "../../errors.ts";
import type { GraphNode } from "../../graph.ts";
import type { Precision } from "../numbers/mod.ts";

/** An input: its type, and its canonical elements by row-major position. */
export interface Operand extends TensorInfo {
  at(index: number): number;
}

/** One application of an operator. */
export interface Call {
  readonly node: GraphNode;
  readonly opset: number;
  readonly precision: Precision;
  readonly inputs: readonly (Operand | undefined)[];
  readonly outputs: readonly TensorInfo[];
}

/** The element of an output at a row-major position. */
export type ElementRule = (index: number) => number;

/** An operator of the reference: one rule for each output. */
export type ReferenceOperator = (call: Call) => readonly ElementRule[];

/** The types around a node, before there are values: what a refusal may depend on. */
export interface CallTypes {
  readonly node: GraphNode;
  readonly opset: number;
  readonly inputs: readonly (TensorInfo | undefined)[];
  readonly outputs: readonly TensorInfo[];
}

/**
 * The input at `position`.
 *
 * @throws {ExecutorError} `malformed_model` if it is absent.
 */
export function input(call: Call, position: number): Operand {
  const operand = call.inputs[position];
  if (operand) return operand;
  throw new ExecutorError(
    "malformed_model",
    `Node ${call.node.name} (${call.node.operator}) needs an input at position ${position}: it is absent.`,
  );
}

/** Type of the output at `position`. */
export function output(call: Call, position = 0): TensorInfo {
  const info = call.outputs[position];
  if (info) return info;
  throw new ExecutorError(
    "malformed_model",
    `Node ${call.node.name} (${call.node.operator}) needs an output at position ${position}: it is absent.`,
  );
}

/** All present inputs. */
export function presentInputs(call: Call): readonly Operand[] {
  return call.inputs.flatMap((operand) => (operand ? [operand] : []));
}

/** Dimension `axis` of a shape; 1 beyond its end. */
export function dimension(info: TensorInfo, axis: number): number {
  return info.shape[axis] ?? 1;
}

/** All elements of an operand: for small ones, such as axes. */
export function elements(operand: Operand | undefined): readonly number[] | undefined {
  if (!operand) return undefined;
  const count = operand.shape.reduce((product, d) => product * d, 1);
  return Array.from({ length: count }, (_, i) => operand.at(i));
}

/** Remembers the latest result, since neighbouring elements mostly share their row. */
export function rememberLast<T>(compute: (key: number) => T): (key: number) => T {
  let last: { readonly key: number; readonly value: T } | undefined;
  return (key) => {
    if (last?.key !== key) last = { key, value: compute(key) };
    return last.value;
  };
}
