/**
 * What the passing of a stage's deadline means. Together with {@link longestDispute} this is why no dispute can hang:
 *
 *  - the provider did not split, bind or open: it is guilty;
 *  - the challenger did not choose: it is wrong, the bond is forfeited, the task's challenge window goes on;
 *  - `draw`: the beacon draws the arbiters;
 *  - `commit`: those who committed go on to reveal, if they can still make a quorum;
 *  - `reveal`: the verdicts are counted;
 *  - `verdict`: nobody appealed, so it is final;
 *  - `appeal_commit`, `appeal_reveal`: as with arbiters.
 *
 * @module
 */
import {
  CHUNK_BYTES,
  LEAF_BYTES,
  type Phase,
  phaseSegments,
  type Program,
  programSegments,
} from "../primitives/mod.ts";
import { type BlockContext, invariant, type Params, paramsOfTask, type StateWriter } from "../state/mod.ts";
import { close } from "./close.ts";
import { descentRounds } from "./descent.ts";
import { arbiterPools, drawArbiters } from "./draw.ts";
import type { StageOf } from "./move.ts";
import { appealSeats, type Dispute, disputes, MAX_ARBITERS, type Reason, type Seat } from "./records.ts";
import { enterStage, stageBlocks } from "./stages.ts";
import { MAX_SUM_GROUPS } from "./sums.ts";
import { appealQuorum, stakeOfSeats, tally, tallyAppeal, verdictQuorum } from "./tally.ts";
import { descendsNodes, MAX_TENSOR_CHUNKS, reasonOf } from "./unit.ts";

function drawSeats(state: StateWriter, context: BlockContext, dispute: Dispute): readonly Seat[] {
  const { head } = context;
  const { arbiterCount } = paramsOfTask(state, context, dispute.task);
  const count = Math.min(arbiterCount, MAX_ARBITERS);
  const pool = arbiterPools.get(state, dispute.id) ?? [];
  return drawArbiters(pool, dispute.id, head.beacon, count)
    .map((arbiter) => ({ arbiter, commitment: null, verdict: null }));
}

/** What the arbiters came to, or that they came to nothing, may now be appealed. */
function find(
  state: StateWriter,
  context: BlockContext,
  dispute: Dispute,
  { at, unit, seats }: Pick<StageOf<"reveal">, "at" | "unit" | "seats">,
  reason: Reason,
): void {
  context.emit({ kind: "verdict", task: dispute.task, dispute: dispute.id, detail: reason });
  enterStage(state, context, dispute, { kind: "verdict", at, unit, seats, reason });
}

/** Counts the verdicts of a dispute in its `reveal` stage. */
export function conclude(state: StateWriter, context: BlockContext, dispute: Dispute): void {
  const { stage } = dispute;
  invariant(stage.kind === "reveal", "A verdict is counted before arbiters reveal.");
  find(state, context, dispute, stage, reasonOf(tally(stage.seats), stage.unit));
}

/** Counts the verdicts of the validators on appeal and closes the dispute. */
export function concludeAppeal(state: StateWriter, context: BlockContext, dispute: Dispute): void {
  const { stage } = dispute;
  invariant("appeal" in stage, "An appeal is counted that nobody made.");
  const verdict = tallyAppeal(appealSeats.get(state, dispute.id) ?? []);
  const reason = reasonOf(verdict, stage.unit);
  context.emit({ kind: "verdict", task: dispute.task, dispute: dispute.id, detail: `on appeal: ${reason}` });
  close(state, context, dispute, reason, verdict);
}

