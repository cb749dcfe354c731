/**
 * Operations: what a transaction can do, one file each: the schema, the predicate that decides from the state alone, and the
 * mutation that then cannot fail. The operations of audits and disputes are in `../audits/` and `../disputes/`.
 *
 * Knows of the primitives and the state. Read `operation.ts`, then any operation.
 *
 * @module
 */
export { type OperationContext, type OperationRule, reject, type Rejection } from "./operation.ts";
export { REJECTION_CODES, type RejectionCode } from "./codes.ts";
export { AcceptTask, acceptTaskRule } from "./accept_task.ts";
export { CancelTask, cancelTaskRule } from "./cancel_task.ts";
export { DeclineTask, declineTaskRule } from "./decline_task.ts";
export { FundTask, fundTaskRule } from "./fund_task.ts";
export { Heartbeat, heartbeatRule } from "./heartbeat.ts";
export { MAX_COMPUTE_BLOCKS, MAX_SAMPLED, MIN_COMPUTE_BLOCKS, PostTask, postTaskRule } from "./post_task.ts";
export { NameEngines, nameEnginesRule } from "./name_engines.ts";
export { MAX_GRAPH_NODES, MAX_SEGMENTS, programFault } from "./program_fault.ts";
export { PublishOffer, publishOfferRule } from "./publish_offer.ts";
export { RegisterBeaconKey, registerBeaconKeyRule } from "./register_beacon_key.ts";
export { ReportEquivocation, reportEquivocationRule } from "./report_equivocation.ts";
export { stakeRule, StakeTokens } from "./stake.ts";
export { taskInStatus } from "./task_in_status.ts";
export { Transfer, transferRule } from "./transfer.ts";
export { unstakeRule, UnstakeTokens } from "./unstake.ts";
export { WithdrawOffer, withdrawOfferRule } from "./withdraw_offer.ts";
