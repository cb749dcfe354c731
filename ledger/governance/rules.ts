/**
 * The operations of governance by the name that is their `kind`: their rules.
 *
 * @module
 */
import { proposeRule } from "./propose.ts";
import { voteOnProposalRule } from "./vote.ts";

/** Rules by kind. */
export const governanceRules = {
  propose: proposeRule,
  vote_on_proposal: voteOnProposalRule,
};
