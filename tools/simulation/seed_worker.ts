/**
 * The worker module of a pool of seeds: runs one seed after another, as it is asked to.
 *
 * @module
 */
import { messageOf } from "../../ledger/primitives/mod.ts";
import { findMutation } from "./mutations/mod.ts";
import type { RunResult } from "./run_result.ts";
import { findScenario } from "./scenarios.ts";

/** What to run: names, since functions do not cross between threads. */
export interface SeedOrder {
  readonly scenario: string;
  readonly cheat?: string;
  readonly mutation?: string;
  readonly seed: number;
}

/** What came of it; `wallMs` is what it took, in milliseconds. */
export type SeedOutcome =
  | { readonly kind: "done"; readonly result: RunResult; readonly wallMs: number }
  | { readonly kind: "broken"; readonly message: string };

async function run({ scenario, cheat, mutation, seed }: SeedOrder): Promise<SeedOutcome> {
  const found = findScenario(scenario, cheat);
  if (found === undefined) throw new TypeError(`There is no scenario "${scenario}"`);
  const start = performance.now();
  const result = await found(seed, mutation === undefined ? undefined : findMutation(mutation));
  return { kind: "done", result, wallMs: performance.now() - start };
}

self.onmessage = async ({ data }: MessageEvent<SeedOrder>) => {
  const answer = (outcome: SeedOutcome) => self.postMessage(outcome);
  try {
    answer(await run(data));
  } catch (thrown) {
    const trace = thrown instanceof Error ? thrown.stack ?? thrown.message : messageOf(thrown);
    answer({ kind: "broken", message: trace });
  }
};
