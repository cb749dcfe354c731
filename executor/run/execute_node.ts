/**
 * One node alone: what an arbiter does. Its bits are those the node has within its graph, which is the engine's promise.
 *
 * @module
 */
import type { TensorInfo } from "../../ledger/primitives/mod.ts";
import type { Engine } from "../engine.ts";
import { ExecutorError } from "../errors.ts";
import type { TypedGraph, ValueInfo } from "../graph.ts";
import type { OpenedPhase } from "../program/mod.ts";
import type { Tensor } from "../tensor.ts";
import { gatherRows, isHostGather } from "./host_gather.ts";
import { descriptorAt, nodeAt } from "./phase_plan.ts";

/**
 * Executes one node of a phase.
 *
 * @param index Position of the node in the phase's graph.
 * @param inputs One tensor for each input of the node, in order. Absent ones and constants of the graph may be `undefined`: the program
 * itself says what they are.
 * @returns Its outputs, in order.
 * @throws {ExecutorError} `bad_request` for another number of inputs or a missing one, `bad_tensor` for one of another type or
 * shape than in the graph, and as the engine does.
 */
export async function executeNode(
  engine: Engine,
  phase: OpenedPhase,
  index: number,
  inputs: readonly (Tensor | undefined)[],
): Promise<readonly Tensor[]> {
  const node = nodeAt(phase.graph, index);
  const descriptor = descriptorAt(phase, index);
  if (inputs.length !== descriptor.inputs.length) {
    throw new ExecutorError(
      "bad_request",
      `Node ${index} ("${node.name}", ${node.operator}) has ${descriptor.inputs.length} inputs: got ${inputs.length}.`,
    );
  }
  const present = inputs.flatMap((given, i) => {
    const source = descriptor.inputs[i]?.kind;
    if (source === "absent") return [];
    const tensor = source === "constant" ? phase.graph.initializers.get(node.inputs[i] ?? "") : given;
    if (tensor === undefined) {
      throw new ExecutorError("bad_request", `Input ${i} of node ${index} is missing.`);
    }
    return [{ name: inputName(i), tensor, info: infoOf(phase.graph, node.inputs[i] ?? "") }];
  });
  if (isHostGather(node, descriptor)) {
    const [rows, indices] = inputs;
    if (rows !== undefined && indices !== undefined) return [gatherRows(rows, indices)];
  }
  const alone = isolate(phase.graph, index, new Map(present.map(({ name, info }) => [name, info])));
  const session = await engine.load(alone);
  try {
    const outputs = await session.run(Object.fromEntries(present.map(({ name, tensor }) => [name, tensor])));
    return alone.outputs.map(({ name }) => {
      const tensor = outputs[name];
      if (tensor === undefined) {
        throw new ExecutorError("engine_failed", `The engine gave no output "${name}".`);
      }
      return tensor;
    });
  } finally {
    await session.close();
  }
}

/** Inputs are named by position: one value may be read twice, and yet be handed in as two tensors. */
function inputName(position: number): string {
  return `input${position}`;
}

function isolate(graph: TypedGraph, index: number, inputs: ReadonlyMap<string, TensorInfo>): TypedGraph {
  const node = nodeAt(graph, index);
  const outputs = node.outputs.filter((name) => name !== "");
  const types = new Map(inputs);
  for (const name of outputs) types.set(name, infoOf(graph, name));
  const declare = (name: string): ValueInfo => ({ name, ...infoIn(types, name) });
  return {
    name: `${graph.name}/${node.name}`,
    opset: graph.opset,
    nodes: [{ ...node, inputs: node.inputs.map((name, i) => name === "" ? "" : inputName(i)) }],
    inputs: [...inputs.keys()].map(declare),
    outputs: outputs.map(declare),
    initializers: new Map(),
    types,
  };
}

function infoOf(graph: TypedGraph, name: string): TensorInfo {
  return infoIn(graph.types, name);
}

function infoIn(types: ReadonlyMap<string, TensorInfo>, name: string): TensorInfo {
  const info = types.get(name);
  if (info === undefined) {
    throw new ExecutorError("bad_shape", `The value "${name}" has no inferred type.`, { value: name });
  }
  return { dtype: info.dtype, shape: info.shape };
}
