/**
 * An auditor reveals what it committed to.
 *
 * @module
 */
import { equalBytes } from "../primitives/mod.ts";
import { type OperationRule, reject } from "../ops/mod.ts";
import { extendChallengeWindow, paramsOfTask } from "../state/mod.ts";
import { auditCommitment } from "./commitment.ts";
import { auditOf, COMMON_REJECTIONS, expected, seatOf, withSeat } from "./expected.ts";
import { contradicts } from "./findings.ts";
import type { AuditReveal } from "./moves.ts";
import { examined } from "./own_segment.ts";
import { audits } from "./records.ts";
import { enterStage } from "./stages.ts";

/** The rule of {@link AuditReveal}. */
export const auditRevealRule: OperationRule<AuditReveal> = {
  weight: 4n,
  rejects: [...COMMON_REJECTIONS, "not_an_auditor", "already_revealed", "wrong_reveal"],
  reserved: true,
  check(state, context, { task, nonce, findings }) {
    const { sender } = context;
    const rejection = expected(state, context, task, { stage: "reveal", by: "auditor" });
    if (rejection !== null) return rejection;
    const audit = auditOf(state, task);
    const { attempt, seats } = audit;
    const seat = seats[seatOf(audit, sender)];
    if (seat === undefined || seat.findings !== null) {
      return reject(
        "already_revealed",
        "The auditor has revealed its findings already. Nothing is left to do.",
      );
    }
    const commitment = auditCommitment({ task, attempt, auditor: sender, nonce, findings });
    const isCommitted = seat.commitment !== null && equalBytes(commitment, seat.commitment);
    if (isCommitted && findings.length === examined(audit, seat).length) return null;
    return reject(
      "wrong_reveal",
      "Nonce and findings do not make up the commitment. Reveal what was committed.",
    );
  },
  apply(state, context, { task, findings }) {
    const { sender } = context;
    const audit = withSeat(auditOf(state, task), sender, { findings });
    const seat = audit.seats[seatOf(audit, sender)];
    const found = seat !== undefined && contradicts(audit, seat);
    context.emit({ kind: "audit_revealed", task, account: sender, detail: found ? "contradicts" : "agrees" });
    // It must dispute now, even if it revealed in the last block of the challenge window.
    if (found) extendChallengeWindow(state, context, task, paramsOfTask(state, context, task).roundBlocks);
    if (audit.seats.every((seat) => seat.findings !== null)) enterStage(state, context, audit, "closed");
    else audits.put(state, task, audit);
  },
};
