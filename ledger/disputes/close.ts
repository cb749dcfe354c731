/**
 * Closing a dispute: what the judges get or lose, settlement, and the outcome on record.
 *
 * @module
 */
import { type Hash, locateSegment } from "../primitives/mod.ts";
import { type BlockContext, type StateWriter, taskOf } from "../state/mod.ts";
import { clearedNodes, nodeKey } from "./cleared.ts";
import { arbiterPools } from "./draw.ts";
import {
  appealOf,
  arbitersToPay,
  fineAbsent,
  seatsOf,
  slashContradicted,
  validatorsToPay,
} from "./judges.ts";
import { placeOf } from "./place.ts";
import { appealSeats, type Dispute, disputes, openedNodes, type Outcome, type Reason } from "./records.ts";
import {
  GUILTY_BY_REASON,
  settleAgainstChallenger,
  settleAgainstProvider,
  settleAppeal,
  settleWithoutVerdict,
} from "./settlement.ts";

/** Remembers a node that was confirmed, so that it need not be judged again. */
function clearNode(state: StateWriter, { id, task, stage }: Dispute): void {
  const opened = openedNodes.get(state, id);
  if (opened === undefined || !("at" in stage)) return;
  const location = locateSegment(taskOf(state, task).program, stage.at.within.within.segment);
  if (location !== undefined) clearedNodes.put(state, nodeKey(task, location.phaseIndex, opened.leaf), true);
}

/** What became of an appeal: undecided if the validators came to no verdict. */
function appealOutcome({ stage }: Dispute, reason: Reason, verdict: Hash | undefined): Outcome["appeal"] {
  if (!("appeal" in stage)) return null;
  if (verdict === undefined) return "undecided";
  return GUILTY_BY_REASON[reason] === GUILTY_BY_REASON[stage.reason] ? "upheld" : "overturned";
}

/**
 * Ends a dispute for a reason, which says who is wrong.
 *
 * @param verdict What the validators found on appeal.
 */
export function close(
  state: StateWriter,
  context: BlockContext,
  dispute: Dispute,
  reason: Reason,
  verdict?: Hash,
): void {
  const { id, task, stage } = dispute;
  const guilty = GUILTY_BY_REASON[reason];
  const place = placeOf(stage, taskOf(state, task).program);
  const appeal = appealOf(stage), appealed = appealOutcome(dispute, reason, verdict);
  const isAppellantRight = appeal !== null && appealed === "overturned" && guilty !== appeal.by;
  if (reason === "output_confirmed") clearNode(state, dispute);
  fineAbsent(state, context, dispute);
  slashContradicted(
    state,
    context,
    dispute,
    verdict,
    isAppellantRight ? dispute[appeal.by] : null,
  );
  const validators = validatorsToPay(state, id);
  if (appeal !== null) {
    const isForfeit = appealed !== "undecided" && !isAppellantRight;
    settleAppeal(state, context, dispute, appeal, isForfeit ? validators : null);
  }
  // Who loses pays those who had to judge: the appellant if the appeal was in vain, else whoever is guilty.
  const judges = [
    ...arbitersToPay(seatsOf(stage), verdict),
    ...(isAppellantRight ? validators : []),
  ];
  const settlement = guilty === "provider"
    ? settleAgainstProvider(state, context, dispute, judges)
    : guilty === "challenger"
    ? settleAgainstChallenger(state, context, dispute, judges)
    : settleWithoutVerdict(state, context, dispute);

  const outcome: Outcome = {
    guilty,
    reason,
    ...settlement,
    closedAt: context.head.height,
    ...place,
    appeal: appealed,
  };
  disputes.put(state, id, { ...dispute, stage: { kind: "closed" }, deadline: 0n, outcome });
  openedNodes.delete(state, id);
  arbiterPools.delete(state, id);
  appealSeats.delete(state, id);
  context.emit({
    kind: "dispute_closed",
    task,
    dispute: id,
    amount: settlement.forfeited,
    detail: `${guilty === null ? "nobody" : guilty} guilty: ${reason}`,
    ...(guilty === null ? {} : { account: dispute[guilty] }),
  });
}
