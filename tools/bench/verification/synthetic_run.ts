/**
 * A long run without any computing: roots that hang together as those of a real one do. Of all its steps only the disputed one is spelt
 * out, since nobody looks into the others.
 *
 * @module
 */
import {
  blobRootOfTop,
  CHUNK_BYTES,
  encode,
  type Hash,
  hash,
  leafHash,
  merkleRoot,
  NodeDescriptor,
  OutputDescriptor,
  type Program,
  type StateEntry,
  stateRoot,
  tensorRoot,
  topOf,
  TraceLeaf,
  utf8,
  ZERO_HASH,
} from "../../../ledger/primitives/mod.ts";
import type { StepKnowledge } from "../../../ledger/disputes/mod.ts";

/** Sizes of the run. A segment is what is committed at once. */
export const STEPS = 10_000, NODES = 1_000, SEGMENT_STEPS = 20;

/** Where the provider cheats: somewhere inside everything. */
export const CHEAT = { step: 6_789, node: 432, chunk: 123 } as const;

/** Of a step's state: the size of a small model with an optimizer. */
const STATE_TENSORS = 30;

function tensor(...words: readonly (string | number)[]): Hash {
  return hash("assay/bench/tensor", utf8(words.join(" ")));
}

/** What a node puts out: 16 MiB, 256 chunks. */
const INFO = { dtype: "float32", shape: [2048, 2048] } as const;
const OUTPUT_BYTES = 2048 * 2048 * 4, OUTPUT_CHUNKS = OUTPUT_BYTES / CHUNK_BYTES;

/** Each node reads its predecessor and a tensor of the state, as a layer reads an activation and a weight. */
const nodes: readonly NodeDescriptor[] = Array.from({ length: NODES }, (_, i) => ({
  operator: tensor("operator", i),
  inputs: [
    i === 0 ? { kind: "batch" as const } : { kind: "node" as const, node: i - 1, output: 0 },
    { kind: "state" as const, index: i % STATE_TENSORS },
  ],
  outputs: [INFO],
  sum: null,
}));

/** The last nodes put out the next state. */
const outputs: readonly OutputDescriptor[] = Array.from({ length: STATE_TENSORS }, (_, i) => ({
  name: `tensor ${i}`,
  source: { kind: "node", node: NODES - STATE_TENSORS + i, output: 0 },
}));

/** The program of the run. */
export const PROGRAM: Program = {
  engine: "repops",
  engineHash: ZERO_HASH,
  stateTensors: STATE_TENSORS,
  initialRoot: stateRoot(stateAt(0, false)),
  dataTensors: 0,
  dataRoot: stateRoot([]),
  phases: [{
    mode: "carry",
    graph: ZERO_HASH,
    nodes: NODES,
    nodesRoot: merkleRoot(nodes.map((node) => encode(NodeDescriptor, node))),
    outputs: outputs.length,
    outputsRoot: merkleRoot(outputs.map((output) => encode(OutputDescriptor, output))),
    steps: STEPS,
    segmentSteps: SEGMENT_STEPS,
    batch: { rows: 60_000, size: 64, seed: 1n },
  }],
  metric: null,
  note: new Uint8Array(),
};

/** Whether what `node` of `step` puts out is touched by the cheat: everything from it on is. */
function isTouched(step: number, node: number): boolean {
  return step > CHEAT.step || (step === CHEAT.step && node >= CHEAT.node);
}

/** Chunk roots of what the disputed node puts out. */
export function disputedChunks(cheats: boolean): readonly Hash[] {
  return Array.from(
    { length: OUTPUT_CHUNKS },
    (_, chunk) => tensor(cheats && chunk === CHEAT.chunk ? "false" : "true", "chunk", chunk),
  );
}

function disputedOutput(cheats: boolean): Hash {
  const blob = blobRootOfTop(topOf(disputedChunks(cheats)), OUTPUT_BYTES);
  return tensorRoot({ ...INFO, blob });
}

function outputOf(step: number, node: number, cheats: boolean): Hash {
  if (step === CHEAT.step && node === CHEAT.node) return disputedOutput(cheats);
  return tensor(cheats && isTouched(step, node) ? "false" : "true", step, node);
}

/** The state before a step. */
function stateAt(step: number, cheats: boolean): readonly StateEntry[] {
  return Array.from({ length: STATE_TENSORS }, (_, i) => ({
    name: `tensor ${i}`,
    root: step === 0 ? tensor("initial", i) : outputOf(step - 1, NODES - STATE_TENSORS + i, cheats),
  }));
}

/** One side of the dispute. */
export interface SyntheticRun {
  /** Chunk roots of the disputed node's output. */
  readonly chunks: readonly Hash[];
  /** Roots of the states after the steps of a segment. */
  stepRoots(segment: number): readonly Hash[];
  /** Of all segments. */
  readonly segmentRoots: readonly Hash[];
  /** All about one step. */
  knowledgeOf(step: number, batch: Hash): StepKnowledge;
}

/** The seed of the run's salts. */
export const SEED: Hash = hash("assay/bench/seed");

/** The run as it is, or as the cheat claims it. */
export function syntheticRun(cheats: boolean): SyntheticRun {
  const stepRoots = (segment: number) =>
    Array.from(
      { length: SEGMENT_STEPS },
      (_, i) => stateRoot(stateAt(segment * SEGMENT_STEPS + i + 1, cheats)),
    );
  return {
    chunks: disputedChunks(cheats),
    stepRoots,
    segmentRoots: Array.from(
      { length: STEPS / SEGMENT_STEPS },
      (_, i) => stateRoot(stateAt((i + 1) * SEGMENT_STEPS, cheats)),
    ),
    knowledgeOf: (step, batch) => {
      const input = stateAt(step, cheats);
      const trace = nodes.map((_, node): TraceLeaf => ({
        node,
        inputs: [
          node === 0 ? batch : outputOf(step, node - 1, cheats),
          input[node % STATE_TENSORS]?.root ?? ZERO_HASH,
        ],
        outputs: [outputOf(step, node, cheats)],
      }));
      return { nodes, outputs, trace, input, data: [], output: stateAt(step + 1, cheats) };
    },
  };
}

/** Hashed leaves of a tree over roots. */
export function leavesOf(roots: readonly Hash[]): readonly Hash[] {
  return roots.map(leafHash);
}

/** Root of a step's trace. */
export function traceRootOf({ trace }: StepKnowledge): Hash {
  return merkleRoot(trace.map((leaf) => encode(TraceLeaf, leaf)));
}
