/**
 * What the ledger remembers of a dispute.
 *
 * A dispute narrows a disagreement about a result down to one graph node of one step, one chunk of what it put out, or one part of the sum that one element is. Its {@link Stage} says where it stands, and with it
 * who must move; each stage carries the roots that both sides are bound to by then. The stages in order:
 *
 *     descend (run) -> bind_segment -> descend (steps) -> bind_step -> choose_tree
 *
 *     choose_tree -> descend (outputs) -> open_output -> closed
 *     choose_tree -> descend (nodes) -> open_node (-> open_inputs) (-> choose_output -> open_tensor (-> descend (chunks))) -> draw
 *
 *     where a chunk is too dear: -> descend (leaves) -> open_leaf -> choose_element (-> open_sum -> choose_part)... -> draw
 *
 *     of a program judged within a bound, where a node is named directly: descend (run) -> draw
 *
 *     draw -> commit -> reveal -> verdict (-> appeal_commit -> appeal_reveal) -> closed
 *
 * Every one of these stages but `closed` has a deadline, and silence decides it: see `timeouts.ts`. Of several disputes about one result
 * some `wait` before the first stage, and some are `merged` instead of the draw: see `concurrency.ts`.
 *
 * @module
 */
import {
  bytes32,
  DESCENT_ARITY,
  type Hash,
  type Infer,
  LEAF_BYTES,
  list,
  NodeDescriptor,
  nullable,
  oneOf,
  record,
  TraceLeaf,
  u32,
  u64,
  union,
} from "../primitives/mod.ts";
import { MAX_OPEN_DISPUTES, MAX_VALIDATORS, table } from "../state/mod.ts";

/** Most arbiters of one dispute: a committee beyond this costs more than its word is worth. */
export const MAX_ARBITERS = 32;

/** A segment that the sides disagree on, and what the provider is bound to about it. */
export const DisputedSegment = record("DisputedSegment", {
  /** Position among the program's segments. */
  segment: u32,
  /** The segment's leaf in the run. */
  root: bytes32,
  /** Root of the state it starts from, which both sides agree on. */
  input: bytes32,
  /** Root of the tree over the output roots of its steps. For a `map` phase that is the segment's root itself. */
  stepsRoot: bytes32,
});
/** See {@link DisputedSegment}. */
export type DisputedSegment = Infer<typeof DisputedSegment>;

/** A step that the sides disagree on, and what the provider is bound to about it. */
export const DisputedStep = record("DisputedStep", {
  within: DisputedSegment,
  /** Position in its phase. */
  step: u32,
  /** Root of the state (or of the outputs) after it. */
  root: bytes32,
  /** Root of the state it starts from. */
  input: bytes32,
  /** Root of the tree over its {@link TraceLeaf} encodings. */
  traceRoot: bytes32,
});
/** See {@link DisputedStep}. */
export type DisputedStep = Infer<typeof DisputedStep>;

/** A graph node that the sides disagree on. */
export const DisputedNode = record("DisputedNode", { within: DisputedStep, node: u32 });
/** See {@link DisputedNode}. */
export type DisputedNode = Infer<typeof DisputedNode>;

/** A tensor that a node put out and that the sides disagree on. */
export const DisputedTensor = record("DisputedTensor", { at: DisputedNode, output: u32 });
/** See {@link DisputedTensor}. */
export type DisputedTensor = Infer<typeof DisputedTensor>;

/** A chunk that the sides disagree on. */
export const DisputedChunk = record("DisputedChunk", { of: DisputedTensor, chunk: u32 });
/** See {@link DisputedChunk}. */
export type DisputedChunk = Infer<typeof DisputedChunk>;

/** A part of the sum that an element is. */
export const SumPart = union("SumPart", {
  /** The element: its sum, with what is done to that at the end. */
  element: record("ElementPart", {}),
  /** The sum over groups [from, to) of its tree. */
  groups: record("GroupsPart", { from: u32, to: u32 }),
});
/** See {@link SumPart}. */
export type SumPart = Infer<typeof SumPart>;

