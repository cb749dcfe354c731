/**
 * Hosts actors in the present thread: in a browser, in a simulation, inside somebody's program.
 *
 * @module
 */
import type { Actor } from "./actor.ts";
import { type ActorSetup, openLocalCell } from "./cell.ts";

/**
 * An actor to run in the present thread.
 *
 * @param make Makes the behaviour; called again for each restart, so that nothing of a failed incarnation lives on.
 */
export function inThread<State, Result>(role: string, make: () => Actor<State, Result>): ActorSetup {
  return { role, topics: make().topics, open: (host) => openLocalCell(make(), host) };
}
