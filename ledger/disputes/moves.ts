/**
 * The moves of a dispute as they stand in transactions. Who may make which move when is in the file named for the move; how to build the
 * larger ones is in `openings.ts`.
 *
 * @module
 */
import {
  bytes32,
  DESCENT_ARITY,
  type Infer,
  LEAF_BYTES,
  list,
  MAX_NODE_ARITY,
  NodeDescriptor,
  nullable,
  oneOf,
  OutputDescriptor,
  Proof,
  record,
  StateEntry,
  TraceLeaf,
  u32,
  union,
} from "../primitives/mod.ts";

/** Challenger: disputes the submitted result of a task. Costs `params.challengerBond`, held until the dispute closes. */
export const OpenDispute = record("OpenDispute", { task: bytes32 });
/** See {@link OpenDispute}. */
export type OpenDispute = Infer<typeof OpenDispute>;

/** Provider: the tops of `splitRange` of the disputed range; together they must make its agreed top. */
export const DisputeSplit = record("DisputeSplit", { dispute: bytes32, tops: list(bytes32, DESCENT_ARITY) });
/** See {@link DisputeSplit}. */
export type DisputeSplit = Infer<typeof DisputeSplit>;

/** Challenger: position among the posted tops of the leftmost that differs from its own, and what it has there itself. */
export const DisputeChoose = record("DisputeChoose", { dispute: bytes32, index: u32, own: bytes32 });
/** See {@link DisputeChoose}. */
export type DisputeChoose = Infer<typeof DisputeChoose>;

/** A root and the proof that it is the leaf of a tree (its 32 bytes are the leaf's bytes). */
export const ProvenRoot = record("ProvenRoot", { root: bytes32, proof: Proof });
/** See {@link ProvenRoot}. */
export type ProvenRoot = Infer<typeof ProvenRoot>;

/** Provider: opens the disputed segment. */
export const DisputeBindSegment = record("DisputeBindSegment", {
  dispute: bytes32,
  /** The segment's root: the run's disputed leaf. */
  root: bytes32,
  /** The earlier segment it starts from (see `segmentInput`), proven in the run; null if it starts from the initial state. */
  input: nullable(ProvenRoot),
  /**
   * `carry`: root of the tree over the state roots after each step, with the proof that its last leaf is the segment's root.
   * `map`: null, as the segment's root is that tree.
   */
  steps: nullable(ProvenRoot),
});
/** See {@link DisputeBindSegment}. */
export type DisputeBindSegment = Infer<typeof DisputeBindSegment>;

/** Provider: opens the disputed step. */
export const DisputeBindStep = record("DisputeBindStep", {
  dispute: bytes32,
  /** The step's output root: the disputed leaf of the steps tree. */
  root: bytes32,
  /** `carry`, unless it is the segment's first step: the step before, proven in the steps tree. Else null. */
  input: nullable(ProvenRoot),
  /** Root over the step's {@link TraceLeaf} encodings. */
  traceRoot: bytes32,
});
/** See {@link DisputeBindStep}. */
export type DisputeBindStep = Infer<typeof DisputeBindStep>;

/** Challenger: `nodes` if a node of the step differs; `outputs` if all nodes agree and yet the step's output root differs. */
export const DisputeChooseTree = record("DisputeChooseTree", {
  dispute: bytes32,
  tree: oneOf("nodes", "outputs"),
});
/** See {@link DisputeChooseTree}. */
export type DisputeChooseTree = Infer<typeof DisputeChooseTree>;

/** What shows the tensor root of a source. */
export const SourceEvidence = union("SourceEvidence", {
  /** For a `node` source: the producer's trace leaf, proven in the step's trace. */
  node: record("NodeEvidence", { leaf: TraceLeaf, proof: Proof }),
  /** For a `state` or `data` source: the entry, proven in the step's input state or in the program's data. */
  entry: record("EntryEvidence", { entry: StateEntry, proof: Proof }),
  /** For a `batch`, `constant` or `absent` source: the ledger knows. */
  none: record("NoEvidence", {}),
});
/** See {@link SourceEvidence}. */
export type SourceEvidence = Infer<typeof SourceEvidence>;

