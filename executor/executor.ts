/**
 * The executor as actors see it: an asynchronous interface of content ids and plain structured-cloneable data, so that it can
 * be the same process, a worker, or a child that may be killed.
 *
 * How it is used, from the posting of a task to a verdict:
 *
 *  - everybody {@link Executor.load}s the program and knows its node and output descriptors, data and state entries;
 *  - a **provider** {@link Executor.rehearse}s it before it accepts, {@link Executor.run}s it, submits the tree over the segment roots, and serves the tensors of
 *    {@link Executor.output};
 *  - a **challenger** runs it too, and compares;
 *  - in a **bisection** both answer from `commitment_trees.ts` over the lists that {@link Executor.steps} and
 *    {@link Executor.trace} give: the run's segments, a segment's steps, a step's nodes or outputs; the
 *    trees go on to the chunks of {@link Executor.nodeOutput};
 *  - the provider serves the tensors of {@link Executor.nodeInputs}; each **arbiter** fetches what {@link Executor.chunkNeeds} names, checks
 *    it against the opened leaf, and {@link Executor.executeChunk}s the one chunk; with an engine without random access it
 *    {@link Executor.executeNode}s the whole node;
 *  - where a chunk takes too much, both post parts of one element's sum, which {@link Executor.executeSums} computes, and each arbiter executes one of
 *    them.
 *
 * Nothing must be kept between calls: whatever an executor forgot (it is bounded, it may be restarted) it makes again from the
 * last state that it has, in the worst case the program's initial one. {@link Executor.restore} hands it a later one.
 *
 * @module
 */
import type {
  Hash,
  NodeDescriptor,
  OutputDescriptor,
  Program,
  StateEntry,
  TensorInfo,
  TraceLeaf,
} from "../ledger/primitives/mod.ts";
import type { Blob } from "./program/mod.ts";
import type { SumWork } from "./random_access.ts";
import type { Tensor } from "./tensor.ts";

/** Every call has an end: an `AbortSignal.timeout`, or a signal that the caller fires. */
export interface CallOptions {
  readonly signal: AbortSignal;
}

/** The engine that an executor computes with. */
export interface EngineIdentity {
  readonly name: string;
  readonly kernelHash: Hash;
}

/**
 * A program's files: its manifest, and the blobs that the manifest names, in any order. The graphs' blobs are enough to execute a node, as an
 * arbiter does; a run needs those of state and data as well.
 */
export interface ProgramFiles {
  readonly manifest: Uint8Array;
  /** Their bytes are checked against their ids when they are used. */
  readonly blobs: readonly Blob[];
}

/** What a phase commits to, and names for people. */
export interface PhaseDescription {
  readonly nodes: readonly NodeDescriptor[];
  readonly outputs: readonly OutputDescriptor[];
  /** Name and operator of each node. */
  readonly labels: readonly { readonly name: string; readonly operator: string }[];
}

/** A loaded program. */
export interface LoadedProgram {
  readonly id: Hash;
  readonly program: Program;
  readonly phases: readonly PhaseDescription[];
  /** Leaves of `program.dataRoot` and of `program.initialRoot`. */
  readonly data: readonly StateEntry[];
  readonly state: readonly StateEntry[];
}

/** A loaded program. */
export interface ProgramRequest {
  readonly program: Hash;
  /**
   * Whether to execute it apart, with a second memory of the program's states: what another claims of a run and is handed in there by
   * {@link Executor.restore} is not seen by anybody who asks without. Default false.
   */
  readonly apart?: boolean;
}

/** A segment of a loaded program. */
export interface SegmentRequest extends ProgramRequest {
  readonly segment: number;
}

/** A step of a segment. `step` is the position in the segment's phase, as in a dispute. */
export interface StepRequest extends SegmentRequest {
  readonly step: number;
}

/** A node of a step. */
export interface NodeRequest extends StepRequest {
  readonly node: number;
}

/** A segment and the state that it starts from. */
export interface RestoreRequest extends SegmentRequest {
  readonly state: readonly Tensor[];
}

/** A run, from the beginning or from the state that a segment starts from. */
export interface RunRequest extends ProgramRequest {
  readonly from?: { readonly segment: number; readonly state: readonly Tensor[] };
}

