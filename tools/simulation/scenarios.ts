/**
 * The scenarios by name, and what running one seed of one gives.
 *
 * @module
 */
import { findStrategy, runAllCheats, runCheats } from "./cheats_scenario.ts";
import { runMarket } from "./market_scenario.ts";
import { runConsensus } from "./consensus_scenario.ts";
import type { RunResult } from "./run_result.ts";
import type { Mutation } from "./mutations/mod.ts";

/** One seed of a scenario. */
export type Scenario = (seed: number, mutation: Mutation | undefined) => RunResult | Promise<RunResult>;

/** See the module. */
export const scenarios: ReadonlyMap<string, Scenario> = new Map<string, Scenario>([
  ["consensus", runConsensus],
  ["market", runMarket],
  ["cheats", runAllCheats],
]);

/** The scenario of a name, and of one cheat where one is named; `undefined` if there is none. */
export function findScenario(name: string, cheat: string | undefined): Scenario | undefined {
  if (cheat === undefined) return scenarios.get(name);
  const found = findStrategy(cheat);
  return found === undefined || name !== "cheats" ? undefined : runCheats([found]);
}
