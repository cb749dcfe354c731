/**
 * The challenger names the output of the opened node that differs from its own.
 *
 * @module
 */
import { moveRule, refuse } from "./move.ts";
import type { DisputeChooseOutput } from "./moves.ts";
import { openedNodes } from "./records.ts";

/** The rule of {@link DisputeChooseOutput}. */
export const disputeChooseOutputRule = moveRule<"choose_output", DisputeChooseOutput>({
  stage: "choose_output",
  by: "challenger",
  weight: 1n,
  rejects: ["no_such_output"],
  decide({ dispute, stage: { at }, state }, { output, own }) {
    const count = openedNodes.get(state, dispute.id)?.descriptor.outputs.length ?? 0;
    if (output >= count) {
      return refuse("no_such_output", `Choose an output in [0, ${count}): got ${output}.`);
    }
    return {
      kind: "advance",
      stage: { kind: "open_tensor", at, output, own },
      round: true,
      event: "dispute_chosen",
      detail: `output ${output} of node ${at.node}`,
    };
  },
});
