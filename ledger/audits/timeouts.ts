/**
 * What the passing of a stage's deadline means. Together with {@link longestAudit} this is why no audit can hang:
 *
 *  - `draw`: the beacon draws segments and auditors; if there is nobody to draw, the provider opens at once;
 *  - `open_inputs`, `open_outputs`: the provider did not open, and loses as for fraud;
 *  - `commit`: who did not commit is fined; if nobody did, others are drawn, a few times;
 *  - `reveal`: who did not reveal is fined, and gets no pay.
 *
 * @module
 */
import { equalBytes, programSegments } from "../primitives/mod.ts";
import {
  type BlockContext,
  drawByStake,
  invariant,
  isFinal,
  type Params,
  paramsOfTask,
  schedule,
  type StateWriter,
  taskOf,
} from "../state/mod.ts";
import { heldUntil } from "../availability/mod.ts";
import { auditorDraw, drawSegments } from "./draw.ts";
import { type Audit, auditPools, audits, type AuditSeat, MAX_AUDITORS, MAX_DRAWS } from "./records.ts";
import { fineAuditor, punishSilentProvider } from "./settlement.ts";
import { AUDIT_DUE, auditBlocks, enterStage } from "./stages.ts";

function draw(state: StateWriter, context: BlockContext, audit: Audit): void {
  const { task: id } = audit;
  const { beacon, height } = context.head;
  const { auditorCount } = paramsOfTask(state, context, id);
  const pool = auditPools.get(state, id) ?? [];
  const seats = drawByStake(pool, auditorDraw(id, beacon), Math.min(auditorCount, MAX_AUDITORS))
    .map((auditor): AuditSeat => ({
      auditor,
      commitment: null,
      own: null,
      findings: null,
      challenged: false,
      overturned: false,
    }));
  if (seats.length === 0) return enterStage(state, context, { ...audit, seats }, "open_outputs");
  for (const { auditor } of seats) context.emit({ kind: "auditor_drawn", task: id, account: auditor });
  const { program, sampled: count } = taskOf(state, id);
  const known = audit.sampled.length > 0;
  const sampled = known ? audit.sampled : drawSegments(id, beacon, programSegments(program), count)
    .map((segment) => ({ segment, input: null, output: null, trace: null }));
  // Proofs show the segments by the beacon that drew them, also where auditors were drawn anew.
  const by = known ? {} : { beacon, drawnAt: height };
  const drawn = { ...audit, ...by, sampled, seats, draws: audit.draws + 1 };
  enterStage(state, context, drawn, known ? "commit" : "open_inputs");
}

/** Fines who stayed silent. If somebody committed the audit goes on with them, else with others, while there are any. */
function endCommits(state: StateWriter, context: BlockContext, audit: Audit): void {
  const absent = audit.seats.filter(({ commitment }) => commitment === null);
  for (const { auditor } of absent) fineAuditor(state, context, audit, auditor);
  const seats = audit.seats.filter(({ commitment }) => commitment !== null);
  const left = (auditPools.get(state, audit.task) ?? [])
    .filter(({ address }) => !absent.some(({ auditor }) => equalBytes(auditor, address)));
  auditPools.put(state, audit.task, left);
  const again = seats.length === 0 && left.length > 0 && audit.draws < MAX_DRAWS;
  enterStage(state, context, { ...audit, seats }, again ? "draw" : "open_outputs");
}

/** Fines who did not reveal. */
function endReveals(state: StateWriter, context: BlockContext, audit: Audit): void {
  for (const { auditor, findings } of audit.seats) {
    if (findings === null) fineAuditor(state, context, audit, auditor);
  }
  enterStage(state, context, audit, "closed");
}

/** Due handler `audit`: the default of the stage whose deadline has passed. */
export function auditDue(state: StateWriter, context: BlockContext, task: Uint8Array): void {
  const audit = audits.get(state, task);
  // The result may have been rolled back, or committed to anew, since this was scheduled.
  if (audit === undefined || audit.deadline === 0n || audit.deadline > context.head.height) return;
  // The task may have ended without it: its engine was declared faulty.
  if (isFinal(taskOf(state, task).status)) return;
  switch (audit.stage) {
    case "draw":
      return draw(state, context, audit);
    case "open_inputs":
    case "open_outputs":
      return punishSilentProvider(state, context, audit);
    case "commit": {
      // An auditor that waits for a demanded chunk is not silent.
      const until = heldUntil(state, audit.task);
      if (until <= context.head.height) return endCommits(state, context, audit);
      audits.put(state, task, { ...audit, deadline: until });
      return schedule(state, until, AUDIT_DUE, task);
    }
    case "reveal":
      return endReveals(state, context, audit);
    case "closed":
      return invariant(false, "A closed audit has a deadline.");
  }
}

/**
 * Blocks after which an audit has come to its challenge window or to its end, whatever anybody does, as long as no more deadlines fall on
 * a height than a block fires, and besides those that it waits for demanded chunks, which `../availability/` bounds.
 */
export function longestAudit(taken: number, params: Params): number {
  const blocks = (stage: Audit["stage"]) => auditBlocks(stage, taken, params);
  return MAX_DRAWS * (blocks("draw") + blocks("commit")) + blocks("open_inputs") + blocks("open_outputs");
}
