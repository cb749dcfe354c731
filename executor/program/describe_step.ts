/**
 * Describes a step graph in the ledger's terms: what each node is, where its inputs come from, what becomes of its outputs.
 *
 * @module
 */
import {
  encode,
  messageOf,
  NodeDescriptor,
  OutputDescriptor,
  type TensorInfo,
  type TensorSource,
} from "../../ledger/primitives/mod.ts";
import { ExecutorError } from "../errors.ts";
import type { GraphNode, TypedGraph } from "../graph.ts";
import { operatorHash } from "../onnx/mod.ts";
import { rootOfTensor } from "../tensor.ts";
import { sumOfNode } from "./node_sum.ts";
import { STEP_NAMES, type StepGraph } from "./step_graph.ts";

/** A tensor of the state or data: its name and type. */
export interface NamedInfo extends TensorInfo {
  readonly name: string;
}

/** A step in the ledger's terms. */
export interface StepDescription {
  readonly nodes: readonly NodeDescriptor[];
  readonly outputs: readonly OutputDescriptor[];
  /** Rows of each batch; `undefined` if the step takes no batch. */
  readonly batchSize: number | undefined;
  /** Positions of the data tensors that the step reads. */
  readonly dataUsed: readonly number[];
}

/**
 * Describes a step.
 *
 * @param state The program's state, in order.
 * @param data The program's data tensors, in order.
 * @param engine Name of the program's engine: it decides how sums are taken apart.
 * @throws {ExecutorError} `bad_program` if inputs or outputs are not named as `step_graph.ts` says or have other types.
 */
export function describeStep(
  { mode, graph }: StepGraph,
  state: readonly NamedInfo[],
  data: readonly NamedInfo[],
  engine: string,
): StepDescription {
  const sources = new Map<string, TensorSource>();
  for (const input of graph.inputs) {
    sources.set(input.name, inputSource(input.name, typeOf(graph, input.name), state, data));
  }
  for (const [name, tensor] of graph.initializers) {
    sources.set(name, { kind: "constant", root: rootOfTensor(tensor) });
  }
  graph.nodes.forEach((node, index) =>
    node.outputs.forEach((name, output) => sources.set(name, { kind: "node", node: index, output }))
  );
  const nodes = graph.nodes.map((node) => describeNode(graph, node, sources, engine));
  const outputs = mode === "carry" ? nextState(graph, sources, state) : mapOutputs(graph, sources);
  checkEncodable(graph, nodes, outputs);
  return {
    nodes,
    outputs,
    batchSize: graph.types.get(STEP_NAMES.batch)?.shape[0],
    dataUsed: data.flatMap(({ name }, i) => sources.has(STEP_NAMES.data + name) ? [i] : []),
  };
}

/** Types as text, for messages and comparison. */
export function showType({ dtype, shape }: TensorInfo): string {
  return `${dtype} [${shape}]`;
}

function typeOf(graph: TypedGraph, name: string): TensorInfo {
  const type = graph.types.get(name);
  if (type === undefined) {
    throw new ExecutorError("bad_program", `The value "${name}" of the graph "${graph.name}" has no type.`);
  }
  return type;
}

function inputSource(
  name: string,
  type: TensorInfo,
  state: readonly NamedInfo[],
  data: readonly NamedInfo[],
): TensorSource {
  if (name === STEP_NAMES.batch) {
    if (type.dtype === "int64" && type.shape.length === 1) return { kind: "batch" };
    throw new ExecutorError(
      "bad_program",
      `The input "batch" of a step must be int64 [size]: it is ${showType(type)}.`,
    );
  }
  for (
    const [prefix, kind, tensors] of [[STEP_NAMES.state, "state", state], [
      STEP_NAMES.data,
      "data",
      data,
    ]] as const
  ) {
    if (!name.startsWith(prefix)) continue;
    const index = tensors.findIndex((tensor) => prefix + tensor.name === name);
    const tensor = tensors[index];
    if (tensor === undefined) break;
    if (showType(tensor) === showType(type)) return { kind, index };
    throw new ExecutorError(
      "bad_program",
      `The step's input "${name}" is ${showType(type)}, but the program's ${kind} has it as ${
        showType(tensor)
      }.`,
    );
  }
  throw new ExecutorError(
    "bad_program",
    `The step's input "${name}" is no tensor of the program: name inputs "state.X", "data.X" or "batch".`,
    { input: name },
  );
}

function describeNode(
  graph: TypedGraph,
  node: GraphNode,
  sources: ReadonlyMap<string, TensorSource>,
  engine: string,
): NodeDescriptor {
  return {
    operator: operatorHash(node, graph.opset),
    inputs: node.inputs.map((name) => name === "" ? { kind: "absent" } : sourceOf(sources, name)),
    outputs: node.outputs.map((name) => typeOf(graph, name)),
    sum: sumOfNode(engine, graph, node),
  };
}

function sourceOf(sources: ReadonlyMap<string, TensorSource>, name: string): TensorSource {
  const source = sources.get(name);
  if (source === undefined) throw new ExecutorError("bad_program", `Nothing in the step produces "${name}".`);
  return source;
}

function nextState(
  graph: TypedGraph,
  sources: ReadonlyMap<string, TensorSource>,
  state: readonly NamedInfo[],
): readonly OutputDescriptor[] {
  const computed = new Set(graph.outputs.map(({ name }) => name));
  const outputs = state.map((tensor, index): OutputDescriptor => {
    const name = STEP_NAMES.next + tensor.name;
    if (!computed.delete(name)) return { name: tensor.name, source: { kind: "state", index } };
    const type = typeOf(graph, name);
    if (showType(type) === showType(tensor)) return { name: tensor.name, source: sourceOf(sources, name) };
    throw new ExecutorError(
      "bad_program",
      `The step computes "${name}" as ${showType(type)}, but the state's tensor is ${showType(tensor)}.`,
    );
  });
  for (const name of computed) {
    throw new ExecutorError(
      "bad_program",
      `The step's output "${name}" is no tensor of the state: name outputs "next.X".`,
    );
  }
  return outputs;
}

function mapOutputs(
  graph: TypedGraph,
  sources: ReadonlyMap<string, TensorSource>,
): readonly OutputDescriptor[] {
  return graph.outputs.map(({ name }) => {
    if (!name.startsWith(STEP_NAMES.output)) {
      throw new ExecutorError("bad_program", `The output "${name}" of a map step must be named "output.X".`);
    }
    return { name: name.slice(STEP_NAMES.output.length), source: sourceOf(sources, name) };
  });
}

function checkEncodable(
  graph: TypedGraph,
  nodes: readonly NodeDescriptor[],
  outputs: readonly OutputDescriptor[],
): void {
  try {
    for (const node of nodes) encode(NodeDescriptor, node);
    for (const output of outputs) encode(OutputDescriptor, output);
  } catch (cause) {
    throw new ExecutorError(
      "bad_program",
      `The graph "${graph.name}" is too large to be described: ${messageOf(cause)}`,
      {},
      cause,
    );
  }
}