/** A part of a sum that the sides disagree on: what the provider claims that it is, and what the challenger has. */
export const DisputedPart = record("DisputedPart", {
  at: DisputedNode,
  /** Position in the node's first output. */
  element: u32,
  part: SumPart,
  /** Bits of a binary32 each. */
  claimed: u32,
  own: u32,
});
/** See {@link DisputedPart}. */
export type DisputedPart = Infer<typeof DisputedPart>;

/**
 * The tree being descended. `run`: segment roots; `steps`: output roots of a segment's steps; `nodes`: trace leaves of a step; `outputs`: the
 * {@link StateEntry} leaves of a step's output root; `chunks`: chunk roots of a node's output; `leaves`: the leaves of a chunk.
 */
export const DisputeTree = union("DisputeTree", {
  run: record("RunTree", {}),
  steps: record("StepsTree", { of: DisputedSegment }),
  nodes: record("NodesTree", { of: DisputedStep }),
  outputs: record("OutputsTree", { of: DisputedStep }),
  chunks: record("ChunksTree", { of: DisputedTensor }),
  leaves: record("LeavesTree", { of: DisputedChunk }),
});
/** See {@link DisputeTree}. */
export type DisputeTree = Infer<typeof DisputeTree>;

/**
 * What of a node is judged, see `unit.ts`. `claimed` is the verdict that confirms the provider, `own` the one that would be the challenger's;
 * null if it was never asked.
 */
export const Unit = union("Unit", {
  node: record("NodeUnit", { claimed: bytes32, own: nullable(bytes32) }),
  chunk: record("ChunkUnit", { output: u32, chunk: u32, claimed: bytes32, own: nullable(bytes32) }),
  /** One block of the sum that an element is. */
  block: record("BlockUnit", { element: u32, block: u32, claimed: bytes32, own: nullable(bytes32) }),
  /** What a part of that sum is, given `sums`, which both sides agree on: bits of its children's sums. */
  combination: record("CombinationUnit", {
    element: u32,
    part: SumPart,
    sums: list(u32, DESCENT_ARITY),
    claimed: bytes32,
    own: nullable(bytes32),
  }),
});
/** See {@link Unit}. */
export type Unit = Infer<typeof Unit>;

/** One drawn arbiter: what it committed to, and the verdict it revealed. */
export const Seat = record("Seat", {
  arbiter: bytes32,
  commitment: nullable(bytes32),
  verdict: nullable(bytes32),
});
/** See {@link Seat}. */
export type Seat = Infer<typeof Seat>;

/** An appeal that runs. */
export const Appeal = record("Appeal", {
  by: oneOf("provider", "challenger"),
  /** Held until the dispute closes. */
  bond: u64,
});
/** See {@link Appeal}. */
export type Appeal = Infer<typeof Appeal>;

/** One validator that may judge an appeal: the stake it votes with, what it committed to, and the verdict it revealed. */
export const AppealSeat = record("AppealSeat", {
  validator: bytes32,
  stake: u64,
  commitment: nullable(bytes32),
  verdict: nullable(bytes32),
});
/** See {@link AppealSeat}. */
export type AppealSeat = Infer<typeof AppealSeat>;

/** Why a dispute ended as it did. New reasons go at the end. */
export const Reason = oneOf(
  /** The provider did not answer in time. */
  "provider_silent",
  /** The challenger did not answer in time. */
  "challenger_silent",
  /** An opened node or output is not connected as the program says. */
  "wrong_wiring",
  /** Arbiters recomputed another output than the provider's. */
  "wrong_output",
  /** Arbiters could not get the inputs, which the provider must keep until its result is final. */
  "inputs_unavailable",
  /** Arbiters recomputed what the provider had claimed. */
  "output_confirmed",
  /** The disputed output is its source's output, as the program says. */
  "assembly_confirmed",
  /** No verdict had the votes of more than half of the drawn arbiters. */
  "no_quorum",
  /** The program itself is not well-formed at the disputed place, so neither side can be right. */
  "malformed_program",
  /** What the challenger says that it has is what the provider opened. */
  "no_difference",
  /** Arbiters recomputed neither the provider's output nor the one that the challenger said it has. */
  "both_wrong",
  /** Another dispute brought the result down, or ended without a verdict, so that there is nothing left to dispute. */
  "result_void",
  /** The validators declared the engine faulty: nobody can be found wrong by it. */
  "engine_incident",
);
/** See {@link Reason}. */
export type Reason = Infer<typeof Reason>;

