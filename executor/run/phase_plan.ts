/**
 * How a phase's step is divided between host and engine: the host gathers the batch's rows, the engine computes the rest.
 *
 * @module
 */
import type { NodeDescriptor, TensorSource } from "../../ledger/primitives/mod.ts";
import type { Carry } from "../engine.ts";
import { ExecutorError } from "../errors.ts";
import type { GraphNode, TypedGraph, ValueInfo } from "../graph.ts";
import type { OpenedPhase } from "../program/mod.ts";
import { isHostGather } from "./host_gather.ts";

/** A node's output, by position. */
export interface ValuePlace {
  readonly node: number;
  readonly output: number;
}

/** A step divided. */
export interface PhasePlan {
  /** Positions of the nodes that the host executes. */
  readonly hostNodes: readonly number[];
  /** Those of them that put out what the step does. */
  readonly handedOn: readonly number[];
  /** The nodes left to the engine, with what they read as inputs and, as outputs, the wanted values. */
  readonly engineGraph: TypedGraph;
  /** Where each input of `engineGraph` comes from. */
  readonly feeds: ReadonlyMap<string, TensorSource>;
  /** What of the state can stay in the engine: inputs of `engineGraph`, and its outputs that each becomes. */
  readonly carry: Carry;
  /** Outputs of `engineGraph` that every step hands out: scalars, and what moves on to another place of the state. */
  readonly watched: readonly string[];
}

/**
 * Divides a step.
 *
 * @param wanted `outputs`: only what the next state or the outputs need; `everything`: every value, for a trace.
 */
export function planPhase(phase: OpenedPhase, wanted: "outputs" | "everything"): PhasePlan {
  const { graph, nodes } = phase;
  const onHost = (index: number) => isHostGather(nodeAt(graph, index), descriptorAt(phase, index));
  const hostNodes = graph.nodes.keys().filter(onHost).toArray();
  const engineNodes = graph.nodes.filter((_, index) => !onHost(index));
  const computed = new Set(engineNodes.flatMap((node) => node.outputs));
  const feeds = new Map<string, TensorSource>();
  graph.nodes.forEach((node, index) => {
    if (onHost(index)) return;
    node.inputs.forEach((name, i) => {
      const source = nodes[index]?.inputs[i];
      if (
        source === undefined || source.kind === "absent" || source.kind === "constant" || computed.has(name)
      ) return;
      feeds.set(name, source);
    });
  });
  const outputs = wanted === "everything"
    ? engineNodes.flatMap((node) => node.outputs).filter((name) => name !== "")
    : phase.outputs.map(({ source }) => source.kind === "node" ? valueName(graph, source) : "").filter((
      name,
    ) => computed.has(name));
  const engineGraph: TypedGraph = {
    ...graph,
    nodes: engineNodes,
    inputs: [...feeds.keys()].map((name) => declare(graph, name)),
    outputs: [...new Set(outputs)].map((name) => declare(graph, name)),
  };
  const { carry, moving } = carriedState(phase, feeds, computed);
  const watched = engineGraph.outputs.map(({ name }) => name).filter((name) =>
    moving.includes(name) || graph.types.get(name)?.shape.every((size) => size === 1)
  );
  const handedOn = phase.outputs.flatMap(({ source }) => source.kind === "node" ? [source.node] : [])
    .filter((node) => hostNodes.includes(node));
  return { hostNodes, handedOn, engineGraph, feeds, carry, watched };
}

function carriedState(
  { phase: { mode }, graph, outputs }: OpenedPhase,
  feeds: PhasePlan["feeds"],
  computed: ReadonlySet<string>,
): { readonly carry: Carry; readonly moving: readonly string[] } {
  /** The value of the engine that place `index` of the next state is. */
  const nextOf = (index: number): string | undefined => {
    const source = outputs[index]?.source;
    const name = source?.kind === "node" ? valueName(graph, source) : undefined;
    return name !== undefined && computed.has(name) ? name : undefined;
  };
  if (mode !== "carry") return { carry: {}, moving: [] };
  const carry = feeds.entries().flatMap(([input, source]) => {
    const next = source.kind === "state" ? nextOf(source.index) : undefined;
    return next === undefined ? [] : [[input, next] as const];
  });
  const moving = outputs.flatMap(({ source }) => source.kind === "state" ? nextOf(source.index) ?? [] : []);
  return { carry: Object.fromEntries(carry), moving };
}

/**
 * Node `index` of a graph.
 *
 * @throws {ExecutorError} `bad_request` beyond the graph's end.
 */
export function nodeAt(graph: TypedGraph, index: number): GraphNode {
  const node = graph.nodes[index];
  if (node === undefined) {
    throw new ExecutorError(
      "bad_request",
      `The graph "${graph.name}" has ${graph.nodes.length} nodes: there is no node ${index}.`,
    );
  }
  return node;
}

/**
 * Descriptor of node `index` of a phase.
 *
 * @throws {ExecutorError} `bad_request` beyond the graph's end.
 */
export function descriptorAt(phase: OpenedPhase, index: number): NodeDescriptor {
  const descriptor = phase.nodes[index];
  if (descriptor === undefined) {
    throw new ExecutorError(
      "bad_request",
      `The phase has ${phase.nodes.length} nodes: there is no node ${index}.`,
    );
  }
  return descriptor;
}

/** The value name of a node's output. */
export function valueName(graph: TypedGraph, place: ValuePlace): string {
  const name = nodeAt(graph, place.node).outputs[place.output];
  if (name === undefined) {
    throw new ExecutorError(
      "bad_program",
      `Node ${place.node} of "${graph.name}" has no output ${place.output}.`,
    );
  }
  return name;
}

function declare(graph: TypedGraph, name: string): ValueInfo {
  const info = graph.types.get(name);
  if (info === undefined) {
    throw new ExecutorError("bad_shape", `The value "${name}" has no inferred type.`, { value: name });
  }
  return { name, dtype: info.dtype, shape: info.shape };
}
