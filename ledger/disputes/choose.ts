/**
 * The challenger names the leftmost of the posted tops that differs from its own: both agree on everything before it.
 *
 * @module
 */
import { descendInto, partAt } from "./descent.ts";
import { equalBytes } from "../primitives/mod.ts";
import { afterLeaf } from "./leaf_stage.ts";
import { moveRule, refuse } from "./move.ts";
import type { DisputeChoose } from "./moves.ts";

/** The rule of {@link DisputeChoose}. */
export const disputeChooseRule = moveRule<"descend", DisputeChoose>({
  stage: "descend",
  by: "challenger",
  weight: 1n,
  rejects: ["not_your_turn", "no_such_top", "same_top"],
  decide(situation, { index, own }) {
    const { stage } = situation;
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
    if (equalBytes(own, top)) {
      return refuse("same_top", `Part ${index} is what you say that you have. Choose one that differs.`);
    }
    const told = {
      event: "dispute_chosen",
      detail: `${stage.tree.kind} ${range.from}..${range.to} of ${stage.count}`,
    };
    if (range.to - range.from > 1) {
      return { kind: "advance", stage: descendInto(stage, part), round: true, ...told };
    }
    const next = afterLeaf(situation, { index: range.from, leaf: top, own }, told);
    return next.kind === "advance" ? { ...next, round: true } : next;
  },
});
