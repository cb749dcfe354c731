/**
 * What a benchmark is: entrants that are measured in turns, in one run, and rows that compare them.
 *
 * Absolute speeds change with the machine and with what else it does; a ratio of two entrants that were measured within the same
 * seconds travels. So a row's ratio is the median over rounds of the ratio within each round, never a ratio of two runs.
 *
 * Reading order of the folder: this file, `statistics.ts`, `measure.ts`, `result.ts`, `report.ts`; `child_contender.ts` and
 * `serve_contender.ts` for entrants in a process of their own; then the areas (`executor.ts`, `ledger.ts`, `net.ts`, `verification.ts`)
 * with what they measure in folders beside them; last `main.ts`.
 *
 * @module
 */

/** An entrant made ready. Close it when done. */
export interface Contender {
  /** Works for a moment (a tenth of a second or so) and gives one figure in the bench's unit. */
  sample(): Promise<number>;
  close(): Promise<void>;
}

/** Makes an entrant ready. What it throws is the reason why the entrant is unavailable. */
export type OpenContender = (signal: AbortSignal) => Promise<Contender>;

/** A line of the report. */
export interface Row {
  readonly name: string;
  /** Names of entrants. Without a peer the row is a figure alone. */
  readonly ours: string;
  readonly peer?: string;
  /** With a peer: the least ratio. Without: the least figure, or the greatest where less is better. */
  readonly target?: number;
}

/** Entrants measured together. */
export interface Bench {
  readonly name: string;
  /** Of the figures, for example `steps/s`. */
  readonly unit: string;
  /** Whether a good figure is a large or a small one. */
  readonly better: "more" | "less";
  readonly entrants: Readonly<Record<string, OpenContender>>;
  readonly rows: readonly Row[];
  /** For figures that every round would repeat, such as sizes: 1. */
  readonly rounds?: number;
  /** For one opening or one sample, where a minute is too short. */
  readonly deadlineMs?: number;
}

/** A part of the project with its benches. */
export interface Area {
  readonly name: string;
  readonly summary: string;
  readonly benches: readonly Bench[];
}

/** An entrant that is a function in this process. */
export function inProcess(sample: () => number | Promise<number>): OpenContender {
  return () => Promise.resolve({ sample: async () => await sample(), close: () => Promise.resolve() });
}
