/**
 * Whose turn it is in an audit: what actors and people read.
 *
 * @module
 */
import { type Address, equalBytes } from "../primitives/mod.ts";
import { seatOf } from "./expected.ts";
import type { Audit, AuditStage } from "./records.ts";

/** What an account must do in an audit now. */
export type AuditTurn = Exclude<AuditStage, "draw" | "closed">;

/** What is awaited of an account; undefined if nothing is. */
export function auditTurn(audit: Audit, account: Address): AuditTurn | undefined {
  const { stage, provider } = audit;
  if (stage === "open_inputs" || stage === "open_outputs") {
    return equalBytes(provider, account) ? stage : undefined;
  }
  const seat = audit.seats[seatOf(audit, account)];
  if (seat === undefined) return undefined;
  if (stage === "commit") return seat.commitment === null ? stage : undefined;
  return stage === "reveal" && seat.findings === null ? stage : undefined;
}
