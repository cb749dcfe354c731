/**
 * What a provider answers in the audit of its result: it opens what it is asked for, and nothing before it is.
 *
 * @module
 */
import { bytesToHex, equalBytes, openSegments, segmentInput } from "../../ledger/primitives/mod.ts";
import type { Operation, Task } from "../../ledger/mod.ts";
import { type Audit, ownSegments } from "../../ledger/audits/mod.ts";
import type { CallOptions, Executor, LoadedProgram } from "../../executor/mod.ts";
import { type Activity, ActorError } from "../runtime/mod.ts";
import { findingOf } from "./audit_findings.ts";
import type { ComputedRun } from "./computed_run.ts";
import type { Journal } from "./journal.ts";
import { at } from "./party.ts";

/** A run with the seed that it was committed to with. */
export interface SeededRun extends ComputedRun {
  readonly seed: Uint8Array;
}

function seedKey({ id, attempt }: Pick<Task, "id" | "attempt">): string {
  return `seed/${bytesToHex(id)}/${attempt}`;
}

/** The seed of an attempt at a task. Noted before anything is committed to with it: without the seed, the commitment cannot be opened. */
export async function seedFor(journal: Journal, task: Task, activity: Activity): Promise<Uint8Array> {
  const note = await journal.get(seedKey(task));
  if (note !== undefined) return note;
  const seed = activity.random(32);
  await journal.put(seedKey(task), seed);
  return seed;
}

/** Opens the states that the sampled segments start from. */
export function openInputs({ task, sampled }: Audit, { program }: LoadedProgram, run: SeededRun): Operation {
  const sources = sampled.map(({ segment }) => segmentInput(program, segment));
  const indices = sources.flatMap((source) => source.kind === "segment" ? [source.index] : []);
  const openings = openSegments(run.seed, run.segmentRoots, indices);
  const inputs = sources.map((source) =>
    source.kind === "initial" ? null : openings.find(({ proof }) => proof.index === source.index) ?? null
  );
  return { kind: "audit_open_inputs", task, inputs };
}

/**
 * Opens everything: the seed, and the outputs and traces of the sampled segments and of auditors' own, which are executed again for it.
 *
 * @throws {ActorError} `mismatch` if this side does not compute again what it committed to; what the executor throws.
 */
export async function openOutputs(
  audit: Audit,
  program: LoadedProgram,
  run: SeededRun,
  executor: Executor,
  call: CallOptions,
): Promise<Operation> {
  const segments = [...audit.sampled.map(({ segment }) => segment), ...ownSegments(audit)];
  const openings = openSegments(run.seed, run.segmentRoots, segments);
  const outputs = [];
  for (const [i, segment] of segments.entries()) {
    const { root, proof } = at(openings, i, "opening");
    const { output, trace } = await findingOf(executor, program, segment, call);
    if (!equalBytes(output, root)) {
      throw new ActorError(
        "mismatch",
        "Running the segment again ended in another state than the one committed to.",
      );
    }
    outputs.push({ root, proof, trace });
  }
  return { kind: "audit_open_outputs", task: audit.task, seed: run.seed, outputs };
}
