/**
 * Commits to what a provider computed, once and behind closed doors: the audit begins.
 *
 * @module
 */
import {
  bytes32,
  equalBytes,
  type Infer,
  nullable,
  programId,
  programSegments,
  record,
  SegmentOpening,
  verifySegment,
} from "../primitives/mod.ts";
import { submitTask, type Task, taskOf } from "../state/mod.ts";
import { type OperationRule, reject, type Rejection, taskInStatus } from "../ops/mod.ts";
import { beginAudit } from "./begin.ts";
import { metricFault, MetricOpening } from "./metric.ts";

/** See the module. */
export const SubmitResult = record("SubmitResult", {
  task: bytes32,
  /** `programId` of the task's program: engine and kernels, graphs, data and initial state are bound by it. */
  program: bytes32,
  /** Merkle root over the salted leaves of the program's segments, and the commitment to the seed of the salts. */
  runRoot: bytes32,
  saltCommitment: bytes32,
  /** Opens the last segment under `runRoot`. */
  lastSegment: SegmentOpening,
  /** The program's metric, opened from the final state. `null` exactly if the program has no metric. */
  metric: nullable(MetricOpening),
});
/** See {@link SubmitResult}. */
export type SubmitResult = Infer<typeof SubmitResult>;

function checkLastSegment({ program }: Task, { runRoot, lastSegment }: SubmitResult): Rejection | null {
  const segments = programSegments(program);
  if (verifySegment(runRoot, lastSegment, segments - 1, segments)) return null;
  return reject(
    "bad_segment_proof",
    `The proof does not show the last of ${segments} segments under the run root. Make it over all segment roots of the run.`,
  );
}

/** The rule of {@link SubmitResult}. */
export const submitResultRule: OperationRule<SubmitResult> = {
  weight: 10n,
  rejects: [
    "unknown_task",
    "not_the_provider",
    "wrong_status",
    "wrong_program",
    "bad_segment_proof",
    "metric_mismatch",
    "bad_metric_proof",
  ],
  reserved: true,
  check(state, { sender }, operation) {
    const rejection = taskInStatus(state, operation.task, "running", { provider: sender });
    if (rejection !== null) return rejection;
    const task = taskOf(state, operation.task);
    if (!equalBytes(operation.program, programId(task.program))) {
      return reject(
        "wrong_program",
        "The result is that of another program than the task's. Run the task's.",
      );
    }
    return checkLastSegment(task, operation) ??
      metricFault(task.program, operation.lastSegment.root, operation.metric);
  },
  apply(state, context, { task, program, runRoot, saltCommitment, lastSegment, metric }) {
    const taken = submitTask(state, context, task, {
      provider: context.sender,
      program,
      runRoot,
      saltCommitment,
      seed: null,
      outputRoot: lastSegment.root,
      metric: metric?.value ?? null,
      submittedAt: context.head.height,
    });
    beginAudit(state, context, task, taken);
  },
};
