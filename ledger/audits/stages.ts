/**
 * Entering a stage: its window, and the reminder that ends it.
 *
 * @module
 */
import { type BlockContext, type Params, paramsOfTask, schedule, type StateWriter } from "../state/mod.ts";
import { type Audit, auditPools, audits, type AuditStage } from "./records.ts";

/** Name of the deadline of audits, see `timeouts.ts`. */
export const AUDIT_DUE = "audit";

/**
 * Least blocks of a window in which somebody must move: deadlines fire before a block's transactions, so a window of one block would
 * end before the first block that could hold the move.
 */
const LEAST_WINDOW = 2;

/**
 * How many times longer than the provider somebody may take who executes what it did: an auditor, and the provider itself for the traces of
 * what is sampled, on top of the least window.
 */
const RUNS = 2;

/** Blocks that a stage lasts at most; 0 for `closed`. */
export function auditBlocks(stage: AuditStage, taken: number, params: Params): number {
  switch (stage) {
    case "draw":
      return Math.max(1, params.drawDelayBlocks);
    case "open_inputs":
      return Math.max(LEAST_WINDOW, params.roundBlocks);
    case "commit":
      return Math.max(LEAST_WINDOW, params.auditCommitBlocks + RUNS * taken);
    case "open_outputs":
      return Math.max(LEAST_WINDOW, params.roundBlocks + RUNS * taken);
    case "reveal":
      return Math.max(LEAST_WINDOW, params.auditRevealBlocks);
    case "closed":
      return 0;
  }
}

/** Moves an audit to a stage and schedules its end. */
export function enterStage(state: StateWriter, context: BlockContext, audit: Audit, stage: AuditStage): void {
  if (stage === "closed") {
    auditPools.delete(state, audit.task);
    audits.put(state, audit.task, { ...audit, stage, deadline: 0n });
    return;
  }
  const params = paramsOfTask(state, context, audit.task);
  const deadline = context.head.height + BigInt(auditBlocks(stage, audit.taken, params));
  audits.put(state, audit.task, { ...audit, stage, deadline });
  schedule(state, deadline, AUDIT_DUE, audit.task);
}
