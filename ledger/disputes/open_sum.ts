/**
 * The provider posts what the children of the disputed part sum up to. Whether they make the part is for the challenger to say: the ledger adds
 * nothing up.
 *
 * @module
 */
import { moveRule, refuse } from "./move.ts";
import type { DisputeOpenSum } from "./moves.ts";
import { openedNodes } from "./records.ts";
import { childrenOf, sumOf } from "./sums.ts";

/** The rule of {@link DisputeOpenSum}. */
export const disputeOpenSumRule = moveRule<"open_sum", DisputeOpenSum>({
  stage: "open_sum",
  by: "provider",
  weight: 1n,
  rejects: ["wrong_split"],
  decide({ dispute, stage: { of }, state }, { sums }) {
    const opened = openedNodes.get(state, dispute.id), sum = opened && sumOf(opened.descriptor);
    if (sum === undefined) return { kind: "close", reason: "malformed_program" };
    const count = childrenOf(sum, of.part).length;
    if (sums.length !== count) {
      return refuse(
        "wrong_split",
        `The part has ${count} children: post the sum of each, got ${sums.length}.`,
      );
    }
    return {
      kind: "advance",
      stage: { kind: "choose_part", of, sums },
      event: "sum_opened",
      detail: `element ${of.element} of node ${of.at.node} into ${count}`,
    };
  },
});