/** Provider: opens the disputed node, and shows where its first inputs come from, in order, as many as the transaction holds. */
export const DisputeOpenNode = record("DisputeOpenNode", {
  dispute: bytes32,
  leaf: TraceLeaf,
  descriptor: NodeDescriptor,
  /** That `descriptor` is the node's in `phase.nodesRoot`. */
  descriptorProof: Proof,
  inputs: list(SourceEvidence, MAX_NODE_ARITY),
});
/** See {@link DisputeOpenNode}. */
export type DisputeOpenNode = Infer<typeof DisputeOpenNode>;

/**
 * Provider: shows where further inputs come from, in order, from the first unproven one. The window of the opening goes on, it does not
 * start again: a node of very many inputs takes several transactions, which may stand in one block.
 */
export const DisputeOpenInputs = record("DisputeOpenInputs", {
  dispute: bytes32,
  inputs: list(SourceEvidence, MAX_NODE_ARITY),
});
/** See {@link DisputeOpenInputs}. */
export type DisputeOpenInputs = Infer<typeof DisputeOpenInputs>;

/** Provider: opens the disputed output of the step, and shows where it comes from. */
export const DisputeOpenOutput = record("DisputeOpenOutput", {
  dispute: bytes32,
  entry: StateEntry,
  descriptor: OutputDescriptor,
  /** That `descriptor` is the output's in `phase.outputsRoot`. */
  descriptorProof: Proof,
  source: SourceEvidence,
});
/** See {@link DisputeOpenOutput}. */
export type DisputeOpenOutput = Infer<typeof DisputeOpenOutput>;

/** Challenger: the output of the opened node that differs, and the top over the chunk roots of what it has itself. */
export const DisputeChooseOutput = record("DisputeChooseOutput", {
  dispute: bytes32,
  output: u32,
  own: bytes32,
});
/** See {@link DisputeChooseOutput}. */
export type DisputeChooseOutput = Infer<typeof DisputeChooseOutput>;

/** Provider: the top over the chunk roots of the disputed output. */
export const DisputeOpenTensor = record("DisputeOpenTensor", { dispute: bytes32, top: bytes32 });
/** See {@link DisputeOpenTensor}. */
export type DisputeOpenTensor = Infer<typeof DisputeOpenTensor>;

/** Arbiter: `arbiterCommitment` of its verdict and a secret salt. */
export const ArbiterCommit = record("ArbiterCommit", { dispute: bytes32, commitment: bytes32 });
/** See {@link ArbiterCommit}. */
export type ArbiterCommit = Infer<typeof ArbiterCommit>;

/** Arbiter: its salt, and its verdict (see `verdict.ts`), or `UNAVAILABLE` if the inputs could not be had. */
export const ArbiterReveal = record("ArbiterReveal", { dispute: bytes32, salt: bytes32, verdict: bytes32 });
/** See {@link ArbiterReveal}. */
export type ArbiterReveal = Infer<typeof ArbiterReveal>;

/** Provider or challenger: appeals against the arbiters' verdict. Costs `params.appealBond`, held until the dispute closes. */
export const AppealVerdict = record("AppealVerdict", { dispute: bytes32 });
/** See {@link AppealVerdict}. */
export type AppealVerdict = Infer<typeof AppealVerdict>;

/** Validator: `appealCommitment` of its verdict and a secret salt. */
export const AppealCommit = record("AppealCommit", { dispute: bytes32, commitment: bytes32 });
/** See {@link AppealCommit}. */
export type AppealCommit = Infer<typeof AppealCommit>;

/** Validator: its salt and its verdict, as an arbiter's. */
export const AppealReveal = record("AppealReveal", { dispute: bytes32, salt: bytes32, verdict: bytes32 });
/** See {@link AppealReveal}. */
export type AppealReveal = Infer<typeof AppealReveal>;

