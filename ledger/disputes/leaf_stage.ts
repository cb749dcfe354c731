/**
 * What follows when a descent has come to one leaf.
 *
 * @module
 */
import { type Hash, locateSegment, type Program } from "../primitives/mod.ts";
import { afterChunk } from "./chunk_stage.ts";
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
    case "leaves":
      return { kind: "open_leaf", of: tree.of, position: index, leaf };
  }
}

/** What is known of the node by the time that its output is descended. */
function openedAt({ dispute, task, state }: Situation<"descend">, { at }: DisputedTensor) {
  const location = locateSegment(task.program, at.within.within.segment);
  const opened = openedNodes.get(state, dispute.id);
  return location === undefined || opened === undefined ? undefined : { ...location, opened };
}

/** What follows from the leaf that a descent has come to. */
export function afterLeaf(
  situation: Situation<"descend">,
  leaf: Leaf,
  told: { readonly event: string; readonly detail: string },
): Extract<Decision, { kind: "advance" | "close" }> {
  const { dispute, stage: { tree }, task: { program }, params, state } = situation;
  if (tree.kind !== "chunks") return { kind: "advance", stage: openingStage(program, tree, leaf), ...told };
  const { at, output } = tree.of, found = openedAt(situation, tree.of);
  if (found === undefined) return { kind: "close", reason: "malformed_program" };
  const { opened, phaseIndex } = found, { index: chunk, leaf: claimed, own } = leaf;
  const unit = { kind: "chunk", output, chunk, claimed, own } as const;
  return afterChunk({ state, dispute, program, phaseIndex, opened, at, unit, params }, told);
}
