/**
 * One chunk of one output of a node alone: what an arbiter computes, from just the input chunks that it takes. Its bits are those that the chunk
 * has within its graph.
 *
 * @module
 */
import { CHUNK_BYTES, type NodeDescriptor, type TensorInfo } from "../../ledger/primitives/mod.ts";
import type { Engine } from "../engine.ts";
import { ExecutorError } from "../errors.ts";
import type { ChunkExecution, ChunkNeeds, TensorChunks } from "../executor.ts";
import type { OpenedPhase } from "../program/mod.ts";
import type { PartialTensor, PartNeeds, PartOfNode, RandomAccess } from "../random_access.ts";
import { ELEMENT_BYTES, elementCount, type Tensor, tensorBytes } from "../tensor.ts";
import { gatheredBytes, gatheredNeeds } from "./gathered_chunk.ts";
import { isHostGather } from "./host_gather.ts";
import { descriptorAt, nodeAt } from "./phase_plan.ts";

/** An input at hand, whole or in part. */
export type InputAtHand = Tensor | PartialTensor;

/**
 * An engine's random access.
 *
 * @throws {ExecutorError} `bad_request` if it has none.
 */
export function accessOf({ name, randomAccess }: Engine): RandomAccess {
  if (randomAccess !== undefined) return randomAccess;
  throw new ExecutorError(
    "bad_request",
    `The engine ${name} computes whole nodes only: use executeNode.`,
  );
}

/**
 * Elements of an output, in the terms of the graph.
 *
 * @param range Elements from `start` on, at most `most` of them.
 * @throws {ExecutorError} `bad_request` if there is no such output, or no such element.
 */
export function partOf(
  phase: OpenedPhase,
  index: number,
  { output, start, most, what }: {
    readonly output: number;
    readonly start: number;
    readonly most: number;
    readonly what: string;
  },
): PartOfNode {
  const node = nodeAt(phase.graph, index), { inputs, outputs } = descriptorAt(phase, index);
  const info = outputs[output];
  if (info === undefined) {
    throw new ExecutorError(
      "bad_request",
      `Node ${index} has ${outputs.length} outputs: there is no output ${output}.`,
    );
  }
  const count = elementCount(info.shape);
  if (!Number.isInteger(start) || start < 0 || start >= count) {
    throw new ExecutorError("bad_request", `Output ${output} of node ${index} has no ${what}.`);
  }
  return {
    node,
    opset: phase.graph.opset,
    inputs: inputs.map((source, i) =>
      source.kind === "absent" ? undefined : infoOf(phase, node.inputs[i] ?? "")
    ),
    outputs,
    output,
    start,
    end: Math.min(start + most, count),
  };
}

/** A chunk's elements. */
function partOfChunk(phase: OpenedPhase, { node, output, chunk }: ChunkExecution): PartOfNode {
  const info = descriptorAt(phase, node).outputs[output];
  const most = CHUNK_BYTES / ELEMENT_BYTES[info?.dtype ?? "float32"];
  return partOf(phase, node, { output, start: chunk * most, most, what: `chunk ${chunk}` });
}

function infoOf({ graph }: OpenedPhase, name: string): TensorInfo {
  const info = graph.types.get(name) ?? graph.initializers.get(name);
  if (info === undefined) {
    throw new ExecutorError("bad_shape", `The value "${name}" has no inferred type.`, { value: name });
  }
  return { dtype: info.dtype, shape: info.shape };
}

/**
 * Inputs at hand: constants of the graph, and what was handed in.
 *
 * @throws {ExecutorError} `bad_request` for another number of inputs than the node has.
 */
export function inputsAtHand(
  phase: OpenedPhase,
  { inputs: infos, node }: PartOfNode,
  sources: NodeDescriptor["inputs"],
  given: readonly (Tensor | TensorChunks | null)[],
): readonly (InputAtHand | undefined)[] {
  if (given.length !== infos.length) {
    throw new ExecutorError("bad_request", `The node has ${infos.length} inputs: got ${given.length}.`);
  }
  return infos.map((info, i) => {
    if (sources[i]?.kind === "constant") return phase.graph.initializers.get(node.inputs[i] ?? "");
    const handed = given[i] ?? null;
    if (info === undefined || handed === null) return undefined;
    if ("dtype" in handed) return handed;
    return { ...info, chunks: new Map(handed.map(({ position, bytes }) => [position, bytes])) };
  });
}

/** Those of the inputs that are at hand, by position. */
export function knownOf(
  inputs: readonly (InputAtHand | undefined)[],
): ReadonlyMap<number, InputAtHand> {
  return new Map([...inputs.entries()].flatMap(([i, input]) => input === undefined ? [] : [[i, input]]));
}

function situationOf(engine: Engine, phase: OpenedPhase, request: ChunkExecution) {
  const part = partOfChunk(phase, request), descriptor = descriptorAt(phase, request.node);
  const inputs = inputsAtHand(phase, part, descriptor.inputs, request.inputs);
  return { access: accessOf(engine), part, inputs, isCopy: isHostGather(part.node, descriptor) };
}

/** What is needed besides the constants, which the program itself has, as plain data. */
export function fetchedNeeds(
  { complete, chunks, multiplyAdds }: PartNeeds,
  { inputs }: NodeDescriptor,
): ChunkNeeds {
  return {
    complete,
    multiplyAdds,
    chunks: [...chunks].flatMap(([input, positions]) =>
      inputs[input]?.kind === "constant" ? [] : [{ input, positions }]
    ),
  };
}

/**
 * Which input chunks a chunk takes.
 *
 * @throws {ExecutorError} `bad_request` for a node, output or chunk that does not exist, or an engine without random access;
 * `unsupported_operator`.
 */
export function chunkNeeds(engine: Engine, phase: OpenedPhase, request: ChunkExecution): ChunkNeeds {
  const { access, part, inputs, isCopy } = situationOf(engine, phase, request);
  const needs = isCopy ? gatheredNeeds(part, inputs) : access.needs(part, knownOf(inputs));
  return fetchedNeeds(needs, descriptorAt(phase, request.node));
}

/**
 * The bytes of a chunk.
 *
 * @throws {ExecutorError} `missing_chunk` for an input chunk that was not handed in; as {@link chunkNeeds}, and `bad_tensor`.
 */
export async function executeChunk(
  engine: Engine,
  phase: OpenedPhase,
  request: ChunkExecution,
): Promise<Uint8Array> {
  const { access, part, inputs, isCopy } = situationOf(engine, phase, request);
  if (isCopy) return gatheredBytes(part, inputs);
  return new Uint8Array(tensorBytes(await access.compute(part, inputs)));
}
