/**
 * Every operation that a transaction can carry, by the name that is its `kind`. The order is the wire format: new operations go at
 * the end. Their rules are in `operation_rules.ts`.
 *
 * @module
 */
import { type Infer, union } from "../primitives/mod.ts";
import { AcceptTask } from "../ops/accept_task.ts";
import { CancelTask } from "../ops/cancel_task.ts";
import { DeclineTask } from "../ops/decline_task.ts";
import { Heartbeat } from "../ops/heartbeat.ts";
import { PostTask } from "../ops/post_task.ts";
import { PublishOffer } from "../ops/publish_offer.ts";
import { ReportEquivocation } from "../ops/report_equivocation.ts";
import { StakeTokens } from "../ops/stake.ts";
import { SubmitResult } from "../ops/submit_result.ts";
import { Transfer } from "../ops/transfer.ts";
import { UnstakeTokens } from "../ops/unstake.ts";
import { WithdrawOffer } from "../ops/withdraw_offer.ts";

/** Schemas by kind. */
export const operationSchemas = {
  transfer: Transfer,
  stake: StakeTokens,
  unstake: UnstakeTokens,
  publish_offer: PublishOffer,
  withdraw_offer: WithdrawOffer,
  heartbeat: Heartbeat,
  post_task: PostTask,
  cancel_task: CancelTask,
  accept_task: AcceptTask,
  decline_task: DeclineTask,
  submit_result: SubmitResult,
  report_equivocation: ReportEquivocation,
};

/** What a transaction does: the fields of one operation, and its name as `kind`. */
export const Operation = union("Operation", operationSchemas);
/** See {@link Operation}. */
export type Operation = Infer<typeof Operation>;

/** Name of an operation. */
export type OperationKind = keyof typeof operationSchemas;
