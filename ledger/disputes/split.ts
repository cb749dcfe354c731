/**
 * The provider opens the disputed subtree into the tops below it. A split that does not make up the agreed top is rejected, not judged:
 * who cannot split what it committed to is silent, and loses by that.
 *
 * @module
 */
import { splitRange } from "../primitives/mod.ts";
import { isSplitOf } from "./descent.ts";
import { afterLeaf } from "./leaf_stage.ts";
import { moveRule, refuse } from "./move.ts";
import type { DisputeSplit } from "./moves.ts";

/** The rule of {@link DisputeSplit}. */
export const disputeSplitRule = moveRule<"descend", DisputeSplit>({
  stage: "descend",
  by: "provider",
  weight: 2n,
  rejects: ["not_your_turn", "wrong_split"],
  decide(situation, { tops }) {
    const { stage } = situation;
    if (stage.tops.length > 0) {
      return refuse("not_your_turn", "The tops are posted; now the challenger chooses among them.");
    }
    if (!isSplitOf(stage, tops)) {
      return refuse(
        "wrong_split",
        `The tops do not make up the disputed top of leaves ${stage.from} to ${stage.to} of ${stage.count}. ` +
          `Post the ${splitRange(stage).length} tops of splitRange, computed from the committed tree.`,
      );
    }
    const event = "dispute_split";
    const detail = `${stage.tree.kind} ${stage.from}..${stage.to} into ${tops.length}`;
    const [only] = tops;
    // A tree of one leaf leaves nothing to choose.
    if (stage.to - stage.from === 1 && only !== undefined) {
      return afterLeaf(situation, { index: stage.from, leaf: only, own: null }, { event, detail });
    }
    return { kind: "advance", stage: { ...stage, tops }, event, detail };
  },
});
