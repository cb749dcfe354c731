/**
 * What a gradient rule is: from a node and the gradient of its outputs to the gradients of its inputs, as more nodes.
 *
 * @module
 */
import type { TensorInfo } from "../../ledger/primitives/mod.ts";
import { ExecutorError } from "../errors.ts";
import type { GraphNode } from "../graph.ts";
import type { GraphBuilder, NodeContext } from "../onnx/mod.ts";

/** A node whose gradient is wanted. */
export interface GradientContext {
  readonly builder: GraphBuilder;
  readonly node: GraphNode;
  /** Which inputs need a gradient; rules may leave the others out. */
  readonly needs: readonly boolean[];
  /** Gradient of each output; `undefined` where nothing depends on it. */
  readonly outputGradients: readonly (string | undefined)[];
}

/** Gradient of each input, by position; `undefined` where there is none. */
export type GradientRule = (context: GradientContext) => readonly (string | undefined)[];

/** Gradient of the first output, which every node with one output has when its rule is called. */
export function outputGradient(context: GradientContext): string {
  const [gradient] = context.outputGradients;
  if (gradient === undefined) throw refuse(context.node, "only its first output may be used in training");
  return gradient;
}

/** Name of a required input. */
export function inputName(context: GradientContext, index: number): string {
  const name = context.node.inputs[index];
  if (name === undefined || name === "") throw refuse(context.node, `its input ${index} is missing`);
  return name;
}

/** Type of a required input. */
export function inputType(context: GradientContext, index: number): TensorInfo {
  return context.builder.type(inputName(context, index));
}

/** The error for a gradient that does not exist here: names the node, and why. */
export function refuse(node: GraphNode, reason: string): ExecutorError {
  return new ExecutorError(
    "unsupported_operator",
    `The node "${node.name}" (${node.operator}) has no gradient: ${reason}. Freeze the parameters before it, or replace it.`,
    { node: node.name, operator: node.operator },
  );
}

/** The node as shape rules see it, to share their reading of axes, windows and slices. */
export function shapeContext({ builder, node }: GradientContext): NodeContext {
  const nameOf = (index: number) => node.inputs[index] ?? "";
  return {
    node,
    opset: builder.opset,
    optional: (index) => nameOf(index) === "" ? undefined : builder.type(nameOf(index)),
    constant: (index) => builder.known(nameOf(index)),
  };
}
