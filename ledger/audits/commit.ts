/**
 * An auditor commits to what it found. When all have, the provider opens at once.
 *
 * @module
 */
import { type OperationRule, reject } from "../ops/mod.ts";
import { auditOf, COMMON_REJECTIONS, expected, seatOf, withSeat } from "./expected.ts";
import type { AuditCommit } from "./moves.ts";
import { audits } from "./records.ts";
import { enterStage } from "./stages.ts";

/** The rule of {@link AuditCommit}. */
export const auditCommitRule: OperationRule<AuditCommit> = {
  weight: 2n,
  rejects: [...COMMON_REJECTIONS, "not_an_auditor", "already_committed"],
  reserved: true,
  check(state, context, { task }) {
    const rejection = expected(state, context, task, { stage: "commit", by: "auditor" });
    if (rejection !== null) return rejection;
    const audit = auditOf(state, task);
    if (audit.seats[seatOf(audit, context.sender)]?.commitment === null) return null;
    return reject("already_committed", "The sender has committed already: a commitment is not changed.");
  },
  apply(state, context, { task, commitment }) {
    const audit = withSeat(auditOf(state, task), context.sender, { commitment });
    context.emit({ kind: "audit_committed", task, account: context.sender });
    if (audit.seats.every((seat) => seat.commitment !== null)) {
      enterStage(state, context, audit, "open_outputs");
    } else audits.put(state, task, audit);
  },
};