/** What a run tells as it goes. */
export type RunEvent =
  /** A step is done. `loss` is the step's scalar of that name, if it has one. */
  | { readonly kind: "step"; readonly segment: number; readonly step: number; readonly loss: number | null }
  /** A segment is done. */
  | { readonly kind: "segment"; readonly segment: number; readonly root: Hash };

/**
 * Follows a run. Called in order; what it throws ends the run. A promise that it returns is waited for, so that a listener who writes the
 * event somewhere gets it written: between steps that keep the processor busy nothing else would.
 */
export type RunListener = (event: RunEvent) => unknown;

/** The first steps of every phase, at most `steps` of each. */
export interface RehearsalRequest extends ProgramRequest {
  readonly steps: number;
}

/** The outcome of a run. */
export interface RunResult {
  /** Roots of the segments that were run, in order. */
  readonly segmentRoots: readonly Hash[];
  /** Root of the last state. */
  readonly outputRoot: Hash;
  /** The program's metric, read off the last state; null without one. */
  readonly metric: bigint | null;
}

/** Named tensors with their roots. */
export interface NamedTensors {
  readonly entries: readonly StateEntry[];
  /** One for each entry. */
  readonly tensors: readonly Tensor[];
}

/** What the steps of a segment commit to: the leaves of the steps tree. */
export interface SegmentSteps {
  /** Position of the first one in its phase. */
  readonly firstStep: number;
  readonly roots: readonly Hash[];
}

/** What one step did. */
export interface StepRecord {
  /** The state it starts from. */
  readonly input: readonly StateEntry[];
  /** Leaves of the trace. */
  readonly nodes: readonly TraceLeaf[];
  /** The next state (`carry`) or the outputs (`map`). */
  readonly outputs: readonly StateEntry[];
}

/** One node of a phase, with its inputs in order: null where one is absent or a constant of the graph. */
export interface NodeExecution extends ProgramRequest {
  readonly phase: number;
  readonly node: number;
  readonly inputs: readonly (Tensor | null)[];
  /**
   * What the node is claimed to have put out. On an engine whose bits depend on the device, an output that lies within the bound of the recomputed
   * one comes back as it was claimed; elsewhere it is not looked at.
   */
  readonly claimed?: readonly Tensor[];
  /**
   * 32 random bytes that nobody knew when `claimed` was committed to: with them a claimed exact integer product is screened, which takes far less than
   * computing it; a wrong one passes with a chance of 2^-31.
   */
  readonly secret?: Uint8Array;
}

/** One output of a node of a step. */
export interface NodeOutputRequest extends NodeRequest {
  readonly output: number;
}

/** One chunk of such an output. */
export interface NodeChunkRequest extends NodeOutputRequest {
  readonly chunk: number;
}

/** A tensor as its chunks' roots. */
export interface ChunkedTensor extends TensorInfo {
  readonly chunkRoots: readonly Hash[];
}

/** Some chunks of a tensor. */
export type TensorChunks = readonly { readonly position: number; readonly bytes: Uint8Array }[];

/** One chunk of an output of a node, with the input chunks at hand: null where an input is absent, a constant of the graph, or not at hand. */
export interface ChunkExecution extends ProgramRequest {
  readonly phase: number;
  readonly node: number;
  readonly output: number;
  readonly chunk: number;
  readonly inputs: readonly (TensorChunks | null)[];
}

/** A loaded program, and up to which cost of a unit it need not be exact. */
export interface UnitCostRequest extends ProgramRequest {
  readonly cap: number;
}

/** What the dearest unit of a program costs that a dispute can come down to, and where it is. */
export interface UnitCost {
  readonly phase: number;
  readonly node: number;
  readonly operator: string;
  /** Multiplications with addition, or reads of an element. */
  readonly cost: number;
}

/** Works on the sum that one element of a node's first output is, with the inputs at hand, whole or in chunks: null as in {@link ChunkExecution}. */
export interface SumExecution extends ProgramRequest {
  readonly phase: number;
  readonly node: number;
  readonly element: number;
  readonly works: readonly SumWork[];
  readonly inputs: readonly (Tensor | TensorChunks | null)[];
}

/** Input chunks that the execution of a chunk takes, and what it costs. */
export interface ChunkNeeds {
  /** Whether these are all; if not, the values of these decide what else is needed: get them, and ask again with them. */
  readonly complete: boolean;
  readonly chunks: readonly { readonly input: number; readonly positions: readonly number[] }[];
  /** Multiplications with addition, or reads of an element. */
  readonly multiplyAdds: number;
}