/** Provider: bits of the binary32 values of the disputed leaf. */
export const DisputeOpenLeaf = record("DisputeOpenLeaf", {
  dispute: bytes32,
  values: list(u32, LEAF_BYTES / 4),
});
/** See {@link DisputeOpenLeaf}. */
export type DisputeOpenLeaf = Infer<typeof DisputeOpenLeaf>;

/** Challenger: position among the posted values of the first that differs, and the bits that it has there itself. */
export const DisputeChooseElement = record("DisputeChooseElement", {
  dispute: bytes32,
  index: u32,
  own: u32,
});
/** See {@link DisputeChooseElement}. */
export type DisputeChooseElement = Infer<typeof DisputeChooseElement>;

/** Provider: bits of the sums of the disputed part's children, left to right. */
export const DisputeOpenSum = record("DisputeOpenSum", { dispute: bytes32, sums: list(u32, DESCENT_ARITY) });
/** See {@link DisputeOpenSum}. */
export type DisputeOpenSum = Infer<typeof DisputeOpenSum>;

/** Challenger: the leftmost posted sum that differs, with the bits that it has there itself; null: all are right and do not make the part. */
export const DisputeChoosePart = record("DisputeChoosePart", {
  dispute: bytes32,
  choice: nullable(record("PartChoice", { index: u32, own: u32 })),
});
/** See {@link DisputeChoosePart}. */
export type DisputeChoosePart = Infer<typeof DisputeChoosePart>;

/** What a step is committed to have put out at one place: the output's descriptor in the program, and its entry in the step's output root. */
export const CommittedOutput = record("CommittedOutput", {
  descriptor: OutputDescriptor,
  /** That `descriptor` is that of the output at `descriptorProof.index` in `phase.outputsRoot`. */
  descriptorProof: Proof,
  entry: StateEntry,
  /** That `entry` is at the same position in the step's output root. */
  entryProof: Proof,
});
/** See {@link CommittedOutput}. */
export type CommittedOutput = Infer<typeof CommittedOutput>;

/** What shows the root of an input of a named node. */
export const NamedInput = union("NamedInput", {
  /** For a `node` source: what the step is committed to have put out there. */
  output: CommittedOutput,
  /** For a `state` or `data` source: the entry, proven in the step's input state or in the program's data. */
  entry: record("NamedEntry", { entry: StateEntry, proof: Proof }),
  /** For a `batch`, `constant` or `absent` source: the ledger knows. */
  none: record("NamedNothing", {}),
});
/** See {@link NamedInput}. */
export type NamedInput = Infer<typeof NamedInput>;

/** Challenger, of a program judged within a bound: names the node that differs, and shows all that the provider committed to about it. */
export const DisputeNameNode = record("DisputeNameNode", {
  dispute: bytes32,
  segment: u32,
  /** The segment's root, whose salted leaf is proven in the run. */
  segmentRoot: ProvenRoot,
  /** The earlier segment it starts from, as in {@link DisputeBindSegment}. */
  input: nullable(ProvenRoot),
  /** Position in its phase. */
  step: u32,
  /** Root of the step's outputs, proven in the segment's root. */
  stepRoot: ProvenRoot,
  node: u32,
  descriptor: NodeDescriptor,
  /** That `descriptor` is the node's in `phase.nodesRoot`. */
  descriptorProof: Proof,
  /** One for each of the node's inputs, in order. */
  inputs: list(NamedInput, MAX_NODE_ARITY),
  /** One for each of the node's outputs, in order. */
  outputs: list(CommittedOutput, MAX_NODE_ARITY),
  /** Hash of the node's trace leaf as the challenger has it. */
  own: bytes32,
});
/** See {@link DisputeNameNode}. */
export type DisputeNameNode = Infer<typeof DisputeNameNode>;
