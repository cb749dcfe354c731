/**
 * What becomes of a task whose result ends because a chunk was not shown: disputes about it end with it.
 *
 * @module
 */
import type { Hash } from "../primitives/mod.ts";
import { payForAbandonedAudit, voidAuditedResult } from "../audits/mod.ts";
import type { Ends } from "../availability/mod.ts";
import { type BlockContext, invariant, refundTask, slash, type StateWriter, taskOf } from "../state/mod.ts";
import { voidDispute } from "./close.ts";
import { openDisputesOf } from "./concurrency.ts";

/** Ends the disputes of a task: their bonds return. */
function endDisputes(state: StateWriter, context: BlockContext, task: Hash): void {
  for (const dispute of openDisputesOf(state, task)) voidDispute(state, context, dispute, "result_void");
}

/** See {@link Ends}. */
export const endsOfResults: Ends = {
  withheld(state, context, task) {
    const { collateral, provider } = taskOf(state, task);
    invariant(provider !== null, "A chunk is withheld by nobody.");
    endDisputes(state, context, task);
    voidAuditedResult(state, context, task, provider);
    slash(state, context, {
      role: "provider",
      address: provider,
      amount: collateral,
      prover: null,
      proverSharePpm: 0,
    });
  },
  unserved(state, context, task) {
    endDisputes(state, context, task);
    payForAbandonedAudit(state, context, task);
    refundTask(state, context, task);
  },
};
