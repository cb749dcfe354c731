/**
 * The operations of audits and their rules.
 *
 * @module
 */
import { auditCommitRule } from "./commit.ts";
import { auditOpenInputsRule } from "./open_inputs.ts";
import { auditOpenOutputsRule } from "./open_outputs.ts";
import { auditRevealRule } from "./reveal.ts";

/** Rules by the name of their operation. */
export const auditRules = {
  audit_open_inputs: auditOpenInputsRule,
  audit_commit: auditCommitRule,
  audit_open_outputs: auditOpenOutputsRule,
  audit_reveal: auditRevealRule,
};
