/**
 * A program small enough to follow by hand, and its runs: tensors are mere roots over mere chunk roots, an operator is a hash of its inputs. Built from the
 * primitives alone, so that it says what commitments must be, independently of any executor.
 *
 * @module
 */
import {
  batchRoot,
  blobRootOfTop,
  bytesToHex,
  CHUNK_BYTES,
  encode,
  type Hash,
  hash,
  leafHash,
  locateSegment,
  merkleRoot,
  NodeDescriptor,
  OutputDescriptor,
  type Phase,
  phaseSegments,
  type Program,
  type StateEntry,
  stateRoot,
  type SumShape,
  type TensorInfo,
  tensorRoot,
  type TensorSource,
  topOf,
  TraceLeaf,
  utf8,
  ZERO_HASH,
} from "../../../ledger/primitives/mod.ts";
import { rootOfSums, SUM, type SumLie, SUMMED_CHUNK, sumsUnder } from "./toy_sums.ts";

/** Chunks of what an operator puts out first; its other outputs have one. More than one round of a descent opens. */
export const TOY_CHUNKS = 19;

const LARGE = { dtype: "float32", shape: [TOY_CHUNKS * CHUNK_BYTES / 4 - 1000] } as const;
const SMALL = { dtype: "float32", shape: [2] } as const;

/** Chunk roots by the hex of the tensor root that they make: what the toy world has for blobs. */
const knownChunks = new Map<string, readonly Hash[]>();

/** Chunk roots of a tensor that an operator put out, or that {@link withWrongChunk} made of one. */
export function chunksOf(root: Hash): readonly Hash[] {
  return knownChunks.get(bytesToHex(root)) ?? [];
}

function tensorOfChunks({ dtype, shape }: TensorInfo, chunks: readonly Hash[]): Hash {
  const blob = blobRootOfTop(topOf(chunks), shape.reduce((product, size) => product * size, 4));
  const root = tensorRoot({ dtype, shape, blob });
  knownChunks.set(bytesToHex(root), chunks);
  return root;
}

/** A tensor that differs from another in one chunk. `word` makes one wrong chunk differ from another. */
export function withWrongChunk(
  root: Hash,
  chunk: number,
  word = "wrong",
  instead = tensor(`chunk ${word}`),
): Hash {
  const chunks = chunksOf(root);
  const info = chunks.length === TOY_CHUNKS ? LARGE : SMALL;
  return tensorOfChunks(info, chunks.with(chunk, instead));
}

/** A tensor of sums that differs from another in one element. */
export function withWrongSum(root: Hash, lie: SumLie): Hash {
  const { seed } = sumsUnder(chunksOf(root)[SUMMED_CHUNK]);
  return withWrongChunk(root, SUMMED_CHUNK, "", rootOfSums(seed, lie));
}

/** The seed of every run's salts: secret only in earnest. */
export const SEED: Hash = hash("test/seed");

/** A root that stands for a tensor. */
export function tensor(name: string): Hash {
  return hash("test/tensor", utf8(name));
}

export const CONSTANT = tensor("constant");

export const DATA: readonly StateEntry[] = [
  { name: "x", root: tensor("x") },
  { name: "labels", root: tensor("labels") },
];

export const INITIAL: readonly StateEntry[] = [
  { name: "a", root: tensor("a") },
  { name: "b", root: tensor("b") },
  { name: "c", root: tensor("c") },
];

interface Graph {
  readonly nodes: readonly NodeDescriptor[];
  readonly outputs: readonly OutputDescriptor[];
}

function node(
  name: string,
  inputs: readonly TensorSource[],
  { outputs = 1, sum = null }: { readonly outputs?: number; readonly sum?: SumShape | null } = {},
): NodeDescriptor {
  return {
    sum,
    operator: tensor(`operator ${name}`),
    inputs,
    outputs: Array.from({ length: outputs }, (_, i) => i === 0 ? LARGE : SMALL),
  };
}

