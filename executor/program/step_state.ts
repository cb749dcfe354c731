/**
 * The state of a step under construction: declares its tensors as they are first used, and names what the step makes of them.
 *
 * @module
 */
import { GraphBuilder } from "../onnx/mod.ts";
import { type Tensor, zeros } from "../tensor.ts";
import type { NamedTensor } from "./build_program.ts";
import { STEP_NAMES } from "./step_graph.ts";

/** A step with the initial values of the state that it uses. */
export interface StepState {
  readonly builder: GraphBuilder;
  /** Initial tensors, in the order of their declaration. */
  readonly initial: readonly NamedTensor[];
  /** Declares tensor `name` of the state. Returns the name of its value in the graph. */
  declare(name: string, initial: Tensor): string;
  /** Computes the next value of tensor `name` by one node. */
  next(name: string, operator: string, inputs: readonly string[]): void;
}

/** Begins a step in a graph. */
export function beginState(builder: GraphBuilder): StepState {
  const initial: NamedTensor[] = [];
  return {
    builder,
    initial,
    declare(name, tensor) {
      initial.push({ name, tensor });
      return builder.input(STEP_NAMES.state + name, tensor.dtype, tensor.shape);
    },
    next(name, operator, inputs) {
      builder.output(builder.add(operator, inputs, {}, STEP_NAMES.next + name));
    },
  };
}

/** A float32 scalar. */
export function floatScalar(value: number): Tensor {
  return { dtype: "float32", shape: [], data: Float32Array.of(value) };
}

/** int64 zero, for counters. */
export function counterZero(): Tensor {
  return zeros({ dtype: "int64", shape: [] });
}
