/**
 * Governance: how those who secure the chain change its parameters and plan its upgrades, without being able to surprise anybody.
 *
 *  1. A validator proposes, with a deposit. Values out of their bounds, and parameters fixed in genesis, are refused at once.
 *  2. The validators of the present epoch vote for two epochs, by the stake they had then and still have at the end.
 *  3. With half of the stake voting and two thirds of that in favour it passes; with too few votes the deposit is burned.
 *  4. It waits longer than unbonding lasts: who disagrees can be gone.
 *  5. It is carried out in the first block of an epoch.
 *
 * An upgrade is a version and a height: programs that do not know the version stop before that height, with everything final.
 *
 * Knows of the primitives, the state, the shape of operations, and the bounds that disputes set. Read `param_bounds.ts`, `records.ts`,
 * `schedule.ts`, `propose.ts`, `vote.ts`, `tally.ts`, `close.ts`, `execute.ts`, then `protocol.ts`.
 *
 * @module
 */
export {
  boundFault,
  MAX_ATTEMPTS,
  PARAM_BOUNDS,
  PARAM_NAMES,
  type ParamBound,
  type ParamName,
  paramsFault,
} from "./param_bounds.ts";
export {
  activeProposals,
  Change,
  MAX_PARAM_CHANGES,
  MAX_PROPOSALS,
  pastProposals,
  Proposal,
  proposals,
  ProposalStatus,
} from "./records.ts";
export { executionHeight, VOTING_EPOCHS, votingEnd } from "./schedule.ts";
export { PROPOSAL_DUE, proposalDeposit, Propose } from "./propose.ts";
export { VoteOnProposal } from "./vote.ts";
export { APPROVAL, QUORUM_PPM, type Tally, tallyVotes } from "./tally.ts";
export { proposalDue } from "./close.ts";
export { executeProposals } from "./execute.ts";
export { governanceRules } from "./rules.ts";
export {
  type PlannedUpgrade,
  plannedUpgrade,
  PROTOCOL_VERSION,
  requireProtocol,
  UpgradeError,
} from "./protocol.ts";
