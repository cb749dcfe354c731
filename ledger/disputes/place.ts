/**
 * How far a dispute has come: segment, step and node, for people and for the outcome.
 *
 * @module
 */
import { CHUNK_BYTES, locateSegment, type Program } from "../primitives/mod.ts";
import type { DisputedChunk, DisputedNode, DisputeTree, Outcome, Stage, Unit } from "./records.ts";
import { VALUE_BYTES } from "./sums.ts";

/** Each null if the dispute has not come so far. `step` is the position in its phase. */
export type Place = Pick<
  Outcome,
  "segment" | "phase" | "step" | "tree" | "node" | "output" | "chunk" | "element" | "block"
>;

const NOWHERE: Omit<Place, "phase"> = {
  segment: null,
  step: null,
  tree: null,
  node: null,
  output: null,
  chunk: null,
  element: null,
  block: null,
};

function nodePlace({ within, node }: DisputedNode): Omit<Place, "phase"> {
  return { ...NOWHERE, segment: within.within.segment, step: within.step, tree: "nodes", node };
}

function chunkPlace({ of: { at, output }, chunk }: DisputedChunk): Omit<Place, "phase"> {
  return { ...nodePlace(at), output, chunk };
}

/** The place of an element of a node's first output. */
function elementPlace(at: DisputedNode, element: number, block: number | null): Omit<Place, "phase"> {
  const chunk = Math.floor(element * VALUE_BYTES / CHUNK_BYTES);
  return { ...nodePlace(at), output: 0, chunk, element, block };
}

function unitPlace(at: DisputedNode, unit: Unit): Omit<Place, "phase"> {
  switch (unit.kind) {
    case "node":
      return nodePlace(at);
    case "chunk":
      return { ...nodePlace(at), output: unit.output, chunk: unit.chunk };
    case "block":
      return elementPlace(at, unit.element, unit.block);
    case "combination":
      return elementPlace(at, unit.element, null);
  }
}

function treePlace(tree: DisputeTree): Omit<Place, "phase"> {
  switch (tree.kind) {
    case "run":
      return NOWHERE;
    case "steps":
      return { ...NOWHERE, segment: tree.of.segment };
    case "nodes":
    case "outputs":
      return { ...NOWHERE, segment: tree.of.within.segment, step: tree.of.step, tree: tree.kind };
    case "chunks":
      return { ...nodePlace(tree.of.at), output: tree.of.output };
    case "leaves":
      return chunkPlace(tree.of);
  }
}

function rawPlace(stage: Stage): Omit<Place, "phase"> {
  switch (stage.kind) {
    case "descend":
      return treePlace(stage.tree);
    case "bind_segment":
      return { ...NOWHERE, segment: stage.segment };
    case "bind_step":
      return { ...NOWHERE, segment: stage.within.segment, step: stage.step };
    case "choose_tree":
      return { ...NOWHERE, segment: stage.of.within.segment, step: stage.of.step };
    case "open_output": {
      const { of, output } = stage;
      return { ...NOWHERE, segment: of.within.segment, step: of.step, tree: "outputs", node: output };
    }
    case "wait":
    case "closed":
      return NOWHERE;
    case "open_tensor":
      return { ...nodePlace(stage.at), output: stage.output };
    case "open_leaf":
    case "choose_element":
      return chunkPlace(stage.of);
    case "open_sum":
    case "choose_part":
      return elementPlace(stage.of.at, stage.of.element, null);
    default:
      return "unit" in stage ? unitPlace(stage.at, stage.unit) : nodePlace(stage.at);
  }
}

/** The place that a stage has come to. */
export function placeOf(stage: Stage, program: Program): Place {
  const place = rawPlace(stage);
  const location = place.segment === null ? undefined : locateSegment(program, place.segment);
  return { ...place, phase: location?.phaseIndex ?? null };
}
