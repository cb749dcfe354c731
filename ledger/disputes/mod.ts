/**
 * Disputes: how two parties who computed different results find the one operator they disagree on, and how the ledger decides who is
 * wrong without trusting either.
 *
 * A challenger with stake and a bond disputes a submitted result. The provider is bound to the run root it committed to, and from
 * there downwards: it opens a subtree of the run into up to 16 tops, the challenger names the leftmost that differs, until one segment is
 * left; likewise its steps, likewise the graph nodes of one step. What is opened on demand (the steps of a segment, the trace of a step)
 * is bound to what both agree on: a steps tree ends in the segment's root; a trace's nodes read from the step's input state, and the
 * step's output state is assembled from them, which is a descent of its own. At a node the ledger checks that each input is its source's
 * output; if so, arbiters drawn by the beacon execute that node, and all validators if a party appeals.
 *
 * The rule behind every move: what does not verify is rejected and changes nothing, so that who has no valid move is silent, and silence
 * loses. What verifies and contradicts the program loses at once.
 *
 * Knows of the primitives, the state and the shape of operations. Read `records.ts` (the stages), `moves.ts`, `move.ts`, then the file of each
 * move in the order of the stages, `appeal.ts`, `timeouts.ts`, `close.ts`, `settlement.ts`. Parties read `turn.ts` and `openings.ts`.
 *
 * Not here yet: descending below a node (chunks, elements), the challenger's own claim, several disputes of a task at once.
 * They have their places: another {@link DisputeTree} below `nodes`, a move beside `choose_tree`, and
 * the rejection `dispute_running`.
 *
 * @module
 */
export {
  Appeal,
  AppealSeat,
  appealSeats,
  Dispute,
  DisputedNode,
  DisputedSegment,
  DisputedStep,
  disputes,
  DisputeTree,
  MAX_ARBITERS,
  OpenedNode,
  openedNodes,
  Outcome,
  Reason,
  Seat,
  Stage,
} from "./records.ts";
export {
  AppealCommit,
  AppealReveal,
  AppealVerdict,
  ArbiterCommit,
  ArbiterReveal,
  DisputeBindSegment,
  DisputeBindStep,
  DisputeChoose,
  DisputeChooseTree,
  DisputeOpenInputs,
  DisputeOpenNode,
  DisputeOpenOutput,
  DisputeSplit,
  OpenDispute,
  ProvenRoot,
  SourceEvidence,
} from "./moves.ts";
export { disputeRules } from "./rules.ts";
export { disputeDue, longestDispute, longestRounds } from "./timeouts.ts";
export { DISPUTE_DUE, stageBlocks } from "./stages.ts";
export { appealCommitment, arbiterCommitment, UNAVAILABLE, verdictOf } from "./verdict.ts";
export { appealQuorum, reasonOf, tally, tallyAppeal, verdictQuorum } from "./tally.ts";
export { arbiterPool, type Candidate, drawArbiters } from "./draw.ts";
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
