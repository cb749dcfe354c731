/**
 * A party's appeal against the arbiters: when its own execution of what was judged says that they were wrong.
 *
 * @module
 */
import { bytesToHex, equalBytes } from "../../ledger/primitives/mod.ts";
import type { Duty as LedgerDuty, Task } from "../../ledger/mod.ts";
import { GUILTY_BY_REASON } from "../../ledger/disputes/mod.ts";
import type { Duty } from "../duties/mod.ts";
import type { Activity } from "../runtime/mod.ts";
import { COMPUTE_MS, turnKey } from "./duty_keys.ts";
import { ownVerdict } from "./own_verdict.ts";
import type { Party } from "./party.ts";
import type { WorkPowers } from "./powers.ts";

/** When a party appeals: if what it executes contradicts the verdict, whenever the verdict is against it, or not at all. */
export type AppealPolicy = "if_right" | "always" | "never";

/** What a party may appeal against. */
type Appealable = Extract<LedgerDuty, { kind: "appealable" }>;

/** Whether a verdict, or that there is none, leaves a side worse off than being right would. */
function isAgainst(side: "provider" | "challenger", { turn: { reason } }: Appealable): boolean {
  const guilty = GUILTY_BY_REASON[reason];
  return guilty === null || guilty === side;
}

/**
 * The duty of a party to appeal; none if the verdict is not against it.
 *
 * @param makeParty The party's own computation of a task's run.
 */
export function appealDuty(
  { ledger }: WorkPowers,
  side: "provider" | "challenger",
  appeals: AppealPolicy = "if_right",
  makeParty: (task: Task, activity: Activity) => Promise<Party>,
  duty: Appealable,
): readonly Duty[] {
  const { task, dispute, turn, opened } = duty;
  if (!equalBytes(dispute[side], ledger.address) || !isAgainst(side, duty) || appeals === "never") return [];
  const isRight = async (activity: Activity): Promise<boolean> => {
    const own = await ownVerdict(await makeParty(task, activity), turn.at, turn.unit, opened.leaf);
    return equalBytes(own, turn.unit.claimed) === (side === "provider");
  };
  return [{
    key: turnKey(dispute, turn),
    deadlineMs: COMPUTE_MS,
    async perform(activity) {
      if (appeals === "if_right" && !await isRight(activity)) return;
      await ledger.submit({ kind: "appeal_verdict", dispute: dispute.id }, activity);
      activity.emit({ kind: "dispute_move", dispute: bytesToHex(dispute.id), by: side, move: "appeal" });
    },
  }];
}
