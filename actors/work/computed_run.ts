/**
 * A run that this node has computed: what it commits to, and how to submit it.
 *
 * @module
 */
import {
  bytes32,
  bytesToHex,
  decode,
  encode,
  type Hash,
  type Infer,
  list,
  nullable,
  openSegment,
  proveLeaf,
  record,
  saltCommitment,
  saltedRunRoot,
  type StateEntry,
  stateLeaf,
  u64,
} from "../../ledger/primitives/mod.ts";
import type { Operation } from "../../ledger/mod.ts";
import type { LoadedProgram } from "../../executor/mod.ts";
import type { Journal } from "./journal.ts";
import { at } from "./party.ts";

/** Most segments of a program that these actors compute: their roots fit one note of 4 MiB. */
const MAX_SEGMENTS = 100_000;

/** What a run came to. */
export const ComputedRun = record("ComputedRun", {
  segmentRoots: list(bytes32, MAX_SEGMENTS),
  /** Value of the program's metric; null without one. */
  metric: nullable(u64),
});
/** See {@link ComputedRun}. */
export type ComputedRun = Infer<typeof ComputedRun>;

/**
 * The operation that submits a run.
 *
 * @param seed Of the run's salts, secret until the audit asks for it.
 * @param finalState Entries of the state after the last segment: needed if the program has a metric.
 */
export function submission(
  task: Hash,
  { id, program }: LoadedProgram,
  run: ComputedRun,
  seed: Uint8Array,
  finalState: readonly StateEntry[],
): Operation {
  const { metric } = program;
  return {
    kind: "submit_result",
    task,
    program: id,
    runRoot: saltedRunRoot(seed, run.segmentRoots),
    saltCommitment: saltCommitment(seed),
    lastSegment: openSegment(seed, run.segmentRoots, run.segmentRoots.length - 1),
    metric: metric === null || run.metric === null ? null : {
      value: run.metric,
      name: at(finalState, metric.index, "state tensor").name,
      proof: proveLeaf(finalState.map(stateLeaf), metric.index),
    },
  };
}

/** Notes of computed runs, so that a restart does not run a program again that has been run. */
export interface RunNotes {
  get(program: Hash): Promise<ComputedRun | undefined>;
  put(program: Hash, run: ComputedRun): Promise<void>;
}

/** Notes in a journal. */
export function makeRunNotes(journal: Journal): RunNotes {
  const keyOf = (program: Hash) => `run/${bytesToHex(program)}`;
  return {
    async get(program) {
      const note = await journal.get(keyOf(program));
      return note === undefined ? undefined : decode(ComputedRun, note);
    },
    put: (program, run) => journal.put(keyOf(program), encode(ComputedRun, run)),
  };
}
