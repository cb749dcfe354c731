/**
 * The challenger names the leftmost of the posted tops that differs from its own: both agree on everything before it.
 *
 * @module
 */
import { descendInto, partAt } from "./descent.ts";
import { leafStage } from "./leaf_stage.ts";
import { moveRule, refuse } from "./move.ts";
import type { DisputeChoose } from "./moves.ts";

/** The rule of {@link DisputeChoose}. */
export const disputeChooseRule = moveRule<"descend", DisputeChoose>({
  stage: "descend",
  by: "challenger",
  weight: 1n,
  rejects: ["not_your_turn", "no_such_top"],
  decide({ stage, task }, { index }) {
    if (stage.tops.length === 0) {
      return refuse(
        "not_your_turn",
        "There is nothing to choose yet: the provider must post the tops first.",
      );
    }
    const part = partAt(stage, index);
    if (part === undefined) {
      return refuse("no_such_top", `Choose a position in [0, ${stage.tops.length}): got ${index}.`);
    }
    const { range, top } = part;
    return {
      kind: "advance",
      stage: range.to - range.from === 1
        ? leafStage(task.program, stage.tree, range.from, top)
        : descendInto(stage, part),
      round: true,
      event: "dispute_chosen",
      detail: `${stage.tree.kind} ${range.from}..${range.to} of ${stage.count}`,
    };
  },
});
