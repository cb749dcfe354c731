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
  leafHash,
  list,
  nullable,
  proveLeaf,
  record,
  rootOfTop,
  type StateEntry,
  stateLeaf,
  topOf,
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

/** The root that a run publishes. */
export function runRootOf({ segmentRoots }: ComputedRun): Hash {
  return rootOfTop(topOf(segmentRoots.map(leafHash)), segmentRoots.length);
}

/**
 * The operation that submits a run.
 *
 * @param finalState Entries of the state after the last segment: needed if the program has a metric.
 */
export function submission(
  task: Hash,
  { program }: LoadedProgram,
  run: ComputedRun,
  finalState: readonly StateEntry[],
): Operation {
  const leaves = run.segmentRoots.map(leafHash);
  const last = leaves.length - 1;
  const { metric } = program;
  return {
    kind: "submit_result",
    task,
    runRoot: runRootOf(run),
    lastSegment: { root: at(run.segmentRoots, last, "segment"), proof: proveLeaf(leaves, last) },
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
