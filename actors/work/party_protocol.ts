/**
 * What can be asked of whoever computed a run, the provider or a challenger: the outputs for the requester, a segment's input for its
 * auditors, the inputs of a disputed node for the arbiters, and of a tolerant program what its step put out. Answers name blobs, which are served to everybody; each can be checked against roots that the ledger knows.
 *
 * @module
 */
import {
  bytes32,
  type Infer,
  list,
  nullable,
  record,
  TensorHeader,
  text,
  u32,
  union,
} from "../../ledger/primitives/mod.ts";

/** Most tensors of one list: bounds what a stranger can make us decode. */
const MAX_TENSORS = 4096;

/** Most steps of a map segment, and most segments. With a few tensors each, an answer stays below a message's 4 MiB. */
const MAX_STEPS = 65_536;

/** A named tensor and what its root is the hash of. */
export const NamedTensor = record("NamedTensor", { name: text(256), header: TensorHeader });
/** See {@link NamedTensor}. */
export type NamedTensor = Infer<typeof NamedTensor>;

/** Where all outputs of a run are. */
export const OutputIndex = record("OutputIndex", {
  /** Roots of all segments: the leaves of the run root. */
  segmentRoots: list(bytes32, MAX_STEPS),
  /** Tensors of the state after the last segment. */
  finalState: list(NamedTensor, MAX_TENSORS),
  /** For each segment of a `map` phase: the outputs of each of its steps. */
  maps: list(
    record("MapOutputs", { segment: u32, steps: list(list(NamedTensor, MAX_TENSORS), MAX_STEPS) }),
    MAX_STEPS,
  ),
});
/** See {@link OutputIndex}. */
export type OutputIndex = Infer<typeof OutputIndex>;

/** A question. */
export const PartyQuestion = union("PartyQuestion", {
  /** Headers of the inputs of the node that a dispute has come down to. */
  node_inputs: record("NodeInputsOf", { dispute: bytes32 }),
  /** What the step of the disputed node is committed to have put out. */
  step_outputs: record("StepOutputsOf", { dispute: bytes32 }),
  /** Where the outputs of a task's run are. */
  outputs: record("OutputsOf", { task: bytes32 }),
  /** The state that a segment starts from, once it is opened for an audit. */
  segment_state: record("SegmentStateOf", { task: bytes32, segment: u32 }),
});
/** See {@link PartyQuestion}. */
export type PartyQuestion = Infer<typeof PartyQuestion>;

/** An answer. */
export const PartyAnswer = union("PartyAnswer", {
  /** One for each input; null where one is absent or a constant of the graph. */
  node_inputs: record("NodeInputs", { headers: list(nullable(TensorHeader), MAX_TENSORS) }),
  step_outputs: record("StepOutputs", { outputs: list(NamedTensor, MAX_TENSORS) }),
  outputs: record("Outputs", { index: OutputIndex }),
  segment_state: record("SegmentState", { state: list(NamedTensor, MAX_TENSORS) }),
});
/** See {@link PartyAnswer}. */
export type PartyAnswer = Infer<typeof PartyAnswer>;
