/**
 * The terms of a task: the parameters as they were when it was posted. They rule its windows, its disputes and their settlement to the
 * end, so that nobody's work is judged by rules that were voted in after it began.
 *
 * Who may act in a role, fees, and rewards of blocks follow the parameters in force.
 *
 * @module
 */
import { type Hash, type Infer, record, u32, u64 } from "../primitives/mod.ts";
import type { BlockContext } from "./context.ts";
import type { Params } from "./params.ts";
import { type StateReader, type StateWriter, table } from "./table.ts";

/** See the module. Each is explained in {@link Params}; but `auditPay` is what an auditor of this task is paid for each segment that it executes. */
export const TaskTerms = record("TaskTerms", {
  openBlocks: u32,
  acceptBlocks: u32,
  challengeBlocks: u32,
  maxAttempts: u32,
  absenceSlashPpm: u32,
  challengerBond: u64,
  roundBlocks: u32,
  arbiterCount: u32,
  drawDelayBlocks: u32,
  arbiterCommitBlocks: u32,
  arbiterRevealBlocks: u32,
  arbiterFee: u64,
  arbiterAbsencePenalty: u64,
  proverSharePpm: u32,
  appealBlocks: u32,
  appealBond: u64,
  wrongVerdictSlashPpm: u32,
  runningDisputes: u32,
  auditorCount: u32,
  auditPay: u64,
  auditCommitBlocks: u32,
  auditRevealBlocks: u32,
  auditAbsencePenalty: u64,
  auditFaultPenalty: u64,
  certifierCount: u32,
  certifyBlocks: u32,
  certifierPay: u64,
  certifierAbsencePenalty: u64,
  demandFee: u64,
  demandBlocks: u32,
  unitCostCap: u64,
});
/** See {@link TaskTerms}. */
export type TaskTerms = Infer<typeof TaskTerms>;

const taskTerms = table(23, "task terms", (task: Hash) => task, TaskTerms);

/**
 * Fixes the terms of a task that is being posted.
 *
 * @param auditPay What an auditor of this task is paid for each segment that it executes.
 */
export function fixTerms(
  state: StateWriter,
  { params }: Pick<BlockContext, "params">,
  task: Hash,
  auditPay: bigint,
): void {
  taskTerms.put(state, task, { ...params, auditPay });
}

/** Forgets the terms of a task that has ended. */
export function dropTerms(state: StateWriter, task: Hash): void {
  taskTerms.delete(state, task);
}

/** The parameters that rule a task: its terms, and for the rest those in force. */
export function paramsOfTask(
  state: StateReader,
  { params }: Pick<BlockContext, "params">,
  task: Hash,
): Params {
  return { ...params, ...taskTerms.get(state, task) };
}
