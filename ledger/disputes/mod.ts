/**
 * Disputes: how two parties who computed different results find the one operator they disagree on, and how the ledger decides who is
 * wrong without trusting either.
 *
 * A challenger with stake and a bond disputes a submitted result. The provider is bound to the run root it committed to, and from
 * there downwards: it opens a subtree of the run into up to 16 tops, the challenger names the leftmost that differs, until one segment is
 * left; likewise its steps, likewise the graph nodes of one step. What is opened on demand (the steps of a segment, the trace of a step)
 * is bound to what both agree on: a steps tree ends in the segment's root; a trace's nodes read from the step's input state, and the
 * step's output state is assembled from them, which is a descent of its own. At a node the ledger checks that each input is its source's
 * output; if so, and the engine can compute parts of a node, the descent goes on to one 64 KiB chunk of one output; where even that takes
 * too much input, to one block of the sum that one element is (`sums.ts`). Arbiters drawn by the beacon execute that, and all validators if a
 * party appeals.
 *
 * Programs that are judged within a bound commit to what every node puts out, so that a challenger may name the node at once: `name_node.ts`.
 *
 * The rule behind every move: what does not verify is rejected and changes nothing, so that who has no valid move is silent, and silence
 * loses. What verifies and contradicts the program loses at once.
 *
 * Knows of the primitives, the state and the shape of operations. Read `records.ts` (the stages), `moves.ts`, `move.ts`, then the file of each
 * move in the order of the stages, `name_node.ts`, `unit.ts`, `sums.ts`, `appeal.ts`, `concurrency.ts`, `incident.ts`, `timeouts.ts`, `close.ts`, `settlement.ts`. Parties read `turn.ts`, `openings.ts` and `naming.ts`.
 *
 * @module
 */
export { endsOfResults } from "./ends.ts";
export {
  Appeal,
  AppealSeat,
  appealSeats,
  Dispute,
  DisputedChunk,
  DisputedNode,
  DisputedPart,
  DisputedSegment,
  DisputedStep,
  DisputedTensor,
  disputes,
  DisputeTree,
  MAX_ARBITERS,
  OpenedNode,
  openedNodes,
  Outcome,
  Reason,
  Seat,
  Stage,
  SumPart,
  Unit,
} from "./records.ts";
export { shrinkDispute } from "./shrink.ts";
export {
  AppealCommit,
  AppealReveal,
  AppealVerdict,
  ArbiterCommit,
  ArbiterReveal,
  CommittedOutput,
  DisputeBindSegment,
  DisputeBindStep,
  DisputeChoose,
  DisputeChooseElement,
  DisputeChooseOutput,
  DisputeChoosePart,
  DisputeChooseTree,
  DisputeNameNode,
  DisputeOpenInputs,
  DisputeOpenLeaf,
  DisputeOpenNode,
  DisputeOpenOutput,
  DisputeOpenSum,
  DisputeOpenTensor,
  DisputeSplit,
  NamedInput,
  OpenDispute,
  ProvenRoot,
  SourceEvidence,
} from "./moves.ts";
export { isRunning, openDisputesOf } from "./concurrency.ts";
export { DeclareIncident } from "./incident.ts";
export { disputeRules } from "./rules.ts";
export { disputeDue, longestDispute, longestRounds, sumRounds } from "./timeouts.ts";
export { DISPUTE_DUE, stageBlocks } from "./stages.ts";
export { appealCommitment, arbiterCommitment, chunkVerdict, nodeVerdict, UNAVAILABLE } from "./verdict.ts";
export { descendsNodes, extentOf, MAX_TENSOR_CHUNKS, reasonOf } from "./unit.ts";
export {
  childrenOf,
  descendsChunk,
  extentOfSum,
  MAX_SUM_GROUPS,
  partVerdict,
  type SumChild,
  sumOf,
} from "./sums.ts";
export { appealQuorum, tally, tallyAppeal, verdictQuorum } from "./tally.ts";
export { arbiterPool, drawArbiters } from "./draw.ts";
export { bondsHeldBy, GUILTY_BY_REASON } from "./settlement.ts";
export { type Descent, descentRounds, isSplitOf, type Part, startDescent } from "./descent.ts";
export { type DisputeTurn, disputeTurn, isAskedOf, isAskedOnAppeal, type Mover } from "./turn.ts";
export { type DisputeView, disputeView } from "./view.ts";
export { type Place, placeOf } from "./place.ts";
export {
  leftmostDifference,
  type NodeMove,
  nodeMoves,
  outputMove,
  sourceEvidence,
  type StepKnowledge,
  topsOf,
  traceLeaves,
} from "./openings.ts";
export { type CommittedStep, namingMove } from "./naming.ts";
