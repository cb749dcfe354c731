/**
 * What the end of an audited result means for auditors, and for a provider that was silent.
 *
 * @module
 */
import type { Address, Hash, Program } from "../primitives/mod.ts";
import {
  type BlockContext,
  extendChallengeWindow,
  isFinal,
  paramsOfTask,
  payAuditor,
  payTask,
  slash,
  type StateWriter,
  taskOf,
  voidResult,
} from "../state/mod.ts";
import { decidedAvailability, settleAvailability } from "../availability/mod.ts";
import { auditOf } from "./expected.ts";
import { contradicts, isOwnVouchedFor, isVouchedFor } from "./findings.ts";
import { type Audit, auditPools, audits, type AuditSeat } from "./records.ts";

/** Blocks until a result is looked at again whose availability is not decided. */
const LOOK_BLOCKS = 2;

/** Takes the penalty for not doing what a drawn auditor must; all of it is burned, as nobody is to gain by it. */
export function fineAuditor(state: StateWriter, context: BlockContext, audit: Audit, auditor: Address): void {
  const { auditAbsencePenalty: amount } = paramsOfTask(state, context, audit.task);
  slash(state, context, { role: "challenger", address: auditor, amount, prover: null, proverSharePpm: 0 });
}

/**
 * For how many segments a seat has earned its pay, as far as its audit has come: a provider's silence must not cost the auditors theirs. Once everything
 * is opened only who has revealed has: else who vouches for a lie would wait, and be paid, until a dispute about it is over.
 */
function earnedSegments(audit: Audit, seat: AuditSeat, program: Program): number {
  const { stage, sampled } = audit, all = sampled.length + (seat.own === null ? 0 : 1);
  if (seat.overturned || seat.commitment === null) return 0;
  if (stage === "commit" || stage === "open_outputs") return all;
  if (seat.findings === null) return 0;
  // The others, who could vouch for its traces, may still reveal.
  if (stage === "reveal" || contradicts(audit, seat)) return all;
  if (!isVouchedFor(audit, seat)) return 0;
  return isOwnVouchedFor(audit, seat, program) ? all : sampled.length;
}

/** Pays the auditors of a result. */
function payAuditors(state: StateWriter, context: BlockContext, audit: Audit): void {
  const { auditPay } = paramsOfTask(state, context, audit.task);
  const { program } = taskOf(state, audit.task);
  for (const seat of audit.seats) {
    const segments = earnedSegments(audit, seat, program);
    if (segments > 0) payAuditor(state, context, audit.task, seat.auditor, auditPay * BigInt(segments));
  }
}

/** Looks at a result again in some blocks. */
function waitForResult(state: StateWriter, context: BlockContext, task: Hash, blocks: number): void {
  extendChallengeWindow(state, context, task, Math.max(1, blocks) + 1);
}

/**
 * A result whose challenge window has passed becomes final, as soon as all auditors have revealed or missed it and its availability is decided: auditors are
 * paid, except those who contradicted it and yet did not dispute it, who are fined; then the provider is, if others hold what it put out. Else
 * the result is rolled back, and nobody slashed.
 */
export function finaliseResult(state: StateWriter, context: BlockContext, task: Hash): void {
  const audit = auditOf(state, task);
  if (audit.stage !== "closed") {
    // Its end may be due already and wait for blocks of other leaders: then it is looked at again soon.
    return waitForResult(state, context, task, Number(audit.deadline - context.head.height));
  }
  const decided = decidedAvailability(state, task);
  if (decided === null) return waitForResult(state, context, task, LOOK_BLOCKS);
  const owing = (seat: AuditSeat) => contradicts(audit, seat) && !seat.challenged;
  for (const seat of audit.seats) if (owing(seat)) fineAuditor(state, context, audit, seat.auditor);
  const seats = audit.seats.filter((seat) => !owing(seat));
  if (decided === "roll back") {
    audits.put(state, task, { ...audit, seats });
    return voidAuditedResult(state, context, task, null);
  }
  payAuditors(state, context, { ...audit, seats });
  settleAvailability(state, context, task, true);
  payTask(state, context, task);
}

/** Pays the auditors and certifiers of a result of which nothing will come any more, whoever is to blame: they have worked. Call before the task is refunded. */
export function payForAbandonedAudit(state: StateWriter, context: BlockContext, task: Hash): void {
  const audit = audits.get(state, task);
  if (audit === undefined || isFinal(taskOf(state, task).status)) return;
  payAuditors(state, context, audit);
  settleAvailability(state, context, task, false);
  audits.delete(state, task);
  auditPools.delete(state, task);
}

/**
 * Rolls a result back, whose auditors are paid first. Slash *after* it, see `voidResult`.
 *
 * @param culprit The provider found guilty; `null` if nobody is.
 */
export function voidAuditedResult(
  state: StateWriter,
  context: BlockContext,
  task: Hash,
  culprit: Address | null,
): void {
  payAuditors(state, context, auditOf(state, task));
  settleAvailability(state, context, task, false);
  voidResult(state, context, task, culprit);
  audits.delete(state, task);
  auditPools.delete(state, task);
}

/** A provider that does not open what it committed to loses as for fraud: else hiding a lie would be cheaper than to be found out. */
export function punishSilentProvider(state: StateWriter, context: BlockContext, audit: Audit): void {
  const { task, provider, stage } = audit;
  const { collateral } = taskOf(state, task);
  context.emit({ kind: "audit_unanswered", task, account: provider, detail: stage });
  voidAuditedResult(state, context, task, provider);
  slash(state, context, {
    role: "provider",
    address: provider,
    amount: collateral,
    prover: null,
    proverSharePpm: 0,
  });
}
