/**
 * Timing by repetition, in processor time: seconds in which this process was computing, not those in which it waited for a core.
 *
 * On an idle machine that is the time on the clock; on a busy one it is what the clock would have said. It counts all threads of the
 * process, also the engine's garbage collection, so it is for work on one thread.
 *
 * @module
 */
import process from "node:process";

/** Long enough for several runs of what is measured, short enough that rounds alternate quickly. */
const SAMPLE_SECONDS = 0.15;

/** Fewer runs say little of the next one. */
const LEAST_RUNS = 3;

/** Processor time of this process so far, in seconds. */
export function processorSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** Time on the clock, in seconds: for work that other devices do. */
export function clockSeconds(): number {
  return performance.now() / 1000;
}

/**
 * Time of one run: the mean over a fraction of a second of runs, three at least.
 *
 * @param now Seconds so far; by default this process's on the processor.
 */
export async function secondsOf(run: () => unknown, now: () => number = processorSeconds): Promise<number> {
  const start = now();
  for (let runs = 1;; runs++) {
    await run();
    const passed = now() - start;
    if (runs >= LEAST_RUNS && passed >= SAMPLE_SECONDS) return passed / runs;
  }
}
