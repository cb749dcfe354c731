/**
 * The verifiable computation proof as a file that stands alone: what a provider committed to, what the beacon drew of it, and what was opened.
 *
 * {@link verifyComputation} is pure: it needs the proof and nothing else, and says what it has checked and what it could not. With the
 * task's records, proven by a light client ({@link recordsIn}), it also knows that the proof is of the run that the ledger has; with an
 * executor, that the sampled segments are what comes out.
 *
 * @module
 */
import {
  bytes,
  bytes32,
  equalBytes,
  type Hash,
  type Infer,
  list,
  nullable,
  openSegments,
  Program,
  programId,
  programSegments,
  record,
  saltCommitment,
  saltedRunRoot,
  segmentInput,
  SegmentOpening,
  u32,
  u64,
  verifySegment,
} from "../primitives/mod.ts";
import { MAX_TRANSACTION_BYTES } from "../chain/mod.ts";
import { MAX_SAMPLED } from "../ops/mod.ts";
import { invariant, Task, tasks } from "../state/mod.ts";
import { Audit, type AuditFinding, audits, drawSegments, metricFault, MetricOpening } from "../audits/mod.ts";
import { refuse } from "./errors.ts";
import { requireSigned, submitted } from "./submission.ts";

/** A sampled segment with both its ends. */
export const ProvenSegment = record("ProvenSegment", {
  segment: u32,
  /** What it starts from; null for the program's initial state. */
  input: nullable(SegmentOpening),
  output: SegmentOpening,
  trace: bytes32,
});
/** See {@link ProvenSegment}. */
export type ProvenSegment = Infer<typeof ProvenSegment>;

/** See the module. */
export const ComputationProof = record("ComputationProof", {
  task: bytes32,
  attempt: u32,
  provider: bytes32,
  /** Engine and kernels, graphs, data and initial state are bound by it. */
  program: Program,
  runRoot: bytes32,
  seed: bytes32,
  last: SegmentOpening,
  metric: nullable(MetricOpening),
  submittedAt: u64,
  /** The beacon that drew the samples, the height at which it did, and how many were wanted. */
  beacon: bytes32,
  drawnAt: u64,
  wanted: u32,
  samples: list(ProvenSegment, MAX_SAMPLED),
  /** Blob id of the manifest that names the program's graphs, states and data. */
  manifest: bytes32,
  /** The provider's signature: its signed transaction that submitted this run, as it stands in a block. */
  submission: bytes(MAX_TRANSACTION_BYTES),
});
/** See {@link ComputationProof}. */
export type ComputationProof = Infer<typeof ComputationProof>;

/** What the ledger has of a task with a result. */
export const TaskRecords = record("TaskRecords", { task: Task, audit: Audit });
/** See {@link TaskRecords}. */
export type TaskRecords = Infer<typeof TaskRecords>;

/** What a verifier has besides the proof. */
export interface VerifierPowers {
  /** The task's records. Without, nothing says that the ledger ever saw this run. */
  readonly ledger?: TaskRecords;
  /**
   * Executes a segment from the state with this root, in the order of the samples. Without, nothing is executed. Throws {@link ProofError}
   * `wrong_result` if it knows that the segment starts from another state.
   */
  execute?(segment: number, input: Hash): Promise<AuditFinding>;
}

/** What was checked, and what was not: sentences for people, in order. */
export interface Verification {
  readonly checked: readonly string[];
  readonly unchecked: readonly string[];
}

/**
 * Makes the proof of an opened result.
 *
 * @param segmentRoots Roots of all segments of the run.
 * @param submission The transaction that submitted it, see {@link submissionIn}.
 */
export function computationProof(
  { task, audit }: TaskRecords,
  segmentRoots: readonly Hash[],
  submission: Uint8Array,
): ComputationProof {
  const { program, result, manifest } = task;
  const seed = result?.seed ?? null;
  invariant(result !== null && seed !== null, "A proof is made of a result that is not opened.");
  const [last] = openSegments(seed, segmentRoots, [segmentRoots.length - 1]);
  invariant(last !== undefined, "A run has no segments.");
  const samples = audit.sampled.flatMap(({ segment, trace }) => {
    const source = segmentInput(program, segment);
    const indices = source.kind === "initial" ? [segment] : [segment, source.index];
    const [output, input] = openSegments(seed, segmentRoots, indices);
    return output === undefined || trace === null ? [] : [{ segment, input: input ?? null, output, trace }];
  });
  const { metric } = submitted(submission);
  const { id, attempt, sampled: wanted } = task;
  const { provider, runRoot, submittedAt } = result;
  const { beacon, drawnAt } = audit;
  return {
    task: id,
    attempt,
    provider,
    program,
    runRoot,
    seed,
    last,
    metric,
    submittedAt,
    beacon,
    drawnAt,
    wanted,
    samples,
    manifest,
    submission,
  };
}

