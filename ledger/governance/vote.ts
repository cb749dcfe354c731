/**
 * A validator votes on a proposal, once.
 *
 * @module
 */
import { bool, bytes32, equalBytes, type Infer, record } from "../primitives/mod.ts";
import { type OperationRule, reject } from "../ops/mod.ts";
import { stakeOf } from "../state/mod.ts";
import { ballots, electorates, proposals } from "./records.ts";

/** See the module. */
export const VoteOnProposal = record("VoteOnProposal", { proposal: bytes32, approve: bool });
/** See {@link VoteOnProposal}. */
export type VoteOnProposal = Infer<typeof VoteOnProposal>;

/** The rule of {@link VoteOnProposal}. */
export const voteOnProposalRule: OperationRule<VoteOnProposal> = {
  weight: 2n,
  rejects: ["unknown_proposal", "voting_over", "no_voting_stake", "already_voted"],
  check(state, { sender }, { proposal: id }) {
    const proposal = proposals.get(state, id);
    if (proposal === undefined) {
      return reject("unknown_proposal", "There is no proposal with this id. Check the id and the network.");
    }
    if (proposal.status !== "voting") {
      return reject(
        "voting_over",
        `The voting ended at height ${proposal.votingEnds}: it is ${proposal.status}.`,
      );
    }
    const elector = electorates.get(state, id)?.find(({ address }) => equalBytes(address, sender));
    if (elector === undefined || stakeOf(state, "validator", sender).amount === 0n) {
      return reject(
        "no_voting_stake",
        `Those vote who were validators at height ${proposal.proposedAt} and still have stake.`,
      );
    }
    const known = ballots.get(state, id)?.some(({ voter }) => equalBytes(voter, sender));
    return known === true ? reject("already_voted", "A vote is not changed once it is cast.") : null;
  },
  apply(state, context, { proposal, approve }) {
    const voter = context.sender;
    ballots.put(state, proposal, [...ballots.get(state, proposal) ?? [], { voter, approve }]);
    context.emit({ kind: "proposal_voted", account: voter, detail: approve ? "for" : "against" });
  },
};
