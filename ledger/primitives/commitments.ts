/**
 * What a computation commits to: the leaf formats and roots that executors make and the ledger checks.
 *
 * From the bottom up:
 *  - a **blob** is a byte string cut into 64 KiB chunks, each a subtree of 1 KiB leaves, so that one chunk, or one KiB of it,
 *    can be opened alone; its root binds its length;
 *  - a **tensor** is a blob of little-endian elements with dtype and shape;
 *  - a **state** is a Merkle tree over named tensors, in the order the program declares;
 *  - a **node descriptor** says what one graph node is: its operator, where each input comes from, what it puts out; the
 *    program's `nodesRoot` is a Merkle root over them;
 *  - a **trace** of one step is a Merkle tree over {@link TraceLeaf}: which roots went into each node and which came out;
 *  - a **program** is a sequence of phases. A `carry` phase maps state to state, step after step (training, evaluation); a `map`
 *    phase computes outputs of each step from one unchanging state (inference);
 *  - a **run** is a Merkle tree over segment roots, salted as `salted_run.ts` says, the unit of payment and dispute: for `carry` the
 *    state root after the segment, for `map` the root of the tree over its steps' output roots.
 *
 * @module
 */
import {
  bytes,
  bytes32,
  encode,
  type Infer,
  list,
  nullable,
  oneOf,
  record,
  text,
  u32,
  u64,
  union,
} from "./codec.ts";
import { type Hash, hash } from "./hash.ts";
import { leafHash, type MerkleProof, merkleRoot, topOf } from "./merkle.ts";

/** Bytes of a chunk: the unit of transfer and of re-execution. A multiple of {@link LEAF_BYTES}. */
export const CHUNK_BYTES = 64 * 1024;

/** Bytes of a leaf below a chunk: small enough to stand in a transaction. */
export const LEAF_BYTES = 1024;

/** Bytes of one element of each type. */
export const DTYPE_BYTES = {
  float32: 4,
  float64: 8,
  float16: 2,
  bfloat16: 2,
  int8: 1,
  int16: 2,
  int32: 4,
  int64: 8,
  uint8: 1,
  uint16: 2,
  uint32: 4,
  uint64: 8,
  bool: 1,
} as const satisfies Readonly<Record<Dtype, number>>;

/** Element types of tensors, by their safetensors meaning; `bool` is one byte, 0 or 1. New ones go at the end. */
export const Dtype = oneOf(
  "float32",
  "float64",
  "float16",
  "bfloat16",
  "int8",
  "int16",
  "int32",
  "int64",
  "uint8",
  "uint16",
  "uint32",
  "uint64",
  "bool",
);
/** See {@link Dtype}. */
export type Dtype = Infer<typeof Dtype>;

/** Most dimensions a tensor may have. */
export const MAX_RANK = 8;

/** Element type and shape. */
export const TensorInfo = record("TensorInfo", { dtype: Dtype, shape: list(u32, MAX_RANK) });
/** See {@link TensorInfo}. */
export type TensorInfo = Infer<typeof TensorInfo>;

/** What a tensor root is the hash of. */
export const TensorHeader = record("TensorHeader", {
  dtype: Dtype,
  shape: list(u32, MAX_RANK),
  blob: bytes32,
});
/** See {@link TensorHeader}. */
export type TensorHeader = Infer<typeof TensorHeader>;

/** A named tensor of a state or of a map step's outputs: one leaf of the state tree. */
export const StateEntry = record("StateEntry", { name: text(256), root: bytes32 });
/** See {@link StateEntry}. */
export type StateEntry = Infer<typeof StateEntry>;

/** Where a node's input, or a tensor of the next state, comes from. */
export const TensorSource = union("TensorSource", {
  /** Output `output` of graph node `node` in the same step. */
  node: record("NodeSource", { node: u32, output: u32 }),
  /** Tensor `index` of the state the step starts from. */
  state: record("StateSource", { index: u32 }),
  /** Tensor `index` of the program's data. */
  data: record("DataSource", { index: u32 }),
  /** The row indices of this step's batch (int64, shape [batch size]), see `batch_schedule.ts`. */
  batch: record("BatchSource", {}),
  /** A constant of the graph, by its tensor root. */
  constant: record("ConstantSource", { root: bytes32 }),
  /** An optional input that is left out. */
  absent: record("AbsentSource", {}),
});
/** See {@link TensorSource}. */
export type TensorSource = Infer<typeof TensorSource>;

