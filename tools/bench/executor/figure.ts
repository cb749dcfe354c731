/**
 * How fast a workload runs, in its own unit.
 *
 * @module
 */
import { secondsOf } from "../repeat.ts";
import type { Workload } from "./workloads.ts";

/** Thousand million operations a second, or runs a second where operations are not counted. */
export async function figureOf(
  { operations }: Pick<Workload, "operations">,
  run: () => unknown,
  now?: () => number,
): Promise<number> {
  const seconds = await secondsOf(run, now);
  return operations === undefined ? 1 / seconds : operations / seconds / 1e9;
}
