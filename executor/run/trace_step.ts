/**
 * The fine record of one step: what went into each node and what came out, made by executing the step again with every value
 * kept.
 *
 * @module
 */
import {
  type Hash,
  type NodeDescriptor,
  type TensorSource,
  type TraceLeaf,
  ZERO_HASH,
} from "../../ledger/primitives/mod.ts";
import { ExecutorError } from "../errors.ts";
import type { OpenedPhase } from "../program/mod.ts";
import type { Tensor } from "../tensor.ts";
import { descriptorAt, nodeAt, valueName } from "./phase_plan.ts";
import { batchOf, completeState, type PhaseRunner, type State, type StepResult } from "./phase_runner.ts";
import type { TensorRoots } from "./tensor_roots.ts";

/** Everything about one step. */
export interface StepTrace {
  /** One for each node, in graph order. */
  readonly leaves: readonly TraceLeaf[];
  /** The next state (`carry`) or the outputs (`map`). */
  readonly outputs: readonly Tensor[];
  /** The tensors that went into a node, by input position; `undefined` where an optional one is absent. */
  readonly nodeInputs: (node: number) => readonly (Tensor | undefined)[];
  /** The tensors that came out of a node, by output position. */
  readonly nodeOutputs: (node: number) => readonly (Tensor | undefined)[];
}

/** What a trace is made from. */
export interface TraceRequest {
  readonly phase: OpenedPhase;
  /** A runner that keeps `everything`. */
  readonly runner: PhaseRunner;
  readonly data: readonly Tensor[];
  readonly state: State;
  /** Position in the phase. */
  readonly step: number;
  readonly roots: TensorRoots;
  /** What the step is claimed to have put out, if that is not what it computes: see `fault.ts`. */
  readonly claim?: (outputs: readonly Tensor[]) => readonly Tensor[];
}

/** Traces one step. Costs one execution with all values read back, and hashing each value once. */
export async function traceStep(request: TraceRequest): Promise<StepTrace> {
  const { phase, runner, state, step, data, roots, claim } = request;
  const course = await runner.begin(state);
  const computed = await course.step(step, "all").finally(() => course.end());
  const whole = completeState(computed.outputs);
  const outputs = claim?.(whole) ?? whole;
  const values = standBy(phase, computed, outputs);
  const batch = batchOf(phase, step);
  const inputOf = (name: string, source: TensorSource): Tensor | undefined => {
    switch (source.kind) {
      case "node":
        return values.get(valueName(phase.graph, source));
      case "state":
        return state[source.index];
      case "data":
        return data[source.index];
      case "batch":
        return batch;
      case "constant":
        return phase.graph.initializers.get(name);
      case "absent":
        return undefined;
    }
  };
  const nodeInputs = (index: number) => {
    const node = nodeAt(phase.graph, index);
    return descriptorAt(phase, index).inputs.map((source, i) => inputOf(node.inputs[i] ?? "", source));
  };
  const nodeOutputs = (index: number) => nodeAt(phase.graph, index).outputs.map((name) => values.get(name));
  const leaves = phase.nodes.map((descriptor, node): TraceLeaf => {
    const inputs = nodeInputs(node);
    return {
      node,
      inputs: descriptor.inputs.map((source, i) => inputRoot(source, inputs[i], roots)),
      outputs: outputRoots(node, descriptor, nodeOutputs(node), roots),
    };
  });
  return { leaves, outputs, nodeInputs, nodeOutputs };
}

function inputRoot(source: TensorSource, tensor: Tensor | undefined, roots: TensorRoots): Hash {
  if (source.kind === "absent") return ZERO_HASH;
  if (source.kind === "constant") return source.root;
  if (tensor === undefined) {
    throw new ExecutorError(
      "bad_program",
      `A node reads a tensor that the program does not have: ${source.kind}.`,
    );
  }
  return roots(tensor);
}

function outputRoots(
  node: number,
  descriptor: NodeDescriptor,
  outputs: readonly (Tensor | undefined)[],
  roots: TensorRoots,
): Hash[] {
  return descriptor.outputs.map((_, i) => {
    const tensor = outputs[i];
    if (tensor === undefined) {
      throw new ExecutorError("engine_failed", `The engine kept no output ${i} of node ${node}.`);
    }
    return roots(tensor);
  });
}

/**
 * The values of a step under a claim about its outputs: where a claimed output is not the computed one, the node that it comes
 * from is claimed to have put it out, since the wiring is checked without executing anything. Without a false claim these are
 * the computed values.
 */
function standBy(
  phase: OpenedPhase,
  computed: StepResult,
  claimed: readonly Tensor[],
): ReadonlyMap<string, Tensor> {
  const values = new Map(computed.values);
  phase.outputs.forEach(({ source }, i) => {
    const tensor = claimed[i];
    if (source.kind !== "node" || tensor === undefined || tensor === computed.outputs[i]) return;
    values.set(valueName(phase.graph, source), tensor);
  });
  return values;
}
