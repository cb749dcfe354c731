/**
 * The challenger names the first value of the posted leaf that differs, and what it has there itself.
 *
 * @module
 */
import { moveRule, refuse } from "./move.ts";
import type { DisputeChooseElement } from "./moves.ts";

/** The rule of {@link DisputeChooseElement}. */
export const disputeChooseElementRule = moveRule<"choose_element", DisputeChooseElement>({
  stage: "choose_element",
  by: "challenger",
  weight: 1n,
  rejects: ["no_such_element", "same_top"],
  decide({ stage: { of: { of: { at } }, first, values } }, { index, own }) {
    const claimed = values[index];
    if (claimed === undefined) {
      return refuse("no_such_element", `Choose a position in [0, ${values.length}): got ${index}.`);
    }
    if (claimed === own) {
      return refuse("same_top", `Value ${index} is what you say that you have. Choose one that differs.`);
    }
    const element = first + index;
    return {
      kind: "advance",
      stage: { kind: "open_sum", of: { at, element, part: { kind: "element" }, claimed, own } },
      round: true,
      event: "dispute_chosen",
      detail: `element ${element} of node ${at.node}`,
    };
  },
});
