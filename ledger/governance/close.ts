/**
 * The end of a voting: what was decided, and what becomes of the deposit.
 *
 * @module
 */
import { type BlockContext, burn, credit, invariant, type StateWriter } from "../state/mod.ts";
import { plannedUpgrade, planUpgrade } from "./protocol.ts";
import { ballots, type Change, electorates, endProposal, type Proposal, proposals } from "./records.ts";
import { executionHeight } from "./schedule.ts";
import { tallyVotes } from "./tally.ts";

/** Due handler `proposal`: counts the votes of a proposal whose voting has ended. */
export function proposalDue(state: StateWriter, context: BlockContext, id: Uint8Array): void {
  const proposal = proposals.get(state, id);
  if (proposal === undefined || proposal.status !== "voting") return;
  const electorate = electorates.get(state, id), votes = ballots.get(state, id);
  invariant(electorate !== undefined && votes !== undefined, "A proposal has lost its electorate.");
  const { verdict, ...counted } = tallyVotes(state, electorate, votes);
  electorates.delete(state, id);
  ballots.delete(state, id);
  if (verdict === "expired") burn(state, proposal.deposit, "bonds");
  else credit(state, proposal.proposer, proposal.deposit, "bonds");
  if (verdict === "passed") pass(state, context, { ...proposal, ...counted });
  else endProposal(state, { ...proposal, ...counted, status: verdict });
  context.emit({ kind: `proposal_${verdict}`, account: proposal.proposer, detail: proposal.title });
}

function isOvertaken(state: StateWriter, { head }: BlockContext, change: Change): boolean {
  const planned = plannedUpgrade(state);
  return change.kind === "upgrade" && planned !== undefined &&
    (planned.height > head.height || planned.version >= change.version);
}

function pass(state: StateWriter, context: BlockContext, proposal: Proposal): void {
  const { change } = proposal;
  if (isOvertaken(state, context, change)) return endProposal(state, { ...proposal, status: "void" });
  const earliest = executionHeight(context.params, context.head.height);
  if (change.kind === "params") {
    return proposals.put(state, proposal.id, { ...proposal, status: "passed", executesAt: earliest });
  }
  // Heights whose reminders were full fire later than planned: then the upgrade, too, waits for its timelock.
  const height = change.height > earliest ? change.height : earliest;
  planUpgrade(state, { version: change.version, height });
  proposals.put(state, proposal.id, { ...proposal, status: "passed", executesAt: height });
}
