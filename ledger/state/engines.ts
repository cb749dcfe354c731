/**
 * Which engines an account executes programs with, as it says itself.
 *
 * Who is drawn to execute something and cannot is fined for its silence. So auditors and arbiters name their engines, and are drawn for
 * programs of those alone; who has named none is drawn for all. The record outlives the stake: it is small, and there is one for each account
 * that ever named an engine.
 *
 * What it costs: the share of stake that must not collude is of those who run the program's engine. A requester that chooses an engine
 * which few have chooses few to guard it.
 *
 * @module
 */
import { type Address, list, text } from "../primitives/mod.ts";
import { type StateReader, table } from "./table.ts";

/** Engines that one account names at most. */
export const MAX_ENGINES = 8;

/** Names of engines, as programs have them. */
export const EngineNames = list(text(64), MAX_ENGINES);

/** Engines by account. */
export const namedEngines = table(28, "named engines", (account: Address) => account, EngineNames);

/** Whether an account may be drawn to execute programs of an engine. */
export function mayExecute(state: StateReader, account: Address, engine: string): boolean {
  const named = namedEngines.get(state, account);
  return named === undefined || named.includes(engine);
}
