/**
 * Runs the benches of an area, one after the other.
 *
 * @module
 */
import type { Area, Bench } from "./bench.ts";
import { measure, type MeasureOptions } from "./measure.ts";
import { type Result, resultsOf } from "./result.ts";

/** How an area is run. */
export interface RunOptions extends MeasureOptions {
  /** Runs only benches that have this in the name of the bench or of one of their rows; case does not matter. */
  readonly filter?: string;
  /** Told of each bench before it runs. */
  readonly onBench?: (bench: Bench, position: number, total: number) => void;
}

/** The benches that a filter leaves. */
export function selectBenches(area: Area, filter = ""): readonly Bench[] {
  const wanted = filter.toLowerCase();
  return area.benches.filter(({ name, rows }) =>
    [name, ...rows.map((row) => row.name)].some((text) => text.toLowerCase().includes(wanted))
  );
}

/** Measures all selected benches. */
export async function runArea(area: Area, options: RunOptions): Promise<readonly Result[]> {
  const benches = selectBenches(area, options.filter);
  const results: Result[] = [];
  for (const [position, bench] of benches.entries()) {
    options.onBench?.(bench, position, benches.length);
    results.push(...resultsOf(bench, await measure(bench, options)));
  }
  return results;
}
