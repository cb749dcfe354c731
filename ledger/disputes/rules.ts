/**
 * The operations of disputes by the name that is their `kind`: their rules. Their schemas are in `moves.ts`.
 *
 * @module
 */
import { appealCommitRule, appealRevealRule, appealVerdictRule } from "./appeal.ts";
import { arbiterCommitRule, arbiterRevealRule } from "./arbitrate.ts";
import { disputeBindSegmentRule } from "./bind_segment.ts";
import { disputeBindStepRule } from "./bind_step.ts";
import { disputeChooseRule } from "./choose.ts";
import { disputeChooseElementRule } from "./choose_element.ts";
import { disputeChooseOutputRule } from "./choose_output.ts";
import { disputeChoosePartRule } from "./choose_part.ts";
import { disputeChooseTreeRule } from "./choose_tree.ts";
import { declareIncidentRule } from "./incident.ts";
import { openDisputeRule } from "./open.ts";
import { disputeNameNodeRule } from "./name_node.ts";
import { disputeOpenLeafRule } from "./open_leaf.ts";
import { disputeOpenInputsRule, disputeOpenNodeRule } from "./open_node.ts";
import { disputeOpenOutputRule } from "./open_output.ts";
import { disputeOpenSumRule } from "./open_sum.ts";
import { disputeOpenTensorRule } from "./open_tensor.ts";
import { disputeSplitRule } from "./split.ts";

/** Rules by kind. */
export const disputeRules = {
  open_dispute: openDisputeRule,
  dispute_split: disputeSplitRule,
  dispute_choose: disputeChooseRule,
  dispute_bind_segment: disputeBindSegmentRule,
  dispute_bind_step: disputeBindStepRule,
  dispute_choose_tree: disputeChooseTreeRule,
  dispute_open_node: disputeOpenNodeRule,
  dispute_open_inputs: disputeOpenInputsRule,
  dispute_open_output: disputeOpenOutputRule,
  arbiter_commit: arbiterCommitRule,
  arbiter_reveal: arbiterRevealRule,
  appeal_verdict: appealVerdictRule,
  appeal_commit: appealCommitRule,
  appeal_reveal: appealRevealRule,
  dispute_choose_output: disputeChooseOutputRule,
  dispute_open_tensor: disputeOpenTensorRule,
  declare_incident: declareIncidentRule,
  dispute_open_leaf: disputeOpenLeafRule,
  dispute_choose_element: disputeChooseElementRule,
  dispute_open_sum: disputeOpenSumRule,
  dispute_choose_part: disputeChoosePartRule,
  dispute_name_node: disputeNameNodeRule,
};
