/**
 * Telling the ledger which engine this node executes with: who is drawn for a program that it cannot run would be fined for its silence.
 *
 * @module
 */
import type { Duty } from "../duties/mod.ts";
import type { Activity } from "../runtime/mod.ts";
import { OPERATION_MS } from "./duty_keys.ts";
import type { WorkPowers } from "./powers.ts";

/**
 * The duty to name this node's engine, as long as the ledger is not known to know it and the node has a stake in the role. Its own work and no
 * part of the look: where no engine starts, the other duties must be seen all the same.
 *
 * @returns Looks for the duty; once the ledger knows, it asks no more.
 */
export function makeEngineNaming(
  { ledger, executor }: Pick<WorkPowers, "ledger" | "executor">,
  role: "challenger" | "arbiter",
): (activity: Activity) => Promise<readonly Duty[]> {
  const address = ledger.address;
  let isKnown = false;
  const perform = async (activity: Activity) => {
    const { name } = await executor.engine({ signal: activity.signal });
    const named = await ledger.query("namedEngines", address, activity);
    isKnown = named?.length === 1 && named[0] === name;
    if (!isKnown) await ledger.submit({ kind: "name_engines", engines: [name] }, activity);
  };
  return async (activity) => {
    if (isKnown) return [];
    const { amount } = await ledger.query("stake", { role, address }, activity);
    return amount === 0n ? [] : [{ key: "engine", deadlineMs: OPERATION_MS, perform }];
  };
}