/** Most inputs or outputs of one node. */
export const MAX_NODE_ARITY = 256;

/**
 * How each element of a node's first output is one sum, in parts that can be computed alone: blocks of so many terms (the last one may have
 * fewer), groups of so many blocks, and over the groups the tree that {@link splitRange} descends.
 */
export const SumShape = record("SumShape", { terms: u32, blockTerms: u32, groupBlocks: u32 });
/** See {@link SumShape}. */
export type SumShape = Infer<typeof SumShape>;

/**
 * One node of a phase's graph. `operator` is the hash of its canonical operator description (domain, type, attributes, opset). `sum` is null where
 * elements are not one sum each, or the engine does not compute its parts alone.
 */
export const NodeDescriptor = record("NodeDescriptor", {
  operator: bytes32,
  inputs: list(TensorSource, MAX_NODE_ARITY),
  outputs: list(TensorInfo, MAX_NODE_ARITY),
  sum: nullable(SumShape),
});
/** See {@link NodeDescriptor}. */
export type NodeDescriptor = Infer<typeof NodeDescriptor>;

/**
 * One tensor of the next state (`carry`, in the state's order) or of a step's outputs (`map`): its name and where it comes from.
 * The name is part of it because the {@link StateEntry} it becomes is hashed with its name: without, two honest parties could
 * disagree on an output root while agreeing on every tensor.
 */
export const OutputDescriptor = record("OutputDescriptor", { name: text(256), source: TensorSource });
/** See {@link OutputDescriptor}. */
export type OutputDescriptor = Infer<typeof OutputDescriptor>;

/** What a node did in one step: `inputs[i]` is the tensor root of input i (`ZERO_HASH` where absent). */
export const TraceLeaf = record("TraceLeaf", {
  node: u32,
  inputs: list(bytes32, MAX_NODE_ARITY),
  outputs: list(bytes32, MAX_NODE_ARITY),
});
/** See {@link TraceLeaf}. */
export type TraceLeaf = Infer<typeof TraceLeaf>;

/**
 * How batches are drawn from the program's data: `size` row indices out of `rows` for each step. With a seed, rows are
 * shuffled anew each epoch and the last partial batch is dropped; without, rows are taken in order and wrap around.
 */
export const BatchSchedule = record("BatchSchedule", { rows: u32, size: u32, seed: nullable(u64) });
/** See {@link BatchSchedule}. */
export type BatchSchedule = Infer<typeof BatchSchedule>;

/** One phase of a program: `steps` executions of one graph, committed every `segmentSteps`. */
export const Phase = record("Phase", {
  mode: oneOf("carry", "map"),
  /** Blob root of the phase's ONNX model (one step). */
  graph: bytes32,
  /** Number of graph nodes, and the Merkle root over their {@link NodeDescriptor} encodings. */
  nodes: u32,
  nodesRoot: bytes32,
  /** Number and Merkle root (over {@link OutputDescriptor} encodings) of the tensors of the next state, or of the outputs. */
  outputs: u32,
  outputsRoot: bytes32,
  steps: u32,
  segmentSteps: u32,
  batch: nullable(BatchSchedule),
});
/** See {@link Phase}. */
export type Phase = Infer<typeof Phase>;

/** A metric of the final state: tensor `index` (a scalar int64) over `total`, for example correct answers over rows. */
export const Metric = record("Metric", { name: text(64), index: u32, total: u32 });
/** See {@link Metric}. */
export type Metric = Infer<typeof Metric>;

/** Most phases of a program. */
export const MAX_PHASES = 4;

/** Everything a run is bound to. Its hash ({@link programId}) is what "the program" means in every other commitment. */
export const Program = record("Program", {
  /** Engine name, for example `ort-strict`, and the hash of the kernels that define its bits. */
  engine: text(64),
  engineHash: bytes32,
  /** Number of tensors in the state, and the state root the first phase starts from. */
  stateTensors: u32,
  initialRoot: bytes32,
  /** Number of data tensors, and the Merkle root over their {@link StateEntry} encodings. */
  dataTensors: u32,
  dataRoot: bytes32,
  phases: list(Phase, MAX_PHASES),
  metric: nullable(Metric),
  /** Free for the requester: names the job for people. */
  note: bytes(1024),
});
/** See {@link Program}. */
export type Program = Infer<typeof Program>;

