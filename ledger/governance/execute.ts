/**
 * Carrying out what was decided, in the first block of an epoch, before anything else in it: so every block of an epoch has the same
 * parameters.
 *
 * @module
 */
import { type LedgerEvent, type Params, paramsInForce, type StateWriter } from "../state/mod.ts";
import { paramsFault } from "./param_bounds.ts";
import { activeProposals, type Change, endProposal, proposals } from "./records.ts";

type ParamChanges = Extract<Change, { kind: "params" }>;

function changed(params: Params, { values }: ParamChanges): Params {
  const entries = values.map(({ name, value }) =>
    [name, typeof params[name] === "bigint" ? value : Number(value)] as const
  );
  return { ...params, ...Object.fromEntries(entries) };
}

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
    const params = change.kind === "params" ? changed(paramsInForce.get(state), change) : undefined;
    if (params !== undefined && paramsFault(params) !== null) {
      // Each value was within its bounds; this guards bounds that a later version tightens.
      endProposal(state, { ...proposal, status: "void" });
      emit({ kind: "proposal_void", account, detail });
      continue;
    }
    if (params !== undefined) paramsInForce.put(state, params);
    endProposal(state, { ...proposal, status: "executed" });
    emit({ kind: "proposal_executed", account, detail });
  }
}
