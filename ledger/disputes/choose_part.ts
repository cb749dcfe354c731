/**
 * The challenger names the leftmost posted sum that differs from its own, or says that all are right and yet do not make the part.
 *
 * @module
 */
import { locateSegment } from "../primitives/mod.ts";
import { judgeUnit } from "./judge_unit.ts";
import { type Decision, moveRule, refuse, type Situation } from "./move.ts";
import type { DisputeChoosePart } from "./moves.ts";
import { openedNodes, type Unit } from "./records.ts";
import { childrenOf, partVerdict, sumOf } from "./sums.ts";

function judged(
  { dispute, stage: { of: { at } }, task: { program }, state }: Situation<"choose_part">,
  unit: Unit,
  told: { readonly event: string; readonly detail: string },
): Decision {
  const location = locateSegment(program, at.within.within.segment);
  const opened = openedNodes.get(state, dispute.id);
  if (location === undefined || opened === undefined) return { kind: "close", reason: "malformed_program" };
  const { phaseIndex } = location, { leaf } = opened;
  const next = judgeUnit({ state, dispute, program, phaseIndex, leaf, at, unit }, told);
  return next.kind === "advance" ? { ...next, round: true } : next;
}

/** The rule of {@link DisputeChoosePart}. */
export const disputeChoosePartRule = moveRule<"choose_part", DisputeChoosePart>({
  stage: "choose_part",
  by: "challenger",
  weight: 1n,
  rejects: ["no_such_top", "same_top"],
  decide(situation, { choice }) {
    const { dispute, stage: { of, sums }, state } = situation;
    const { at, element, part } = of;
    const opened = openedNodes.get(state, dispute.id), sum = opened && sumOf(opened.descriptor);
    if (sum === undefined) return { kind: "close", reason: "malformed_program" };
    const event = "dispute_chosen", what = `of element ${element} of node ${at.node}`;
    if (choice === null) {
      const [claimed, own] = [partVerdict(of.claimed), partVerdict(of.own)];
      const unit = { kind: "combination", element, part, sums, claimed, own } as const;
      return judged(situation, unit, { event, detail: `the combination of ${sums.length} sums ${what}` });
    }
    const child = childrenOf(sum, part)[choice.index], claimed = sums[choice.index];
    if (child === undefined || claimed === undefined) {
      return refuse("no_such_top", `Choose a position in [0, ${sums.length}): got ${choice.index}.`);
    }
    const { own } = choice;
    if (claimed === own) {
      return refuse(
        "same_top",
        `Sum ${choice.index} is what you say that you have. Choose one that differs.`,
      );
    }
    if (child.kind === "block") {
      const { block } = child;
      const unit = {
        kind: "block",
        element,
        block,
        claimed: partVerdict(claimed),
        own: partVerdict(own),
      } as const;
      return judged(situation, unit, { event, detail: `block ${block} ${what}` });
    }
    return {
      kind: "advance",
      stage: { kind: "open_sum", of: { at, element, part: child, claimed, own } },
      round: true,
      event,
      detail: `groups ${child.from}..${child.to} ${what}`,
    };
  },
});
