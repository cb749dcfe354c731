/**
 * How long a run will take on this machine: the first steps of every phase, timed, times all steps.
 *
 * A requester may ask for a result in a window that nobody can meet: accepting such a task costs collateral, and the program alone does not
 * tell. So a provider rehearses before it accepts.
 *
 * @module
 */
import { locateSegment } from "../../ledger/primitives/mod.ts";
import type { Executor, LoadedProgram } from "../../executor/mod.ts";
import type { Activity } from "../runtime/mod.ts";

/** Steps of each phase that are timed: the first includes getting the phase ready, the others are what the rest is like. */
const TIMED_STEPS = 4;

/** A clock of whole milliseconds may have swallowed this much. */
const CLOCK_MS = 1;

/** How often a rehearsal's time is looked at: what a provider waits in vain at most. */
const WATCH_MS = 20;

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

/**
 * Milliseconds of a whole run.
 *
 * @param phases For each phase its number of steps, and how long the first ones took, in milliseconds.
 * @returns null if of some phase no step was timed.
 */
export function estimateRun(
  phases: readonly { readonly steps: number; readonly timed: readonly number[] }[],
): number | null {
  let total = 0;
  for (const { steps, timed } of phases) {
    if (timed.length === 0) return null;
    const usual = timed.length === 1 ? timed : timed.slice(1);
    total += sum(timed) + (steps - timed.length) * (sum(usual) + CLOCK_MS) / usual.length;
  }
  return total;
}

/**
 * Rehearses a loaded program.
 *
 * @param budgetMs Time after which it is broken off.
 * @returns Milliseconds that a run takes; null if the time did not suffice to tell.
 * @throws {ExecutorError} what the executor throws, among it whatever keeps the program from running here; {@link ActorError} if the
 * activity is called off.
 */
export async function rehearse(
  executor: Executor,
  { id, program }: LoadedProgram,
  budgetMs: number,
  activity: Activity,
): Promise<number | null> {
  const phases = program.phases.map(({ steps }) => ({ steps, timed: [] as number[] }));
  const stop = new AbortController();
  const began = activity.now();
  let last = began, ended = false;
  const watch = async () => {
    while (!ended && activity.now() - began < budgetMs) await activity.sleep(WATCH_MS);
    stop.abort();
  };
  const watching = watch().catch((thrown) => stop.abort(thrown));
  try {
    await executor.rehearse({ program: id, steps: TIMED_STEPS }, { signal: stop.signal }, (event) => {
      const now = activity.now(), phase = locateSegment(program, event.segment)?.phaseIndex ?? -1;
      phases[phase]?.timed.push(now - last);
      last = now;
    });
  } catch (thrown) {
    activity.signal.throwIfAborted();
    if (!stop.signal.aborted) throw thrown;
  } finally {
    ended = true;
    await watching;
  }
  return estimateRun(phases);
}
