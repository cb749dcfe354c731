/**
 * The question that every move of an audit asks first: is it awaited now, and from the sender?
 *
 * @module
 */
import { equalBytes, type Hash } from "../primitives/mod.ts";
import { type OperationContext, reject, type Rejection } from "../ops/mod.ts";
import { invariant, type StateReader } from "../state/mod.ts";
import { type Audit, audits, type AuditSeat, type AuditStage } from "./records.ts";

/** Codes of {@link expected}, without those of its `by`. */
export const COMMON_REJECTIONS = ["unknown_audit", "wrong_stage"] as const;

/** Position of an account among the seats; -1 if it has none. */
export function seatOf({ seats }: Pick<Audit, "seats">, auditor: Uint8Array): number {
  return seats.findIndex((seat) => equalBytes(seat.auditor, auditor));
}

/** Rejects unless a task's audit is at a stage and the sender is who moves in it. */
export function expected(
  state: StateReader,
  { sender }: Pick<OperationContext, "sender">,
  task: Hash,
  { stage, by }: { readonly stage: AuditStage; readonly by: "provider" | "auditor" },
): Rejection | null {
  const audit = audits.get(state, task);
  if (audit === undefined) {
    return reject("unknown_audit", "This task has no result that is audited. Check the id and the network.");
  }
  if (by === "provider" && !equalBytes(sender, audit.provider)) {
    return reject("not_the_provider", "Only the provider of the audited result opens it.");
  }
  if (by === "auditor" && seatOf(audit, sender) < 0) {
    return reject("not_an_auditor", "The sender was not drawn to audit this result.");
  }
  if (audit.stage !== stage) {
    return reject(
      "wrong_stage",
      `The audit is at the stage "${audit.stage}" until height ${audit.deadline}, which asks for another move.`,
    );
  }
  return null;
}

/** The audit of a task that must have one. */
export function auditOf(state: StateReader, task: Hash): Audit {
  const audit = audits.get(state, task);
  invariant(audit !== undefined, "A task has no audit.");
  return audit;
}

/** An audit in which the seat of an account is changed. */
export function withSeat(audit: Audit, auditor: Uint8Array, change: Partial<AuditSeat>): Audit {
  const at = seatOf(audit, auditor);
  return { ...audit, seats: audit.seats.map((seat, i) => i === at ? { ...seat, ...change } : seat) };
}
