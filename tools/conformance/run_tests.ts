/**
 * Runs many tests, one after another.
 *
 * @module
 */
import { ToolError } from "../errors.ts";
import type { ChildRunner } from "./child_runner.ts";
import { DISPUTED_TESTS } from "./disputed_tests.ts";
import type { TestFolder } from "./find_tests.ts";
import type { NamedOutcome, Outcome } from "./outcome.ts";

/** Told before each test. */
export type Progress = (done: number, total: number, test: string) => void;

/**
 * Outcomes in the order of the tests.
 *
 * @throws {ToolError} `failed` if the signal fires, or as the runner does.
 */
export async function runTests(
  runner: ChildRunner,
  tests: readonly TestFolder[],
  signal: AbortSignal,
  progress: Progress = () => undefined,
): Promise<readonly NamedOutcome[]> {
  const outcomes: NamedOutcome[] = [];
  for (const { test, path } of tests) {
    if (signal.aborted) {
      throw new ToolError("failed", `Interrupted after ${outcomes.length} of ${tests.length} tests.`);
    }
    progress(outcomes.length, tests.length, test);
    outcomes.push({ test, outcome: settled(test, await runner.run(path)) });
  }
  return outcomes;
}

/** A disputed test that failed is refused, for the reason of the dispute. */
function settled(test: string, outcome: Outcome): Outcome {
  const reason = DISPUTED_TESTS[test.split("/").at(-1) ?? ""];
  return outcome.kind === "failed" && reason !== undefined
    ? { ...outcome, kind: "refused", reason }
    : outcome;
}
