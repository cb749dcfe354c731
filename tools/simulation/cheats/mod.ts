/**
 * The catalogue of cheats: strategies of those who do not keep to the rules, each as code, with how it must end. `deno task sim --scenario cheats`
 * plays them all in virtual time, `deno task demo --cheat NAME` any one over real connections.
 *
 * Whoever cheats departs from honesty at its edges (its executor, its ledger client, `edges/`); the actors are the same as everybody's and know
 * of no cheats. What must come of it is written down from the words of the rules (`money.ts`) and held, to the unit, against what everybody
 * has gained and lost on the finished chain (`books.ts`).
 *
 * Read `cheat.ts`, `company.ts`, `strategies/`, `run_cheat.ts`.
 *
 * @module
 */
import type { Cheat } from "./cheat.ts";
import { arbiters } from "./strategies/arbiters.ts";
import { audits } from "./strategies/audits.ts";
import { availability } from "./strategies/availability.ts";
import { copies } from "./strategies/copies.ts";
import { falseChallenges } from "./strategies/false_challenges.ts";
import { forgedRecords } from "./strategies/forged_records.ts";
import { otherPrograms } from "./strategies/other_programs.ts";
import { requesters } from "./strategies/requesters.ts";
import { silences } from "./strategies/silences.ts";
import { silencesUnderAudit } from "./strategies/silences_under_audit.ts";
import { tolerances } from "./strategies/tolerances.ts";
import { wrongResults } from "./strategies/wrong_results.ts";

export type { Cheat, CheatRole, Expected, Plan } from "./cheat.ts";
export { type CheatRun, runCheat } from "./run_cheat.ts";

/** Every strategy. */
export const cheats: readonly Cheat[] = [
  ...wrongResults,
  ...otherPrograms,
  ...forgedRecords,
  ...copies,
  ...silences,
  ...falseChallenges,
  ...arbiters,
  ...requesters,
  ...audits,
  ...silencesUnderAudit,
  ...availability,
  ...tolerances,
];

/** The strategy of a name. */
export function findCheat(name: string): Cheat | undefined {
  return cheats.find((cheat) => cheat.name === name);
}
