/**
 * The rule of every operation. A new operation is one line in `operation_schemas.ts` and one here.
 *
 * @module
 */
import type { Infer } from "../primitives/mod.ts";
import { auditRules, submitResultRule } from "../audits/mod.ts";
import { availabilityRules } from "../availability/mod.ts";
import { disputeRules } from "../disputes/mod.ts";
import {
  acceptTaskRule,
  cancelTaskRule,
  declineTaskRule,
  fundTaskRule,
  heartbeatRule,
  nameEnginesRule,
  type OperationContext,
  type OperationRule,
  postTaskRule,
  publishOfferRule,
  registerBeaconKeyRule,
  type Rejection,
  type RejectionCode,
  reportEquivocationRule,
  stakeRule,
  transferRule,
  unstakeRule,
  withdrawOfferRule,
} from "../ops/mod.ts";
import { governanceRules } from "../governance/mod.ts";
import type { StateWriter } from "../state/mod.ts";
import type { Operation, OperationKind, operationSchemas } from "./operation_schemas.ts";

type Fields = { readonly [K in OperationKind]: Infer<(typeof operationSchemas)[K]> };
type Rules = { readonly [K in OperationKind]: OperationRule<Fields[K]> };
type OperationOf<K extends OperationKind> = { readonly [P in K]: { readonly kind: P } & Fields[P] }[K];

const rules: Rules = {
  transfer: transferRule,
  stake: stakeRule,
  unstake: unstakeRule,
  publish_offer: publishOfferRule,
  withdraw_offer: withdrawOfferRule,
  heartbeat: heartbeatRule,
  post_task: postTaskRule,
  cancel_task: cancelTaskRule,
  accept_task: acceptTaskRule,
  decline_task: declineTaskRule,
  submit_result: submitResultRule,
  report_equivocation: reportEquivocationRule,
  ...disputeRules,
  fund_task: fundTaskRule,
  register_beacon_key: registerBeaconKeyRule,
  ...governanceRules,
  ...auditRules,
  name_engines: nameEnginesRule,
  ...availabilityRules,
};

function run<K extends OperationKind>(
  state: StateWriter,
  context: OperationContext,
  operation: OperationOf<K>,
): Rejection | null {
  const rule: Rules[K] = rules[operation.kind];
  const rejection = rule.check(state, context, operation);
  if (rejection === null) rule.apply(state, context, operation);
  return rejection;
}

/** Applies an operation if its rule allows it; else says why not, and changes nothing. */
export function runOperation(
  state: StateWriter,
  context: OperationContext,
  operation: Operation,
): Rejection | null {
  return run(state, context, operation);
}

/** Static cost of an operation in weight units. */
export function weightOf({ kind }: Operation): bigint {
  return weightOfKind(kind);
}

/** Static cost of the operations of a kind in weight units. */
export function weightOfKind(kind: OperationKind): bigint {
  return rules[kind].weight;
}

/** Whether an operation may use the block space reserved for answers with a deadline, disputes and evidence. */
export function isReserved({ kind }: Operation): boolean {
  return isReservedKind(kind);
}

/** Whether the operations of a kind may use the reserved block space. */
export function isReservedKind(kind: OperationKind): boolean {
  return rules[kind].reserved === true;
}

/** Every code that an operation of a kind can be rejected with. */
export function rejectionsOf(kind: OperationKind): readonly RejectionCode[] {
  return rules[kind].rejects;
}