/** Root of one chunk of a blob (at most {@link CHUNK_BYTES}): a Merkle root over its {@link LEAF_BYTES} leaves. */
export function chunkRoot(chunk: Uint8Array): Hash {
  const leaves: Uint8Array[] = [];
  for (let at = 0; at < chunk.length; at += LEAF_BYTES) leaves.push(chunk.subarray(at, at + LEAF_BYTES));
  return merkleRoot(leaves);
}

/** Root of a blob from its chunks' roots and its length in bytes. */
export function blobRootOfChunks(chunkRoots: readonly Hash[], byteLength: number): Hash {
  return blobRootOfTop(topOf(chunkRoots), byteLength);
}

/** Root of a blob from the top over its chunks' roots and its length in bytes, which says how many chunks there are. */
export function blobRootOfTop(top: Hash, byteLength: number): Hash {
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(byteLength));
  return hash("assay/blob", length, top);
}

/** Roots of a blob's chunks, in order. An empty blob has none. */
export function chunkRoots(blob: Uint8Array): Hash[] {
  const roots: Hash[] = [];
  for (let at = 0; at < blob.length; at += CHUNK_BYTES) {
    roots.push(chunkRoot(blob.subarray(at, at + CHUNK_BYTES)));
  }
  return roots;
}

/** Root of a byte string: its content address on the network and its place in a tensor root. */
export function blobRoot(blob: Uint8Array): Hash {
  return blobRootOfChunks(chunkRoots(blob), blob.length);
}

/** Root of a tensor from its header. */
export function tensorRoot(header: TensorHeader): Hash {
  return hash("assay/tensor", encode(TensorHeader, header));
}

/** Hashed leaf of a state entry. */
export function stateLeaf(entry: StateEntry): Hash {
  return leafHash(encode(StateEntry, entry));
}

/** Root of a state, of a map step's outputs, or of a program's data, from its entries in declared order. */
export function stateRoot(entries: readonly StateEntry[]): Hash {
  return merkleRoot(entries.map((entry) => encode(StateEntry, entry)));
}

/** Identity of a program. */
export function programId(program: Program): Hash {
  return hash("assay/program", encode(Program, program));
}

/** Segments of one phase. The last one may be shorter. */
export function phaseSegments(phase: Phase): number {
  return Math.ceil(phase.steps / phase.segmentSteps);
}

/** Segments of all phases of a program: the leaf count of its run root. */
export function programSegments(program: Program): number {
  return program.phases.reduce((sum, phase) => sum + phaseSegments(phase), 0);
}

/** Where a segment of a program lies. */
export interface SegmentLocation {
  readonly phaseIndex: number;
  readonly phase: Phase;
  /** Steps of the phase that the segment covers: [firstStep, endStep). */
  readonly firstStep: number;
  readonly endStep: number;
}

/** The place of segment `index` of a program, or `undefined` beyond its end. */
export function locateSegment(program: Program, index: number): SegmentLocation | undefined {
  let before = 0;
  for (const [phaseIndex, phase] of program.phases.entries()) {
    const count = phaseSegments(phase);
    if (index >= before && index < before + count) {
      const firstStep = (index - before) * phase.segmentSteps;
      return { phaseIndex, phase, firstStep, endStep: Math.min(firstStep + phase.segmentSteps, phase.steps) };
    }
    before += count;
  }
  return undefined;
}

/** The state that a segment starts from: the program's initial state, or the root of an earlier segment of the run. */
export type SegmentInput = { readonly kind: "initial" } | {
  readonly kind: "segment";
  readonly index: number;
};

/**
 * Where segment `index` of a program takes its input state from. Within a `carry` phase it is the segment before; a `map` phase leaves
 * the state as it is, so its segments, and the first of the phase after it, start from the last `carry` segment before the phase.
 * `index` is in [0, programSegments(program)).
 */
export function segmentInput(program: Program, index: number): SegmentInput {
  let before = 0;
  let source: SegmentInput = { kind: "initial" };
  for (const phase of program.phases) {
    const end = before + phaseSegments(phase);
    if (index < end) {
      return phase.mode === "carry" && index > before ? { kind: "segment", index: index - 1 } : source;
    }
    if (phase.mode === "carry" && end > before) source = { kind: "segment", index: end - 1 };
    before = end;
  }
  return source;
}

/** A Merkle proof in a message. 64 siblings cover any tree that fits a u32 count. */
export const Proof = record("Proof", { index: u32, count: u32, siblings: list(bytes32, 64) });
/** See {@link Proof}. */
export type Proof = Infer<typeof Proof> & MerkleProof;