/**
 * Executes programs.
 *
 * Every method throws {@link ExecutorError}: `cancelled` or `timed_out` when its signal fires, `crashed` when the process behind
 * it died (the next call works again), `bad_request` for a program, segment, step or node that does not exist, and what the engine throws.
 */
export interface Executor {
  /** The engine behind it. */
  engine(options: CallOptions): Promise<EngineIdentity>;
  /**
   * Takes in a program. Loading one again changes nothing.
   *
   * @throws {ExecutorError} `bad_program`, `malformed_model`, `malformed_file`, `unsupported_operator`, `bad_shape`, `bad_tensor`.
   */
  load(files: ProgramFiles, options: CallOptions): Promise<LoadedProgram>;
  /** Forgets a program and everything made for it; or, `apart`, only what was made for it there. */
  unload(request: ProgramRequest, options: CallOptions): Promise<void>;
  /** Runs all segments, or those from a given one on. */
  run(request: RunRequest, options: CallOptions, listener?: RunListener): Promise<RunResult>;
  /**
   * Runs the first steps of every phase, each phase from the program's initial state, and remembers nothing of it: to see that the
   * program runs here, and how long its steps take. The listener is told of each step, without a loss.
   */
  rehearse(request: RehearsalRequest, options: CallOptions, listener?: RunListener): Promise<void>;
  /** Hands over the state that a segment starts from, checked by the caller, so that earlier segments need not run again. */
  restore(request: RestoreRequest, options: CallOptions): Promise<void>;
  /** The state that a segment starts from. The number of segments stands for the end of the run. */
  state(request: SegmentRequest, options: CallOptions): Promise<NamedTensors>;
  /** What a step put out: the next state (`carry`) or the outputs (`map`). */
  output(request: StepRequest, options: CallOptions): Promise<NamedTensors>;
  /** Executes a segment again, committing to each step. */
  steps(request: SegmentRequest, options: CallOptions): Promise<SegmentSteps>;
  /** Executes a step again, committing to each node. Recent traces are remembered. */
  trace(request: StepRequest, options: CallOptions): Promise<StepRecord>;
  /** The tensors that went into one node of a step: null where one is absent or a constant of the graph. */
  nodeInputs(
    request: StepRequest & { readonly node: number },
    options: CallOptions,
  ): Promise<readonly (Tensor | null)[]>;
  /** Executes one node alone and gives its outputs in order. */
  executeNode(request: NodeExecution, options: CallOptions): Promise<readonly Tensor[]>;
  /** What a node of a step put out, as the roots of its chunks. */
  nodeOutput(request: NodeOutputRequest, options: CallOptions): Promise<ChunkedTensor>;
  /** Bytes of one chunk of what a node of a step put out. */
  nodeChunk(request: NodeChunkRequest, options: CallOptions): Promise<Uint8Array>;
  /**
   * Which input chunks the execution of one chunk takes. Of its `inputs` only those whose values an earlier answer asked for are looked at.
   *
   * @throws {ExecutorError} `bad_request` on an engine without random access, `unsupported_operator`.
   */
  chunkNeeds(request: ChunkExecution, options: CallOptions): Promise<ChunkNeeds>;
  /**
   * Executes one chunk of an output alone, and gives its bytes.
   *
   * @throws {ExecutorError} `missing_chunk`, `bad_request`, `unsupported_operator`, `bad_tensor`.
   */
  executeChunk(request: ChunkExecution, options: CallOptions): Promise<Uint8Array>;
  /** The dearest unit of a program that a dispute can come down to; null on an engine without random access. */
  dearestUnit(request: UnitCostRequest, options: CallOptions): Promise<UnitCost | null>;
  /**
   * Which input chunks the first of the works takes, as {@link Executor.chunkNeeds} says it of a chunk.
   *
   * @throws {ExecutorError} `bad_request` on an engine without random access, and for a node whose elements are not one sum each.
   */
  sumNeeds(request: SumExecution, options: CallOptions): Promise<ChunkNeeds>;
  /**
   * Does the works, and gives the bits of a binary32 for each.
   *
   * @throws {ExecutorError} `missing_chunk`, and as {@link Executor.sumNeeds}.
   */
  executeSums(request: SumExecution, options: CallOptions): Promise<readonly number[]>;
  close(): Promise<void>;
}
