/**
 * What the passing of each kind of deadline means.
 *
 * @module
 */
import { AUDIT_DUE, auditDue, finaliseResult } from "../audits/mod.ts";
import { AVAILABILITY_DUE, availabilityDue } from "../availability/mod.ts";
import { DISPUTE_DUE, disputeDue, endsOfResults } from "../disputes/mod.ts";
import { PROPOSAL_DUE, proposalDue } from "../governance/mod.ts";
import { type DueHandlers, expireOffer, RECORD_DUE, releaseUnbonding, taskDue } from "../state/mod.ts";
import { recordDue } from "./shrink_records.ts";

/** Handlers by kind, see `schedule`. */
export const dueHandlers: DueHandlers = {
  task: (state, context, id) => taskDue(state, context, id, finaliseResult),
  offer: expireOffer,
  unbonding: releaseUnbonding,
  [DISPUTE_DUE]: disputeDue,
  [PROPOSAL_DUE]: proposalDue,
  [RECORD_DUE]: recordDue,
  [AUDIT_DUE]: auditDue,
  [AVAILABILITY_DUE]: (state, context, id) => availabilityDue(state, context, id, endsOfResults),
};