function checkRun({ program, runRoot, last, metric, samples }: ComputationProof): void {
  const count = programSegments(program);
  if (!verifySegment(runRoot, last, count - 1, count)) {
    refuse("not_in_run", `The last of ${count} segments is not in the run. Ask for another proof.`);
  }
  const fault = metricFault(program, last.root, metric);
  if (fault !== null) refuse("bad_metric", fault.message);
  for (const { segment, input, output } of samples) {
    const source = segmentInput(program, segment);
    const starts = source.kind === "initial"
      ? input === null
      : input !== null && verifySegment(runRoot, input, source.index, count);
    if (starts && verifySegment(runRoot, output, segment, count)) continue;
    refuse("not_in_run", `Segment ${segment} is not opened in the run at both its ends.`, { segment });
  }
}

function checkSample({ task, beacon, program, wanted, samples }: ComputationProof): void {
  const drawn = samples.length === 0 ? [] : drawSegments(task, beacon, programSegments(program), wanted);
  const same = drawn.length === samples.length &&
    drawn.every((segment, i) => segment === samples[i]?.segment);
  if (!same) refuse("wrong_sample", `The beacon drew the segments ${drawn.join(", ")}; others are opened.`);
}

/** What differs between a proof and what the ledger has; undefined if nothing does. */
function difference(proof: ComputationProof, { task, audit }: TaskRecords): string | undefined {
  const { result } = task;
  if (result === null) return "result";
  const pairs: readonly (readonly [string, Hash, Hash])[] = [
    ["task", proof.task, task.id],
    ["provider", proof.provider, result.provider],
    ["program", programId(proof.program), result.program],
    ["run root", proof.runRoot, result.runRoot],
    ["commitment to the salts", saltCommitment(proof.seed), result.saltCommitment],
    ["output root", proof.last.root, result.outputRoot],
    ["beacon", proof.beacon, audit.beacon],
    ["manifest", proof.manifest, task.manifest],
  ];
  const differs = pairs.find(([, mine, known]) => !equalBytes(mine, known));
  if (differs !== undefined) return differs[0];
  if (proof.attempt !== task.attempt) return "attempt";
  if ((proof.metric?.value ?? null) !== result.metric) return "metric";
  if (proof.wanted !== task.sampled || proof.drawnAt !== audit.drawnAt) return "draw";
  return proof.samples.length === audit.sampled.length ? undefined : "sample";
}

/**
 * Verifies a proof as far as it can with what it has.
 *
 * @throws {ProofError} for the first thing that is wrong.
 */
export async function verifyComputation(
  proof: ComputationProof,
  { ledger, execute }: VerifierPowers = {},
): Promise<Verification> {
  const checked: string[] = [], unchecked: string[] = [];
  const { samples, program } = proof;
  const count = programSegments(program);
  checkRun(proof);
  checked.push(`the last of ${count} segments and the metric stand under the run root`);
  requireSigned(proof, proof.submission);
  checked.push("the provider has signed it: its own transaction submits this run for this task");
  checkSample(proof);
  checked.push(`${samples.length} sampled segments are those that the beacon drew, opened at both ends`);
  if (ledger === undefined) {
    unchecked.push("that the ledger has this result: give the task's records");
  } else {
    const differs = difference(proof, ledger);
    if (differs !== undefined) refuse("not_on_ledger", `The ledger knows another ${differs} than the proof.`);
    const { status } = ledger.task;
    checked.push(`the ledger has this result; the task is ${status}`);
    if (status !== "done") unchecked.push("that the result is final: its windows have not passed");
  }
  if (execute === undefined) unchecked.push("the sampled segments themselves: they were not executed");
  else {
    for (const { segment, input, output } of samples) {
      const found = await execute(segment, input?.root ?? program.initialRoot);
      if (!equalBytes(found.output, output.root)) {
        refuse("wrong_result", `Executing segment ${segment} gives another result.`, { segment });
      }
    }
    checked.push(`executing the ${samples.length} sampled segments gives their outputs, to the bit`);
  }
  const seen = new Set(samples.map(({ segment }) => segment)).size;
  if (seen < count) unchecked.push(`the ${count - seen} segments that were not drawn`);
  return { checked, unchecked };
}

/**
 * Whether somebody's own run of the program is the proven one: the strongest check there is.
 *
 * @param segmentRoots Roots of all segments as computed.
 */
export function isRunOf({ runRoot, seed }: ComputationProof, segmentRoots: readonly Hash[]): boolean {
  return equalBytes(saltedRunRoot(seed, segmentRoots), runRoot);
}

/** Keys of the state that hold {@link TaskRecords}, in order: what a light client must have proven (`readProven`). */
export function recordKeys(task: Hash): readonly [Uint8Array, Uint8Array] {
  return [tasks.key(task), audits.key(task)];
}

/**
 * The records of a task from what its {@link recordKeys} hold; undefined if one holds nothing: there is no such result, or it is forgotten.
 *
 * @throws {CodecError} for what is no record.
 */
export function recordsIn(
  id: Hash,
  [taskValue, auditValue]: readonly (Uint8Array | undefined)[],
): TaskRecords | undefined {
  const [taskKey, auditKey] = recordKeys(id);
  const task = taskValue && tasks.read(taskKey, taskValue);
  const audit = auditValue && audits.read(auditKey, auditValue);
  return task === undefined || audit === undefined ? undefined : { task, audit };
}
