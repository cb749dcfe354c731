/**
 * Closing a dispute: fines for absent arbiters, settlement, and the outcome on record.
 *
 * @module
 */
import { locateSegment } from "../primitives/mod.ts";
import { type BlockContext, paramsOfTask, slash, type StateWriter, taskOf } from "../state/mod.ts";
import { clearedNodes, nodeKey } from "./cleared.ts";
import { arbiterPools } from "./draw.ts";
import { placeOf } from "./place.ts";
import { type Dispute, disputes, openedNodes, type Outcome, type Reason, type Seat } from "./records.ts";
import {
  GUILTY_BY_REASON,
  settleAgainstChallenger,
  settleAgainstProvider,
  settleWithoutVerdict,
} from "./settlement.ts";

/** Takes the penalty for silence from every arbiter that did not reveal; all of it is burned, as nobody is to gain by it. */
function fineAbsent(
  state: StateWriter,
  context: BlockContext,
  { task }: Dispute,
  seats: readonly Seat[],
): void {
  const { arbiterAbsencePenalty } = paramsOfTask(state, context, task);
  for (const { arbiter, verdict } of seats) {
    if (verdict !== null) continue;
    slash(state, context, {
      role: "arbiter",
      address: arbiter,
      amount: arbiterAbsencePenalty,
      prover: null,
      proverSharePpm: 0,
    });
  }
}

/** Remembers a node that arbiters confirmed, so that it need not be judged again. */
function clearNode(state: StateWriter, dispute: Dispute): void {
  if (dispute.stage.kind !== "reveal") return;
  const opened = openedNodes.get(state, dispute.id);
  const { segment } = dispute.stage.at.within.within;
  const location = locateSegment(taskOf(state, dispute.task).program, segment);
  if (opened === undefined || location === undefined) return;
  clearedNodes.put(state, nodeKey(dispute.task, location.phaseIndex, opened.leaf), true);
}

/** Ends a dispute for a reason, which says who is wrong. */
export function close(state: StateWriter, context: BlockContext, dispute: Dispute, reason: Reason): void {
  const { id, task, stage } = dispute;
  const guilty = GUILTY_BY_REASON[reason];
  const place = placeOf(stage, taskOf(state, task).program);
  const seats = stage.kind === "commit" || stage.kind === "reveal" ? stage.seats : [];
  const revealers = seats.filter(({ verdict }) => verdict !== null).map(({ arbiter }) => arbiter);
  if (reason === "output_confirmed") clearNode(state, dispute);
  fineAbsent(state, context, dispute, seats);
  if (seats.length > 0) context.emit({ kind: "verdict", task, dispute: id, detail: reason });

  const settlement = guilty === "provider"
    ? settleAgainstProvider(state, context, dispute, revealers)
    : guilty === "challenger"
    ? settleAgainstChallenger(state, context, dispute, revealers)
    : settleWithoutVerdict(state, context, dispute);

  const outcome: Outcome = { guilty, reason, ...settlement, closedAt: context.head.height, ...place };
  disputes.put(state, id, { ...dispute, stage: { kind: "closed" }, deadline: 0n, outcome });
  openedNodes.delete(state, id);
  arbiterPools.delete(state, id);
  context.emit({
    kind: "dispute_closed",
    task,
    dispute: id,
    amount: settlement.forfeited,
    detail: `${guilty === null ? "nobody" : guilty} guilty: ${reason}`,
    ...(guilty === null ? {} : { account: dispute[guilty] }),
  });
}
