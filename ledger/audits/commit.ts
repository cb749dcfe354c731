/**
 * An auditor commits to what it found, and shows which segment is its own: from now on others may know it. When all have, the provider opens at once.
 *
 * @module
 */
import { type OperationContext, type OperationRule, reject, type Rejection } from "../ops/mod.ts";
import { type StateReader, taskOf } from "../state/mod.ts";
import { auditOf, COMMON_REJECTIONS, expected, seatOf, withSeat } from "./expected.ts";
import type { AuditCommit } from "./moves.ts";
import { leavesOwn, provenOwnSegment, shownOwnSegment } from "./own_segment.ts";
import { type Audit, audits } from "./records.ts";
import { enterStage } from "./stages.ts";

/** Rejects unless a proof shows the sender's own segment, where there is one. */
function ownFault(
  state: StateReader,
  { chainId, sender: auditor }: OperationContext,
  audit: Audit,
  proof: Uint8Array | null,
): Rejection | null {
  const { task, attempt, beacon } = audit, { program, result } = taskOf(state, task);
  if (!leavesOwn(audit, program)) {
    return proof === null
      ? null
      : reject("wrong_own_segment", "All segments are sampled: none is left to be the auditor's own.");
  }
  const runRoot = result?.runRoot ?? program.initialRoot;
  const input = { chainId, beacon, task, attempt, runRoot, auditor };
  return proof !== null && shownOwnSegment(audit, program, input, proof) !== undefined ? null : reject(
    "wrong_own_segment",
    "The proof does not show the sender's own segment. Prove `ownSegmentInput` of this audit with the account's key.",
  );
}

/**
 * The rule of {@link AuditCommit}. Most of its weight is that of verifying the proof, some 1.2 ms: as much for its time as that of a beacon key, which
 * `deno task bench ledger` compares.
 */
export const auditCommitRule: OperationRule<AuditCommit> = {
  weight: 12n,
  rejects: [...COMMON_REJECTIONS, "not_an_auditor", "already_committed", "wrong_own_segment"],
  reserved: true,
  check(state, context, { task, own }) {
    const rejection = expected(state, context, task, { stage: "commit", by: "auditor" });
    if (rejection !== null) return rejection;
    const audit = auditOf(state, task);
    if (audit.seats[seatOf(audit, context.sender)]?.commitment !== null) {
      return reject("already_committed", "The sender has committed already: a commitment is not changed.");
    }
    return ownFault(state, context, audit, own);
  },
  apply(state, context, { task, commitment, own: proof }) {
    const before = auditOf(state, task), { program } = taskOf(state, task);
    const own = proof === null ? null : provenOwnSegment(before, program, proof);
    const audit = withSeat(before, context.sender, { commitment, own });
    context.emit({ kind: "audit_committed", task, account: context.sender });
    if (audit.seats.every((seat) => seat.commitment !== null)) {
      enterStage(state, context, audit, "open_outputs");
    } else audits.put(state, task, audit);
  },
};