/** Where a dispute stands. */
export const Stage = union("Stage", {
  /** As many disputes of the result run as may at a time: this one begins when one of them is over. It has no deadline. */
  wait: record("Wait", {}),
  /**
   * The subtree over leaves [from, to) of a tree of `count` leaves is disputed. `expected` is the tree's root as long as the range is the
   * whole tree, afterwards the subtree's top. With no `tops` the provider must split it; with tops the challenger must choose among them.
   */
  descend: record("Descend", {
    tree: DisputeTree,
    count: u32,
    from: u32,
    to: u32,
    expected: bytes32,
    tops: list(bytes32, DESCENT_ARITY),
  }),
  /** The provider must open the run's leaf `segment` (whose hash is `leaf`), its input state, and bind the root over its steps. */
  bind_segment: record("BindSegment", { segment: u32, leaf: bytes32 }),
  /** The provider must open the output root of `step` (hash `leaf`), its input state, and bind the root of its trace. */
  bind_step: record("BindStep", { within: DisputedSegment, step: u32, leaf: bytes32 }),
  /** The challenger must say whether a node differs, or the step's output does not follow from nodes it agrees with. */
  choose_tree: record("ChooseTree", { of: DisputedStep }),
  /** The provider must open the trace leaf (hash `leaf`; the challenger has `own`) of a node, its descriptor, and evidence for its inputs. */
  open_node: record("OpenNode", { at: DisputedNode, leaf: bytes32, own: nullable(bytes32) }),
  /** As before: the first `proven` inputs are proven, the rest is awaited. */
  open_inputs: record("OpenInputs", { at: DisputedNode, leaf: bytes32, own: nullable(bytes32), proven: u32 }),
  /** The wiring holds; the challenger must name the output that differs. */
  choose_output: record("ChooseOutput", { at: DisputedNode }),
  /** The provider must open the root of an output to the top over its chunks. The challenger has `own`. */
  open_tensor: record("OpenTensor", { at: DisputedNode, output: u32, own: bytes32 }),
  /** The provider must open the state entry (hash `leaf`) of an output, its descriptor, and evidence for its source. */
  open_output: record("OpenOutput", { of: DisputedStep, output: u32, leaf: bytes32 }),
  /** What is judged is known; the beacon before the block at the deadline draws the arbiters. */
  draw: record("Draw", { at: DisputedNode, unit: Unit }),
  /** Arbiters re-execute the unit and commit to their verdicts. */
  commit: record("Commit", { at: DisputedNode, unit: Unit, seats: list(Seat, MAX_ARBITERS) }),
  /** Arbiters who committed reveal. */
  reveal: record("Reveal", { at: DisputedNode, unit: Unit, seats: list(Seat, MAX_ARBITERS) }),
  /** What the arbiters found becomes final at the deadline, unless a party appeals. */
  verdict: record("Verdict", {
    at: DisputedNode,
    unit: Unit,
    seats: list(Seat, MAX_ARBITERS),
    reason: Reason,
  }),
  /** A party has appealed: validators re-execute and commit to their verdicts, which are in `appealSeats`. */
  appeal_commit: record("AppealCommitStage", {
    at: DisputedNode,
    unit: Unit,
    seats: list(Seat, MAX_ARBITERS),
    reason: Reason,
    appeal: Appeal,
  }),
  /** Validators who committed reveal. */
  appeal_reveal: record("AppealRevealStage", {
    at: DisputedNode,
    unit: Unit,
    seats: list(Seat, MAX_ARBITERS),
    reason: Reason,
    appeal: Appeal,
  }),
  /** Another dispute of the result, `into`, judges the same. Its verdict is this one's too. It has no deadline. */
  merged: record("Merged", { at: DisputedNode, unit: Unit, into: bytes32 }),
  closed: record("Closed", {}),
  /** A chunk is too dear to be judged. The provider must post the values in its leaf `position` (hash `leaf`). */
  open_leaf: record("OpenLeaf", { of: DisputedChunk, position: u32, leaf: bytes32 }),
  /** The challenger must name the first value that differs. The first of `values` is element `first` of the output. */
  choose_element: record("ChooseElement", {
    of: DisputedChunk,
    first: u32,
    values: list(u32, LEAF_BYTES / 4),
  }),
  /** The provider must post the sums of a part's children. */
  open_sum: record("OpenSum", { of: DisputedPart }),
  /** The challenger must name the leftmost sum that differs, or say that they do not make the part. */
  choose_part: record("ChoosePart", { of: DisputedPart, sums: list(u32, DESCENT_ARITY) }),
});
/** See {@link Stage}. */
export type Stage = Infer<typeof Stage>;