const state = (index: number): TensorSource => ({ kind: "state", index });
const data = (index: number): TensorSource => ({ kind: "data", index });
const from = (node: number, output = 0): TensorSource => ({ kind: "node", node, output });
const batch: TensorSource = { kind: "batch" };
const constant: TensorSource = { kind: "constant", root: CONSTANT };
const absent: TensorSource = { kind: "absent" };

/** Reads every kind of source; puts out by node, by state and by constant. */
const training: Graph = {
  nodes: [
    node("gather", [state(0), data(1), batch], { outputs: 2 }),
    node("scale", [from(0, 0), constant, absent]),
    node("add", [from(1), state(1), from(0, 1)], { sum: SUM }),
  ],
  outputs: [
    { name: "a", source: from(2) },
    { name: "b", source: from(0, 1) },
    { name: "c", source: state(2) },
  ],
};

export const inference: Graph = {
  nodes: [node("gather", [data(0), batch]), node("apply", [from(0), state(0)])],
  outputs: [
    { name: "y", source: from(1) },
    { name: "rows", source: batch },
    { name: "inner", source: from(0) },
  ],
};

export const GRAPHS: readonly Graph[] = [training, inference, training];

function phase(graph: Graph, mode: "carry" | "map", steps: number, segmentSteps: number): Phase {
  return {
    mode,
    graph: ZERO_HASH,
    nodes: graph.nodes.length,
    nodesRoot: merkleRoot(graph.nodes.map((each) => encode(NodeDescriptor, each))),
    outputs: graph.outputs.length,
    outputsRoot: merkleRoot(graph.outputs.map((each) => encode(OutputDescriptor, each))),
    steps,
    segmentSteps,
    batch: { rows: 100, size: 8, seed: 7n },
  };
}

/** Training in segments of 3, 3 and 1 steps; inference in segments of 2 and 1; training again in segments of one step. */
export const PROGRAM: Program = {
  engine: "toy",
  engineHash: ZERO_HASH,
  stateTensors: INITIAL.length,
  initialRoot: stateRoot(INITIAL),
  dataTensors: DATA.length,
  dataRoot: stateRoot(DATA),
  phases: [phase(training, "carry", 7, 3), phase(inference, "map", 3, 2), phase(training, "carry", 2, 1)],
  metric: null,
  note: new Uint8Array(),
};

/** The same program for an engine whose nodes are judged chunk by chunk. */
export const CHUNKED: Program = { ...PROGRAM, engine: "repops" };

/** Its phase that infers. It puts out what every node computes. */
const INFERENCE = 1;

/** Inference alone, for an engine that is judged within a bound: in segments of 2 steps and 1. */
export const TOLERANT: Program = {
  ...PROGRAM,
  engine: "ort",
  phases: PROGRAM.phases.slice(INFERENCE, INFERENCE + 1),
};

/** What one step started from, did and put out. */
export interface ToyStep {
  readonly phaseIndex: number;
  readonly step: number;
  readonly input: readonly StateEntry[];
  readonly trace: readonly TraceLeaf[];
  readonly output: readonly StateEntry[];
}

/** Deviations from the program, each applied to what honest execution of the step would give. */
export interface Cheat {
  trace?(leaf: TraceLeaf, at: { readonly phaseIndex: number; readonly step: number }): TraceLeaf;
  output?(
    entries: readonly StateEntry[],
    at: { readonly phaseIndex: number; readonly step: number },
  ): readonly StateEntry[];
}

/** A run and everything that a party remembers of it. */
export interface ToyRun {
  readonly steps: readonly ToyStep[];
  readonly segmentRoots: readonly Hash[];
}

