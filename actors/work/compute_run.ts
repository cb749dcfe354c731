/**
 * Computing a whole run: with progress, with checkpoints to go on from after a restart, and not again if it has been done.
 *
 * @module
 */
import {
  bytes32,
  bytesToHex,
  decode,
  encode,
  type Hash,
  list,
  locateSegment,
  type Program,
  programSegments,
  record,
  tensorRoot,
  u32,
} from "../../ledger/primitives/mod.ts";
import type { LoadedProgram, RunEvent, RunRequest } from "../../executor/mod.ts";
import { type Activity, codeOf } from "../runtime/mod.ts";
import { type ComputedRun, makeRunNotes } from "./computed_run.ts";
import { type NamedTensor, NamedTensor as NamedTensorSchema } from "./party_protocol.ts";
import type { WorkPowers } from "./powers.ts";
import { fetchTensor, publishAll } from "./tensors.ts";

/** Pause between checkpoints: what a crash costs at most, against the cost of writing a state. */
const CHECKPOINT_MS = 30_000;

/** Pause between two reports of progress that bring no loss: for a bar on a screen. */
const PROGRESS_MS = 100;

/** How far a run has come. */
const Checkpoint = record("Checkpoint", {
  /** The segment to go on with, and the roots of those before it. */
  segment: u32,
  segmentRoots: list(bytes32, 100_000),
  state: list(NamedTensorSchema, 4096),
});

type Powers = Pick<WorkPowers, "executor" | "blobs" | "journal">;

function checkpointKey(program: Hash): string {
  return `checkpoint/${bytesToHex(program)}`;
}

/** Where to go on, if a checkpoint is at hand with all its blobs. */
async function resume(powers: Powers, program: Hash, activity: Activity) {
  const note = await powers.journal.get(checkpointKey(program));
  if (note === undefined) return undefined;
  const { segment, segmentRoots, state } = decode(Checkpoint, note);
  const call = { signal: activity.signal, from: [] };
  try {
    const tensors = await Promise.all(
      state.map(({ header }) => fetchTensor(powers.blobs, tensorRoot(header), header, call)),
    );
    return { segment, segmentRoots, tensors };
  } catch (thrown) {
    if (codeOf(thrown) !== "not_found") throw thrown;
    return undefined; // its blobs are gone: start over
  }
}

/** Writes a checkpoint of the state that `segment` starts from. */
async function save(
  powers: Powers,
  program: Hash,
  segment: number,
  segmentRoots: readonly Hash[],
  activity: Activity,
): Promise<void> {
  const named = await powers.executor.state({ program, segment }, { signal: activity.signal });
  const state: readonly NamedTensor[] = await publishAll(powers.blobs, named);
  await powers.journal.put(checkpointKey(program), encode(Checkpoint, { segment, segmentRoots, state }));
}

function makeProgress(task: string, program: Program, activity: Activity): (event: RunEvent) => void {
  let reported = 0;
  return (event) => {
    if (event.kind !== "step") return;
    const location = locateSegment(program, event.segment);
    if (location === undefined) return;
    const { phaseIndex, phase } = location;
    const isLast = event.step === phase.steps - 1;
    if (event.loss === null && !isLast && activity.now() - reported < PROGRESS_MS) return;
    reported = activity.now();
    activity.emit({
      kind: "task_progress",
      task,
      phase: phaseIndex,
      step: event.step + 1,
      steps: phase.steps,
      ...(event.loss === null ? {} : { loss: event.loss }),
    });
  };
}

/**
 * The run of a loaded program.
 *
 * @param task For reports: hex id of the task.
 * @throws {ExecutorError} what the executor throws.
 */
export async function computeRun(
  powers: Powers,
  { id, program }: LoadedProgram,
  task: string,
  activity: Activity,
): Promise<ComputedRun> {
  const notes = makeRunNotes(powers.journal);
  const known = await notes.get(id);
  if (known !== undefined) return known;
  const resumed = await resume(powers, id, activity);
  const segmentRoots = [...resumed?.segmentRoots ?? []];
  const progress = makeProgress(task, program, activity);
  let savedAt = activity.now();
  let saving: Promise<void> = Promise.resolve();
  const listener = (event: RunEvent) => {
    progress(event);
    if (event.kind !== "segment") return;
    segmentRoots.push(event.root);
    const next = event.segment + 1;
    if (activity.now() - savedAt < CHECKPOINT_MS || next >= programSegments(program)) return;
    savedAt = activity.now();
    const roots = [...segmentRoots];
    saving = saving.then(() => save(powers, id, next, roots, activity)).catch((thrown) => {
      // The run goes on without: a checkpoint only saves time after a crash.
      activity.emit({ kind: "warning", code: codeOf(thrown), message: "A checkpoint could not be written." });
    });
  };
  const request: RunRequest = resumed === undefined
    ? { program: id }
    : { program: id, from: { segment: resumed.segment, state: resumed.tensors } };
  const result = await powers.executor.run(request, { signal: activity.signal }, listener);
  await saving;
  const run = {
    segmentRoots: [...resumed?.segmentRoots ?? [], ...result.segmentRoots],
    metric: result.metric,
  };
  await notes.put(id, run);
  await powers.journal.delete(checkpointKey(id));
  return run;
}
