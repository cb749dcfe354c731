/**
 * What a shape rule is: a function from a node and the types of its inputs to the types of its outputs.
 *
 * @module
 */
import type { Dtype, TensorInfo } from "../../ledger/primitives/mod.ts";
import { ExecutorError } from "../errors.ts";
import type { GraphNode } from "../graph.ts";
import type { Tensor } from "../tensor.ts";
import { broadcastShapes } from "./broadcast.ts";

/** A node and what is known of its inputs. */
export interface NodeContext {
  readonly node: GraphNode;
  readonly opset: number;
  /** Type of input `index`; `undefined` where the input is left out. */
  optional(index: number): TensorInfo | undefined;
  /** Value of input `index` if it is known before execution: a constant, or integer arithmetic on shapes. */
  constant(index: number): Tensor | undefined;
}

/**
 * Types of a node's outputs, in order; a node may ask for fewer.
 *
 * @throws {ExecutorError} `bad_shape` or `malformed_model`, naming the node.
 */
export type ShapeRule = (context: NodeContext) => readonly TensorInfo[];

/** An error that names the node. */
export function nodeError(
  node: GraphNode,
  code: "bad_shape" | "malformed_model",
  message: string,
  fields: Readonly<Record<string, string>> = {},
): ExecutorError {
  return new ExecutorError(code, `The node "${node.name}" (${node.operator}): ${message}`, {
    node: node.name,
    operator: node.operator,
    ...fields,
  });
}

/** Type of a required input. */
export function input(context: NodeContext, index: number): TensorInfo {
  const info = context.optional(index);
  if (info === undefined) throw nodeError(context.node, "malformed_model", `input ${index} is missing.`);
  return info;
}

/**
 * An input that must be known before execution, for example the shape of a Reshape.
 *
 * @throws {ExecutorError} `bad_shape` if it is not; the field `value` then names it.
 */
export function knownValue(context: NodeContext, index: number, what: string): Tensor {
  const tensor = context.constant(index);
  if (tensor !== undefined) return tensor;
  input(context, index);
  throw nodeError(
    context.node,
    "bad_shape",
    `${what} (input ${index}) is computed from data: only static shapes are supported.`,
    { value: context.node.inputs[index] ?? "" },
  );
}

/** The integers of an input that must be known before execution. */
export function knownInts(context: NodeContext, index: number, what: string): readonly number[] {
  return integersOf(knownValue(context, index, what));
}

/** Elements of an integer tensor as numbers; what does not fit saturates, as slice ends of INT64_MAX want. */
export function integersOf(tensor: Tensor): readonly number[] {
  return Array.from<number | bigint, number>(tensor.data, (value) => {
    const number = Number(value);
    return Math.max(Number.MIN_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, number));
  });
}

/** An axis counted from the front. */
export function normalizeAxis(context: NodeContext, axis: number, rank: number): number {
  const counted = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(counted) || counted < 0 || counted >= rank) {
    throw nodeError(context.node, "bad_shape", `axis ${axis} lies outside a tensor of ${rank} dimensions.`);
  }
  return counted;
}

/** A dimension of a shape, which must exist. */
export function dimension(context: NodeContext, shape: readonly number[], axis: number): number {
  const size = shape[axis];
  if (size === undefined) {
    throw nodeError(context.node, "bad_shape", `it needs more dimensions than [${shape}] has.`);
  }
  return size;
}

/** Fails unless both inputs have one element type. */
export function sameType(context: NodeContext, a: TensorInfo, b: TensorInfo): Dtype {
  if (a.dtype !== b.dtype) {
    throw nodeError(
      context.node,
      "malformed_model",
      `its inputs must have one element type: got ${a.dtype} and ${b.dtype}.`,
    );
  }
  return a.dtype;
}

/** Fails unless an input, where it is given, has one of these element types. */
export function requireType(context: NodeContext, index: number, types: readonly Dtype[]): void {
  const given = context.optional(index);
  if (given === undefined || types.includes(given.dtype)) return;
  throw nodeError(
    context.node,
    "malformed_model",
    `input ${index} must be of ${types.join(" or ")}: got ${given.dtype}.`,
  );
}

/** Types of positions. */
export const POSITIONS: readonly Dtype[] = ["int32", "int64"];

/** Types of real numbers. */
export const FLOATS: readonly Dtype[] = ["float32", "float16", "bfloat16", "float64"];

/**
 * Fails unless an input, where it is given, is of these elements and fits: kernels read as many elements as the operator takes, whatever the input
 * holds, so that of another they would read its neighbours.
 *
 * @param wanted Its type, or of floats another float type, and its shape.
 * @param isBroadcast Whether it may be broadcast to that shape.
 */
export function requireOperand(
  context: NodeContext,
  index: number,
  wanted: TensorInfo,
  isBroadcast = false,
): void {
  const given = context.optional(index);
  if (given === undefined) return;
  const isOfType = given.dtype === wanted.dtype ||
    (FLOATS.includes(given.dtype) && FLOATS.includes(wanted.dtype));
  const shape = isBroadcast
    ? broadcastShapes(wanted.shape, withoutOnes(given.shape, wanted.shape.length))
    : given.shape;
  if (isOfType && shape !== undefined && String(shape) === String(wanted.shape)) return;
  throw nodeError(
    context.node,
    "bad_shape",
    `input ${index} must be ${wanted.dtype} [${wanted.shape}]${isBroadcast ? ", or broadcast to it" : ""}: ` +
      `got ${given.dtype} [${given.shape}].`,
  );
}

/** A shape without leading dimensions of 1 beyond `rank`. */
function withoutOnes(shape: readonly number[], rank: number): readonly number[] {
  return shape.length > rank && shape[0] === 1 ? withoutOnes(shape.slice(1), rank) : shape;
}