/** What an operator puts out. */
export function execute(descriptor: NodeDescriptor, inputs: readonly Hash[]): Hash[] {
  return descriptor.outputs.map((info, i) => {
    const output = hash("test/op", descriptor.operator, new Uint8Array([i]), ...inputs);
    const chunks = Array.from(
      { length: info.shape[0] === LARGE.shape[0] ? TOY_CHUNKS : 1 },
      (_, j) =>
        descriptor.sum !== null && j === SUMMED_CHUNK
          ? rootOfSums(output[0] ?? 0)
          : hash("test/chunk", output, new Uint8Array([j])),
    );
    return tensorOfChunks(info, chunks);
  });
}

function sourceRoot(
  source: TensorSource,
  step: { phase: Phase; index: number; input: readonly StateEntry[]; trace: readonly TraceLeaf[] },
): Hash {
  switch (source.kind) {
    case "node":
      return step.trace[source.node]?.outputs[source.output] ?? ZERO_HASH;
    case "state":
      return step.input[source.index]?.root ?? ZERO_HASH;
    case "data":
      return DATA[source.index]?.root ?? ZERO_HASH;
    case "batch":
      return step.phase.batch === null ? ZERO_HASH : batchRoot(step.phase.batch, step.index);
    case "constant":
      return source.root;
    case "absent":
      return ZERO_HASH;
  }
}

function runStep(phaseIndex: number, step: number, input: readonly StateEntry[], cheat: Cheat): ToyStep {
  const graph = GRAPHS[phaseIndex], phase = PROGRAM.phases[phaseIndex];
  if (graph === undefined || phase === undefined) throw new RangeError(`no phase ${phaseIndex}`);
  const at = { phaseIndex, step };
  const trace: TraceLeaf[] = [];
  const context = { phase, index: step, input, trace };
  for (const [node, descriptor] of graph.nodes.entries()) {
    const inputs = descriptor.inputs.map((source) => sourceRoot(source, context));
    const leaf = { node, inputs, outputs: execute(descriptor, inputs) };
    trace.push(cheat.trace?.(leaf, at) ?? leaf);
  }
  const honest = graph.outputs.map(({ name, source }) => ({ name, root: sourceRoot(source, context) }));
  return { phaseIndex, step, input, trace, output: cheat.output?.(honest, at) ?? honest };
}

/** Executes the program, honestly or not. */
export function runProgram(cheat: Cheat = {}): ToyRun {
  return runPhases([...PROGRAM.phases.entries()], cheat);
}

/** Executes {@link TOLERANT}, honestly or not. */
export function runInference(cheat: Cheat = {}): ToyRun {
  return runPhases([...PROGRAM.phases.entries()].slice(INFERENCE, INFERENCE + 1), cheat);
}

function runPhases(phases: readonly (readonly [number, Phase])[], cheat: Cheat): ToyRun {
  const steps: ToyStep[] = [];
  const segmentRoots: Hash[] = [];
  let current = INITIAL;
  for (const [phaseIndex, phase] of phases) {
    for (let segment = 0; segment < phaseSegments(phase); segment++) {
      const roots: Hash[] = [];
      const end = Math.min((segment + 1) * phase.segmentSteps, phase.steps);
      for (let step = segment * phase.segmentSteps; step < end; step++) {
        const done = runStep(phaseIndex, step, current, cheat);
        if (phase.mode === "carry") current = done.output;
        steps.push(done);
        roots.push(stateRoot(done.output));
      }
      segmentRoots.push(phase.mode === "carry" ? stateRoot(current) : merkleRoot(roots));
    }
  }
  return { steps, segmentRoots };
}

/** Steps of one segment. */
export function stepsOf({ steps }: ToyRun, segment: number): readonly ToyStep[] {
  const place = locateSegment(PROGRAM, segment);
  if (place === undefined) throw new RangeError(`no segment ${segment}`);
  return steps.filter(({ phaseIndex, step }) =>
    phaseIndex === place.phaseIndex && step >= place.firstStep && step < place.endStep
  );
}

/** Hashed leaves of a tree over roots. */
export function rootLeaves(roots: readonly Hash[]): readonly Hash[] {
  return roots.map(leafHash);
}
