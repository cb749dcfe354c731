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

type Input = Tensor | PartialTensor;

function accessOf({ name, randomAccess }: Engine): RandomAccess {
  if (randomAccess !== undefined) return randomAccess;
  throw new ExecutorError(
    "bad_request",
    `The engine ${name} computes whole nodes only: use executeNode.`,
  );
}

/** What is asked for, in the terms of the graph. */
function partOf(phase: OpenedPhase, { node: index, output, chunk }: ChunkExecution): PartOfNode {
  const node = nodeAt(phase.graph, index), { inputs, outputs } = descriptorAt(phase, index);
  const info = outputs[output];
  if (info === undefined) {
    throw new ExecutorError(
      "bad_request",
      `Node ${index} has ${outputs.length} outputs: there is no output ${output}.`,
    );
  }
  const perChunk = CHUNK_BYTES / ELEMENT_BYTES[info.dtype], count = elementCount(info.shape);
  const start = chunk * perChunk;
  if (!Number.isInteger(chunk) || chunk < 0 || start >= count) {
    throw new ExecutorError("bad_request", `Output ${output} of node ${index} has no chunk ${chunk}.`);
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
    end: Math.min(start + perChunk, count),
  };
}

function infoOf({ graph }: OpenedPhase, name: string): TensorInfo {
  const info = graph.types.get(name) ?? graph.initializers.get(name);
  if (info === undefined) {
    throw new ExecutorError("bad_shape", `The value "${name}" has no inferred type.`, { value: name });
  }
  return { dtype: info.dtype, shape: info.shape };
}

/** Inputs at hand: constants of the graph, and the chunks that were handed in. */
function inputsAtHand(
  phase: OpenedPhase,
  { inputs: infos, node }: PartOfNode,
  sources: NodeDescriptor["inputs"],
  given: readonly (TensorChunks | null)[],
): readonly (Input | undefined)[] {
  if (given.length !== infos.length) {
    throw new ExecutorError("bad_request", `The node has ${infos.length} inputs: got ${given.length}.`);
  }
  return infos.map((info, i) => {
    if (sources[i]?.kind === "constant") return phase.graph.initializers.get(node.inputs[i] ?? "");
    const chunks = given[i] ?? null;
    return info === undefined || chunks === null ? undefined : {
      ...info,
      chunks: new Map(chunks.map(({ position, bytes }) => [position, bytes])),
    };
  });
}

function situationOf(engine: Engine, phase: OpenedPhase, request: ChunkExecution) {
  const part = partOf(phase, request), descriptor = descriptorAt(phase, request.node);
  const inputs = inputsAtHand(phase, part, descriptor.inputs, request.inputs);
  return { access: accessOf(engine), part, inputs, isCopy: isHostGather(part.node, descriptor) };
}

function plain({ complete, chunks, multiplyAdds }: PartNeeds): ChunkNeeds {
  return {
    complete,
    multiplyAdds,
    chunks: [...chunks].map(([input, positions]) => ({ input, positions })),
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
  const known = new Map(
    [...inputs.entries()].flatMap(([i, input]) => input === undefined ? [] : [[i, input]]),
  );
  const needs = isCopy ? gatheredNeeds(part, inputs) : access.needs(part, known);
  // The program itself has its constants.
  const fetched = [...needs.chunks].filter(([input]) =>
    descriptorAt(phase, request.node).inputs[input]?.kind !== "constant"
  );
  return plain({ ...needs, chunks: new Map(fetched) });
}

/**
 * The bytes of a chunk.
 *
 * @throws {ExecutorError} `missing_chunk` for an input chunk that was not handed in; as {@link chunkNeeds}, and `bad_tensor`.
 */
export function executeChunk(engine: Engine, phase: OpenedPhase, request: ChunkExecution): Uint8Array {
  const { access, part, inputs, isCopy } = situationOf(engine, phase, request);
  if (isCopy) return gatheredBytes(part, inputs);
  return new Uint8Array(tensorBytes(access.compute(part, inputs)));
}
