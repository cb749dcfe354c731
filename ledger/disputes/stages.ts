/**
 * Entering a stage: its window, and the reminder that ends it.
 *
 * @module
 */
import {
  type BlockContext,
  type Params,
  paramsOfTask,
  schedule,
  type StateWriter,
  taskOf,
} from "../state/mod.ts";
import { programSegments } from "../primitives/mod.ts";
import { startDescent } from "./descent.ts";
import { arbiterPool, arbiterPools } from "./draw.ts";
import { type Dispute, disputes, type Stage } from "./records.ts";

/** Name of the deadline of disputes, see `timeouts.ts`. */
export const DISPUTE_DUE = "dispute";

/**
 * Least blocks of a window in which somebody must move: deadlines fire before a block's transactions, so a window of one block would
 * end before the first block that could hold the move.
 */
const LEAST_WINDOW = 2;

/** Blocks that a stage lasts at most; 0 for those without a deadline. */
export function stageBlocks(kind: Stage["kind"], params: Params): number {
  switch (kind) {
    case "draw":
      return Math.max(1, params.drawDelayBlocks);
    case "verdict":
      return Math.max(LEAST_WINDOW, params.appealBlocks);
    case "appeal_commit":
    case "commit":
      return Math.max(LEAST_WINDOW, params.arbiterCommitBlocks);
    case "appeal_reveal":
    case "reveal":
      return Math.max(LEAST_WINDOW, params.arbiterRevealBlocks);
    case "wait":
    case "merged":
    case "closed":
      return 0;
    default:
      return Math.max(LEAST_WINDOW, params.roundBlocks);
  }
}

/** Begins a dispute that was opened: the whole of the run is disputed. */
export function startDispute(state: StateWriter, context: BlockContext, dispute: Dispute): void {
  const { program } = taskOf(state, dispute.task);
  enterStage(
    state,
    context,
    dispute,
    startDescent({ kind: "run" }, dispute.runRoot, programSegments(program)),
  );
}

/**
 * Moves a dispute to a stage and schedules its end.
 *
 * @param sameWindow Whether the present deadline stays.
 */
export function enterStage(
  state: StateWriter,
  context: BlockContext,
  dispute: Dispute,
  stage: Stage,
  sameWindow = false,
): void {
  const { head } = context;
  const params = paramsOfTask(state, context, dispute.task);
  const blocks = BigInt(stageBlocks(stage.kind, params));
  const deadline = sameWindow ? dispute.deadline : blocks === 0n ? 0n : head.height + blocks;
  if (stage.kind === "draw") arbiterPools.put(state, dispute.id, arbiterPool(state, context, dispute));
  disputes.put(state, dispute.id, { ...dispute, stage, deadline });
  if (!sameWindow && deadline > 0n) schedule(state, deadline, DISPUTE_DUE, dispute.id);
}
