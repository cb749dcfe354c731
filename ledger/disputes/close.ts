/**
 * Closing a dispute: what the judges get or lose, settlement, and the outcome on record.
 *
 * @module
 */
import { type Address, equalBytes, type Hash, locateSegment } from "../primitives/mod.ts";
import { punishOverturned } from "../audits/mod.ts";
import {
  type BlockContext,
  credit,
  paramsOfTask,
  resumeChallengeWindow,
  type StateReader,
  type StateWriter,
  taskOf,
} from "../state/mod.ts";
import { isRunning, openDisputesOf, unlistOpenDispute } from "./concurrency.ts";
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
import { startDispute } from "./stages.ts";
import { tally } from "./tally.ts";
import { clearedUnits, unitKey } from "./unit.ts";

/** Remembers what was confirmed, so that it need not be judged again. */
function clearUnit(state: StateWriter, { id, task, stage }: Dispute): void {
  const opened = openedNodes.get(state, id);
  if (opened === undefined || !("unit" in stage)) return;
  const { program } = taskOf(state, task);
  const location = locateSegment(program, stage.at.within.within.segment);
  if (location === undefined) return;
  clearedUnits.put(
    state,
    unitKey({ ...stage, task, program, phaseIndex: location.phaseIndex, leaf: opened.leaf }),
    true,
  );
}

/** What became of an appeal: undecided if the validators came to no verdict. */
function appealOutcome({ stage }: Dispute, reason: Reason, verdict: Hash | undefined): Outcome["appeal"] {
  if (!("appeal" in stage)) return null;
  if (verdict === undefined) return "undecided";
  return GUILTY_BY_REASON[reason] === GUILTY_BY_REASON[stage.reason] ? "upheld" : "overturned";
}

/** Reasons that say something of the segment itself, and so of whoever audited it. */
const PROVEN: ReadonlySet<Reason> = new Set<Reason>([
  "wrong_wiring",
  "wrong_output",
  "output_confirmed",
  "assembly_confirmed",
  "both_wrong",
]);

/**
 * Who showed the provider's fault: the challenger, unless what it has itself is wrong too; then the first whose dispute was merged into this
 * one and who has what was recomputed.
 */
function proverOf(
  state: StateReader,
  { id, task, challenger, stage }: Dispute,
  reason: Reason,
  verdict: Hash | undefined,
): Address | null {
  if (reason !== "both_wrong") return challenger;
  const found = verdict ?? tally(seatsOf(stage));
  const right = openDisputesOf(state, task).find(({ stage: other }) =>
    other.kind === "merged" && equalBytes(other.into, id) && found !== undefined && other.unit.own !== null &&
    equalBytes(other.unit.own, found)
  );
  return right?.challenger ?? null;
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
  if (reason === "output_confirmed") clearUnit(state, dispute);
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
  if (guilty !== null && PROVEN.has(reason) && place.segment !== null) {
    punishOverturned(state, context, { ...dispute, guilty, segment: place.segment });
  }
  const settlement = guilty === "provider"
    ? settleAgainstProvider(state, context, dispute, judges, proverOf(state, dispute, reason, verdict))
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
  record(state, context, dispute, outcome);
  const others = unlistOpenDispute(state, dispute);
  if (guilty === "challenger") goOn(state, context, dispute, others);
  else for (const other of others) voidDispute(state, context, other, "result_void");
}

/** Writes how a dispute ended, and forgets what only served to get there. */
function record(state: StateWriter, context: BlockContext, dispute: Dispute, outcome: Outcome): void {
  const { id, task } = dispute, { guilty, reason, forfeited } = outcome;
  disputes.put(state, id, { ...dispute, stage: { kind: "closed" }, deadline: 0n, outcome });
  openedNodes.delete(state, id);
  arbiterPools.delete(state, id);
  appealSeats.delete(state, id);
  context.emit({
    kind: "dispute_closed",
    task,
    dispute: id,
    amount: forfeited,
    detail: `${guilty === null ? "nobody" : guilty} guilty: ${reason}`,
    ...(guilty === null ? {} : { account: dispute[guilty] }),
  });
}

/** The result stands as far as this dispute goes: those merged into it end as it did, and one that waited begins. */
function goOn(
  state: StateWriter,
  context: BlockContext,
  { id, task }: Dispute,
  others: readonly Dispute[],
): void {
  for (const other of others) {
    const { stage } = other;
    if (stage.kind === "merged" && equalBytes(stage.into, id)) {
      close(state, context, other, "output_confirmed");
    }
  }
  const left = openDisputesOf(state, task);
  const { runningDisputes } = paramsOfTask(state, context, task);
  const waiting = left.find(({ stage }) => stage.kind === "wait");
  if (waiting !== undefined && left.filter(isRunning).length < runningDisputes) {
    startDispute(state, context, waiting);
  }
  // Closing a merged one may have been the end of the last.
  if (left.length === 0 && taskOf(state, task).status === "disputed") {
    resumeChallengeWindow(state, context, task);
  }
}

/** Ends a dispute that has lost its subject: nobody is found wrong, fined or paid, and all that it holds returns. */
export function voidDispute(
  state: StateWriter,
  context: BlockContext,
  dispute: Dispute,
  reason: "result_void" | "engine_incident",
): void {
  const { task, stage, challenger, bond } = dispute;
  credit(state, challenger, bond, "bonds");
  const appeal = appealOf(stage);
  if (appeal !== null) credit(state, dispute[appeal.by], appeal.bond, "bonds");
  record(state, context, dispute, {
    guilty: null,
    reason,
    forfeited: 0n,
    awarded: 0n,
    arbiterFees: 0n,
    burned: 0n,
    closedAt: context.head.height,
    ...placeOf(stage, taskOf(state, task).program),
    appeal: appeal === null ? null : "undecided",
  });
  unlistOpenDispute(state, dispute);
}
