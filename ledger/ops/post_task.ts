/**
 * Posts a task with its reward and the pay of its auditors in escrow, and a deposit for its record.
 *
 * @module
 */
import {
  bytes32,
  type Infer,
  isTolerant,
  nullable,
  Program,
  programSegments,
  record,
  text,
  u32,
  u64,
} from "../primitives/mod.ts";
import { auditPayOf, examinedSegments, MAX_COMMITTEES, sampledSegments } from "../economics/mod.ts";
import {
  accountOf,
  activeTasks,
  createTask,
  incidentOf,
  MAX_ACTIVE_TASKS,
  type Params,
} from "../state/mod.ts";
import { programFault } from "./program_fault.ts";
import { type OperationRule, reject } from "./operation.ts";

/** See the module. */
export const PostTask = record("PostTask", {
  title: text(128),
  program: Program,
  /** Blob id of the manifest that names the program's graphs, states and data. */
  manifest: bytes32,
  /** Put in escrow, paid to the provider whose result becomes final. */
  reward: u64,
  /** Stake that a provider must lock for the assignment. */
  collateral: u64,
  /** What a false result would be worth to whoever makes it: the more, the more segments are audited, see `../economics/`. */
  gain: u64,
  /** Least number of segments to audit; the network's own least counts in any case. */
  auditSegments: u32,
  memoryMiB: u32,
  /** Metric asked for, in parts per million of the metric's total. */
  thresholdPpm: nullable(u32),
  /** Window from acceptance to the result, in blocks. */
  computeBlocks: u32,
});
/** See {@link PostTask}. */
export type PostTask = Infer<typeof PostTask>;

/**
 * Shortest compute window in blocks. The acceptance must be final, the result must reach a leader, and the leader's block must be final: with less
 * the best of machines fails at the smallest of programs. Whether a window suffices for this program is for providers to see.
 */
export const MIN_COMPUTE_BLOCKS = 3;

/** Longest compute window in blocks: a task that nobody works at must end in foreseeable time. */
export const MAX_COMPUTE_BLOCKS = 1_000_000;

/** Most segments of a result that are audited: their openings stand in one transaction. */
export const MAX_SAMPLED = 64;

type Audited = Pick<PostTask, "program" | "collateral" | "reward" | "gain" | "auditSegments">;

/** Segments that must be audited for lying about a task not to pay. */
function sampledOf(
  { program, collateral, reward: pay, gain, auditSegments }: Audited,
  params: Params,
): number {
  const { proverSharePpm } = params;
  const asked = Math.max(auditSegments, params.auditSegments);
  return sampledSegments({
    segments: programSegments(program),
    collateral,
    proverSharePpm,
    pay,
    gain,
    asked,
  });
}

/**
 * What an auditor of a task is paid for a segment, and what all of them, and those who certify results, can earn by it at most, over all its
 * attempts.
 */
function auditMoneyOf(
  operation: Audited,
  params: Params,
): { readonly auditPay: bigint; readonly auditEscrow: bigint } {
  // Where honest bits differ nobody is drawn to audit by the bit.
  const auditors = isTolerant(operation.program) ? 0 : params.auditorCount;
  const segments = programSegments(operation.program), sampled = sampledOf(operation, params);
  const auditPay = auditPayOf({ pay: operation.reward, segments }, params);
  const auditing = auditPay * BigInt(auditors) * BigInt(examinedSegments({ segments, sampled }));
  const certifying = params.certifierPay * BigInt(params.certifierCount * MAX_COMMITTEES);
  return { auditPay, auditEscrow: (auditing + certifying) * BigInt(params.maxAttempts) };
}

/** The rule of {@link PostTask}. */
export const postTaskRule: OperationRule<PostTask> = {
  weight: 10n,
  rejects: [
    "bad_program",
    "engine_faulty",
    "bad_task",
    "collateral_too_small",
    "insufficient_balance",
    "market_full",
  ],
  check(state, { sender, params }, operation) {
    const { program, reward, computeBlocks, thresholdPpm } = operation;
    const fault = programFault(program);
    if (fault !== null) return reject("bad_program", fault);
    if (incidentOf(state, program) !== undefined) {
      return reject(
        "engine_faulty",
        `The validators declared this version of ${program.engine} faulty. Name another.`,
      );
    }
    if (reward === 0n) {
      return reject("bad_task", "A task needs a reward above 0, or nobody has a reason to do it.");
    }
    if (computeBlocks < MIN_COMPUTE_BLOCKS || computeBlocks > MAX_COMPUTE_BLOCKS) {
      return reject(
        "bad_task",
        `The window computeBlocks is in [${MIN_COMPUTE_BLOCKS}, ${MAX_COMPUTE_BLOCKS}]: got ${computeBlocks}.`,
      );
    }
    if (thresholdPpm !== null && program.metric === null) {
      return reject(
        "bad_task",
        "A threshold needs a program with a metric. Declare one, or drop the threshold.",
      );
    }
    const sampled = sampledOf(operation, params);
    if (params.auditorCount > 0 && sampled > MAX_SAMPLED) {
      return reject(
        "collateral_too_small",
        `${sampled} segments would have to be audited for lying not to pay, and at most ${MAX_SAMPLED} can be. ` +
          "Ask for more collateral, declare less gain, or use longer segments.",
      );
    }
    const { balance } = accountOf(state, sender);
    const { auditEscrow } = auditMoneyOf(operation, params);
    if (balance < reward + auditEscrow + params.recordDeposit) {
      return reject(
        "insufficient_balance",
        `The reward of ${reward}, ${auditEscrow} for auditors and certifiers, and the record's deposit of ${params.recordDeposit} exceed the balance of ` +
          `${balance} that is left after the fee. Offer less.`,
      );
    }
    if (activeTasks.get(state).length >= MAX_ACTIVE_TASKS) {
      return reject("market_full", `All ${MAX_ACTIVE_TASKS} places for tasks are taken. Try again later.`);
    }
    return null;
  },
  apply(state, context, operation) {
    const { title, program, manifest, reward, collateral, gain, memoryMiB, thresholdPpm, computeBlocks } =
      operation;
    const { auditPay, auditEscrow } = auditMoneyOf(operation, context.params);
    createTask(state, context, {
      id: context.transaction,
      requester: context.sender,
      title,
      program,
      manifest,
      reward,
      auditEscrow,
      collateral,
      gain,
      sampled: sampledOf(operation, context.params),
      memoryMiB,
      thresholdPpm,
      computeBlocks,
    }, auditPay);
  },
};