/** How a dispute ended, for people and for reputation. Amounts are in the smallest unit. */
export const Outcome = record("Outcome", {
  /** Who was wrong; null if nobody could be found so. */
  guilty: nullable(oneOf("provider", "challenger")),
  reason: Reason,
  /** Taken from the provider's collateral, or the challenger's bond. */
  forfeited: u64,
  /** Of it: to the other side, to arbiters in sum, and burned. */
  awarded: u64,
  arbiterFees: u64,
  burned: u64,
  closedAt: u64,
  /** How far it came: each null if it ended before. */
  segment: nullable(u32),
  phase: nullable(u32),
  step: nullable(u32),
  /** The graph node, or the output if `tree` is `outputs`. */
  tree: nullable(oneOf("nodes", "outputs")),
  node: nullable(u32),
  /** The node's output, and the chunk of it, where the dispute went below the node. */
  output: nullable(u32),
  chunk: nullable(u32),
  /** What the validators made of the arbiters' verdict; null without an appeal. */
  appeal: nullable(oneOf("upheld", "overturned", "undecided")),
  /** The element of the output, and the block of its sum, where the dispute went below the chunk. */
  element: nullable(u32),
  block: nullable(u32),
});
/** See {@link Outcome}. */
export type Outcome = Infer<typeof Outcome>;

/** One challenge of one result. */
export const Dispute = record("Dispute", {
  /** Hash of the transaction that opened it. */
  id: bytes32,
  task: bytes32,
  /** The task's attempt whose result is disputed. */
  attempt: u32,
  requester: bytes32,
  provider: bytes32,
  challenger: bytes32,
  /** Held by the dispute until it closes. */
  bond: u64,
  /** Root of the disputed run, and the seed of its salts. */
  runRoot: bytes32,
  seed: bytes32,
  openedAt: u64,
  /** Choices that the challenger has made: the rounds of the bisection. */
  rounds: u32,
  stage: Stage,
  /** Height at whose block the default of the stage fires, unless the awaited move was in a block before; 0 when closed. */
  deadline: u64,
  outcome: nullable(Outcome),
});
/** See {@link Dispute}. */
export type Dispute = Infer<typeof Dispute>;

/** The node that arbiters re-execute: what the provider claims to have put in and got out, and what the node is. */
export const OpenedNode = record("OpenedNode", { leaf: TraceLeaf, descriptor: NodeDescriptor });
/** See {@link OpenedNode}. */
export type OpenedNode = Infer<typeof OpenedNode>;

/** The disputes of a task's present result that are not closed, the oldest first. */
export const openDisputes = table(
  45,
  "open disputes",
  (task: Hash) => task,
  list(bytes32, MAX_OPEN_DISPUTES),
);

/** Disputes by id. */
export const disputes = table(40, "disputes", (id: Uint8Array) => id, Dispute);

/** Opened nodes by dispute id, apart because they are large and only two stages need them. Deleted when the dispute closes. */
export const openedNodes = table(41, "openedNodes", (id: Uint8Array) => id, OpenedNode);

/** Who may judge the appeal of a dispute, by its id: the validators of the epoch in which it was made, without the parties. */
export const appealSeats = table(
  44,
  "appealSeats",
  (id: Uint8Array) => id,
  list(AppealSeat, MAX_VALIDATORS),
);