/** Due handler `dispute`: the default of the stage whose deadline has passed. */
export function disputeDue(state: StateWriter, context: BlockContext, id: Uint8Array): void {
  const dispute = disputes.get(state, id);
  invariant(dispute !== undefined, "A deadline names no dispute.");
  const { stage, deadline } = dispute;
  if (deadline === 0n || deadline > context.head.height) return;
  switch (stage.kind) {
    case "descend":
      return close(
        state,
        context,
        dispute,
        stage.tops.length === 0 ? "provider_silent" : "challenger_silent",
      );
    case "choose_tree":
    case "choose_output":
    case "choose_element":
    case "choose_part":
      return close(state, context, dispute, "challenger_silent");
    case "bind_segment":
    case "bind_step":
    case "open_node":
    case "open_inputs":
    case "open_tensor":
    case "open_output":
    case "open_leaf":
    case "open_sum":
      return close(state, context, dispute, "provider_silent");
    case "draw": {
      const seats = drawSeats(state, context, dispute);
      if (seats.length === 0) return find(state, context, dispute, { ...stage, seats }, "no_quorum");
      for (const { arbiter } of seats) {
        context.emit({ kind: "arbiter_drawn", task: dispute.task, dispute: id, account: arbiter });
      }
      return enterStage(state, context, dispute, { kind: "commit", at: stage.at, unit: stage.unit, seats });
    }
    case "commit": {
      const committed = stage.seats.filter(({ commitment }) => commitment !== null).length;
      if (committed < verdictQuorum(stage.seats.length)) {
        return find(state, context, dispute, stage, "no_quorum");
      }
      return enterStage(state, context, dispute, { ...stage, kind: "reveal" });
    }
    case "reveal":
      return conclude(state, context, dispute);
    case "verdict":
      return close(state, context, dispute, stage.reason);
    case "appeal_commit": {
      const seats = appealSeats.get(state, id) ?? [];
      const committed = stakeOfSeats(seats.filter(({ commitment }) => commitment !== null));
      if (committed < appealQuorum(stakeOfSeats(seats))) return concludeAppeal(state, context, dispute);
      return enterStage(state, context, dispute, { ...stage, kind: "appeal_reveal" });
    }
    case "appeal_reveal":
      return concludeAppeal(state, context, dispute);
    case "wait":
    case "merged":
    case "closed":
      return;
  }
}

/** Most rounds (choices of the challenger) that a dispute about a phase's step takes. */
function roundsWithin(
  { mode, nodes, outputs, steps, segmentSteps }: Phase,
  toChunk: number,
): number {
  const count = Math.min(steps, segmentSteps);
  const toStep = mode === "carry" && count === 1 ? 0 : descentRounds(count);
  return toStep + 1 + Math.max(descentRounds(nodes) + toChunk, descentRounds(outputs));
}

/** Most rounds below a chunk: to a leaf, to an element, down the tree of its sum's groups, and to a block. */
export function sumRounds(groups: number = MAX_SUM_GROUPS): number {
  return descentRounds(CHUNK_BYTES / LEAF_BYTES) + 1 + descentRounds(groups) + 1;
}

/**
 * Most rounds that a dispute about a run of `program` takes to the chunk that is judged: choices of tops, the choice between nodes and outputs, and that of a
 * node's output. Where a chunk is too dear, {@link sumRounds} more.
 *
 * @param chunks Chunks of the largest tensor that a node puts out; by default as many as there may be.
 */
export function longestRounds(program: Program, chunks: number = MAX_TENSOR_CHUNKS): number {
  const toChunk = descendsNodes(program) ? 1 + descentRounds(chunks) : 0;
  const phases = program.phases.filter((phase) => phaseSegments(phase) > 0);
  return descentRounds(programSegments(program)) +
    Math.max(0, ...phases.map((phase) => roundsWithin(phase, toChunk)));
}

/**
 * Blocks after which any dispute about a run of `program` is closed, whatever anybody does, as long as no more deadlines fall on a height
 * than a block fires.
 */
export function longestDispute(program: Program, params: Params): number {
  // Each round but the choice between nodes and outputs is a question and an answer; a tree of one leaf is split without a choice (at
  // most four times); then two bindings and one opening.
  const rounds = longestRounds(program) + (descendsNodes(program) ? sumRounds() : 0);
  const moves = rounds * 2 - 1 + 4 + 3;
  return moves * stageBlocks("descend", params) + stageBlocks("draw", params) +
    // Judged once, and once more on appeal.
    2 * (stageBlocks("commit", params) + stageBlocks("reveal", params)) + stageBlocks("verdict", params);
}
