/**
 * What follows when a descent has come to one leaf.
 *
 * @module
 */
import { type Hash, locateSegment, type Program } from "../primitives/mod.ts";
import { judgeUnit } from "./judge_unit.ts";
import type { Decision, Situation } from "./move.ts";
import { type DisputedTensor, type DisputeTree, openedNodes, type Stage } from "./records.ts";

/** A leaf: its position, its hash in the provider's tree and, if it was asked, in the challenger's. */
interface Leaf {
  readonly index: number;
  readonly leaf: Hash;
  readonly own: Hash | null;
}

/** The stage in which the provider must open a leaf. */
function openingStage(
  program: Program,
  tree: Exclude<DisputeTree, { kind: "chunks" }>,
  { index, leaf, own }: Leaf,
): Stage {
  switch (tree.kind) {
    case "run":
      return { kind: "bind_segment", segment: index, leaf };
    case "steps": {
      const { kind: _, of: within } = tree;
      const firstStep = locateSegment(program, within.segment)?.firstStep ?? 0;
      return { kind: "bind_step", within, step: firstStep + index, leaf };
    }
    case "nodes":
      return { kind: "open_node", at: { within: tree.of, node: index }, leaf, own };
    case "outputs":
      return { kind: "open_output", of: tree.of, output: index, leaf };
  }
}

/** A chunk has nothing below it that must be opened: it is judged. */
function afterChunk(
  { dispute, task, state }: Situation<"descend">,
  { at, output }: DisputedTensor,
  { index: chunk, leaf: claimed, own }: Leaf,
  told: { readonly event: string; readonly detail: string },
): ReturnType<typeof judgeUnit> {
  const location = locateSegment(task.program, at.within.within.segment);
  const opened = openedNodes.get(state, dispute.id);
  if (location === undefined || opened === undefined) return { kind: "close", reason: "malformed_program" };
  const unit = { kind: "chunk", output, chunk, claimed, own } as const;
  const { phaseIndex } = location, { leaf } = opened;
  return judgeUnit({ state, dispute, program: task.program, phaseIndex, leaf, at, unit }, told);
}

/** What follows from the leaf that a descent has come to. */
export function afterLeaf(
  situation: Situation<"descend">,
  leaf: Leaf,
  told: { readonly event: string; readonly detail: string },
): Extract<Decision, { kind: "advance" | "close" }> {
  const { stage: { tree }, task: { program } } = situation;
  if (tree.kind === "chunks") return afterChunk(situation, tree.of, leaf, told);
  return { kind: "advance", stage: openingStage(program, tree, leaf), ...told };
}
