/**
 * Every operation that a transaction can carry, by the name that is its `kind`. The order is the wire format: new operations go at
 * the end. Their rules are in `operation_rules.ts`.
 *
 * @module
 */
import {
  AppealCommit,
  AppealReveal,
  AppealVerdict,
  ArbiterCommit,
  ArbiterReveal,
  DeclareIncident,
  DisputeBindSegment,
  DisputeBindStep,
  DisputeChoose,
  DisputeChooseElement,
  DisputeChooseOutput,
  DisputeChoosePart,
  DisputeChooseTree,
  DisputeNameNode,
  DisputeOpenInputs,
  DisputeOpenLeaf,
  DisputeOpenNode,
  DisputeOpenOutput,
  DisputeOpenSum,
  DisputeOpenTensor,
  DisputeSplit,
  OpenDispute,
} from "../disputes/mod.ts";
import { AuditCommit, AuditOpenInputs, AuditOpenOutputs, AuditReveal, SubmitResult } from "../audits/mod.ts";
import { AnswerChunk, CertifyResult, DemandChunk } from "../availability/mod.ts";
import { Propose, VoteOnProposal } from "../governance/mod.ts";
import { type Infer, union } from "../primitives/mod.ts";
import {
  AcceptTask,
  CancelTask,
  DeclineTask,
  FundTask,
  Heartbeat,
  NameEngines,
  PostTask,
  PublishOffer,
  RegisterBeaconKey,
  ReportEquivocation,
  StakeTokens,
  Transfer,
  UnstakeTokens,
  WithdrawOffer,
} from "../ops/mod.ts";

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
  open_dispute: OpenDispute,
  dispute_split: DisputeSplit,
  dispute_choose: DisputeChoose,
  dispute_bind_segment: DisputeBindSegment,
  dispute_bind_step: DisputeBindStep,
  dispute_choose_tree: DisputeChooseTree,
  dispute_open_node: DisputeOpenNode,
  dispute_open_inputs: DisputeOpenInputs,
  dispute_open_output: DisputeOpenOutput,
  arbiter_commit: ArbiterCommit,
  arbiter_reveal: ArbiterReveal,
  fund_task: FundTask,
  register_beacon_key: RegisterBeaconKey,
  propose: Propose,
  vote_on_proposal: VoteOnProposal,
  appeal_verdict: AppealVerdict,
  appeal_commit: AppealCommit,
  appeal_reveal: AppealReveal,
  dispute_choose_output: DisputeChooseOutput,
  dispute_open_tensor: DisputeOpenTensor,
  declare_incident: DeclareIncident,
  audit_open_inputs: AuditOpenInputs,
  audit_commit: AuditCommit,
  audit_open_outputs: AuditOpenOutputs,
  audit_reveal: AuditReveal,
  name_engines: NameEngines,
  certify_result: CertifyResult,
  demand_chunk: DemandChunk,
  answer_chunk: AnswerChunk,
  dispute_open_leaf: DisputeOpenLeaf,
  dispute_choose_element: DisputeChooseElement,
  dispute_open_sum: DisputeOpenSum,
  dispute_choose_part: DisputeChoosePart,
  dispute_name_node: DisputeNameNode,
};

/** What a transaction does: the fields of one operation, and its name as `kind`. */
export const Operation = union("Operation", operationSchemas);
/** See {@link Operation}. */
export type Operation = Infer<typeof Operation>;

/** Name of an operation. */
export type OperationKind = keyof typeof operationSchemas;

/** Every kind of operation, in the order of their numbers. */
export const OPERATION_KINDS: readonly OperationKind[] = namesOf(operationSchemas);

function namesOf<K extends string>(table: Readonly<Record<K, unknown>>): readonly K[] {
  const isName = (name: string): name is K => Object.hasOwn(table, name);
  return Object.keys(table).filter(isName);
}
