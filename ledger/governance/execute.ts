/**
 * Carrying out what was decided, in the first block of an epoch, before anything else in it: so every block of an epoch has the same
 * parameters.
 *
 * @module
 */
import { type LedgerEvent, paramsInForce, type StateWriter } from "../state/mod.ts";
import { changedParams } from "./changed_params.ts";
import { paramsFault } from "./param_bounds.ts";
import { activeProposals, endProposal, proposals } from "./records.ts";

/**
 * Carries out the proposals whose time has come. Called in the first block of an epoch.
 *
 * @param height The block being executed.
 */
export function executeProposals(
  state: StateWriter,
  height: bigint,
  emit: (event: LedgerEvent) => void,
): void {
  for (const id of activeProposals(state)) {
    const proposal = proposals.get(state, id);
    if (proposal === undefined || proposal.status !== "passed" || proposal.executesAt > height) continue;
    const { change, proposer: account, title: detail } = proposal;
    const params = change.kind === "params" ? changedParams(paramsInForce.get(state), change) : undefined;
    if (params !== undefined && paramsFault(params) !== null) {
      // It was sound when it was made: another may have been executed since, or a later version may have tightened bounds.
      endProposal(state, { ...proposal, status: "void" });
      emit({ kind: "proposal_void", account, detail });
      continue;
    }
    if (params !== undefined) paramsInForce.put(state, params);
    endProposal(state, { ...proposal, status: "executed" });
    emit({ kind: "proposal_executed", account, detail });
  }
}
