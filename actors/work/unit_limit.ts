/**
 * Whether arbiters could judge whatever a dispute about a program can come down to. The ledger sees no graphs, so this is for whoever opens one
 * to see.
 *
 * @module
 */
import type { LoadedProgram } from "../../executor/mod.ts";
import type { Activity } from "../runtime/mod.ts";
import type { WorkPowers } from "./powers.ts";

/** Why a program has a unit that is too dear to be judged; null if it has none. */
export async function unitReason(
  { ledger, executor }: Pick<WorkPowers, "ledger" | "executor">,
  { id }: LoadedProgram,
  activity: Activity,
): Promise<string | null> {
  const { unitCostCap } = await ledger.query("params", null, activity);
  const request = { program: id, cap: Number(unitCostCap) };
  const dearest = await executor.dearestUnit(request, { signal: activity.signal });
  if (dearest === null || BigInt(dearest.cost) <= unitCostCap) return null;
  const { phase, node, operator, cost } = dearest;
  return `a dispute about node ${node} of phase ${phase} (${operator}) would take arbiters ${cost} steps, and may take ${unitCostCap}: ` +
    "use smaller tensors, or split the operator";
}
