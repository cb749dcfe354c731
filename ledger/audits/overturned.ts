/**
 * What disputes mean for auditors: who contradicts must dispute, and who was wrong loses stake.
 *
 * @module
 */
import { type Address, equalBytes, type Hash } from "../primitives/mod.ts";
import { type BlockContext, paramsOfTask, slash, type StateWriter } from "../state/mod.ts";
import { seatOf, withSeat } from "./expected.ts";
import { agreesAt, contradicts } from "./findings.ts";
import { type Audit, audits, type AuditSeat } from "./records.ts";

/** Notes that an account disputes a result, in case that it is an auditor that must. */
export function noteChallenge(state: StateWriter, task: Hash, challenger: Address): void {
  const audit = audits.get(state, task);
  if (audit === undefined || seatOf(audit, challenger) < 0) return;
  audits.put(state, task, withSeat(audit, challenger, { challenged: true }));
}

/** How a dispute about a result ended by proof, as far as it concerns auditors. */
export interface ProvenOutcome {
  readonly task: Hash;
  readonly attempt: number;
  readonly challenger: Address;
  /** Who was found to be wrong, by what was opened or executed; silence proves nothing. */
  readonly guilty: "provider" | "challenger";
  readonly segment: number;
}

/**
 * Whether a dispute overturns what an auditor revealed. A wrong segment overturns everybody who agreed with it. A confirmed node overturns
 * only the auditor that disputed it: it says nothing of the rest of its segment, where another may rightly have found a fault.
 */
function isOverturned(audit: Audit, seat: AuditSeat, outcome: ProvenOutcome): boolean {
  if (seat.findings === null || seat.overturned) return false;
  return outcome.guilty === "provider"
    ? agreesAt(audit, seat, outcome.segment)
    : equalBytes(seat.auditor, outcome.challenger) && contradicts(audit, seat);
}

/** Takes stake from every auditor whose reveal a dispute overturns, and its pay. Call before the dispute is settled. */
export function punishOverturned(state: StateWriter, context: BlockContext, outcome: ProvenOutcome): void {
  const audit = audits.get(state, outcome.task);
  if (audit === undefined || audit.attempt !== outcome.attempt) return;
  const { auditFaultPenalty: amount } = paramsOfTask(state, context, outcome.task);
  let changed = audit;
  for (const seat of audit.seats.filter((each) => isOverturned(audit, each, outcome))) {
    changed = withSeat(changed, seat.auditor, { overturned: true });
    slash(state, context, {
      role: "challenger",
      address: seat.auditor,
      amount,
      prover: null,
      proverSharePpm: 0,
    });
    context.emit({ kind: "audit_overturned", task: outcome.task, account: seat.auditor, amount });
  }
  audits.put(state, outcome.task, changed);
}
