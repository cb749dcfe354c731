/**
 * The challenger says what of the step it disputes: a node, or that the output root follows from nodes it agrees with.
 *
 * @module
 */
import { locateSegment } from "../primitives/mod.ts";
import { startDescent } from "./descent.ts";
import { moveRule, refuse } from "./move.ts";
import type { DisputeChooseTree } from "./moves.ts";

/** The rule of {@link DisputeChooseTree}. */
export const disputeChooseTreeRule = moveRule<"choose_tree", DisputeChooseTree>({
  stage: "choose_tree",
  by: "challenger",
  weight: 1n,
  rejects: ["empty_tree"],
  decide({ stage: { of }, task: { program } }, { tree }) {
    const phase = locateSegment(program, of.within.segment)?.phase;
    const count = (tree === "nodes" ? phase?.nodes : phase?.outputs) ?? 0;
    if (count === 0) {
      return refuse(
        "empty_tree",
        `The program has no ${tree} in this phase, so none can differ. Choose the other tree.`,
      );
    }
    return {
      kind: "advance",
      stage: startDescent({ kind: tree, of }, tree === "nodes" ? of.traceRoot : of.root, count),
      round: true,
      event: "dispute_chosen",
      detail: `${tree} of step ${of.step}`,
    };
  },
});
