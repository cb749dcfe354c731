/**
 * The provider opens the disputed step: its output root, the state it starts from, and the root of its trace. The trace is bound to the
 * end points by what follows: its nodes' inputs to the input state, the output state's tensors to its nodes' outputs.
 *
 * @module
 */
import { equalBytes, type Hash, leafHash, locateSegment } from "../primitives/mod.ts";
import { moveRule, refuse } from "./move.ts";
import type { DisputeBindStep, ProvenRoot } from "./moves.ts";
import type { DisputedSegment } from "./records.ts";
import { standsAt } from "./wiring.ts";

/** The state that step `local` of a segment of `count` starts from, if it is proven. */
function inputRoot(
  { stepsRoot, input: segmentInput }: DisputedSegment,
  position: { readonly carries: boolean; readonly local: number; readonly count: number },
  input: ProvenRoot | null,
): Hash | undefined {
  const { carries, local, count } = position;
  if (!carries || local === 0) return input === null ? segmentInput : undefined;
  if (input === null) return undefined;
  return standsAt(stepsRoot, leafHash(input.root), local - 1, count, input.proof) ? input.root : undefined;
}

/** The rule of {@link DisputeBindStep}. */
export const disputeBindStepRule = moveRule<"bind_step", DisputeBindStep>({
  stage: "bind_step",
  by: "provider",
  weight: 3n,
  rejects: ["wrong_leaf", "wrong_input"],
  decide({ stage, task: { program } }, move) {
    const { within, step } = stage;
    const location = locateSegment(program, within.segment);
    if (location === undefined) return { kind: "close", reason: "malformed_program" };
    if (!equalBytes(leafHash(move.root), stage.leaf)) {
      return refuse("wrong_leaf", `The root is not the committed output root of step ${step}.`);
    }
    const { firstStep, endStep, phase } = location;
    const position = {
      carries: phase.mode === "carry",
      local: step - firstStep,
      count: endStep - firstStep,
    };
    const input = inputRoot(within, position, move.input);
    if (input === undefined) {
      return refuse(
        "wrong_input",
        `Step ${step} starts from the state after step ${
          step - 1
        }: prove it in the steps tree. Give null for the first step ` +
          "of a segment and in a map phase.",
      );
    }
    return {
      kind: "advance",
      stage: { kind: "choose_tree", of: { within, step, root: move.root, input, traceRoot: move.traceRoot } },
      event: "step_bound",
      detail: `step ${step} of phase ${location.phaseIndex}`,
    };
  },
});
