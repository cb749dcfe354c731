/**
 * How far a dispute has come: segment, step and node, for people and for the outcome.
 *
 * @module
 */
import { locateSegment, type Program } from "../primitives/mod.ts";
import type { DisputedNode, Outcome, Stage } from "./records.ts";

/** Each null if the dispute has not come so far. `step` is the position in its phase. */
export type Place = Pick<Outcome, "segment" | "phase" | "step" | "tree" | "node" | "output" | "chunk">;

function nodePlace({ within, node }: DisputedNode) {
  return { segment: within.within.segment, step: within.step, tree: "nodes", node } as const;
}

function rawPlace(stage: Stage): Omit<Place, "phase"> {
  const nowhere = { segment: null, step: null, tree: null, node: null, output: null, chunk: null };
  switch (stage.kind) {
    case "descend": {
      const { tree } = stage;
      if (tree.kind === "run") return nowhere;
      if (tree.kind === "steps") return { ...nowhere, segment: tree.of.segment };
      if (tree.kind === "chunks") return { ...nodePlace(tree.of.at), output: tree.of.output, chunk: null };
      return { ...nowhere, segment: tree.of.within.segment, step: tree.of.step, tree: tree.kind };
    }
    case "bind_segment":
      return { ...nowhere, segment: stage.segment };
    case "bind_step":
      return { ...nowhere, segment: stage.within.segment, step: stage.step };
    case "choose_tree":
      return { ...nowhere, segment: stage.of.within.segment, step: stage.of.step };
    case "open_output": {
      const { of, output } = stage;
      return { ...nowhere, segment: of.within.segment, step: of.step, tree: "outputs", node: output };
    }
    case "wait":
    case "closed":
      return nowhere;
    case "open_tensor":
      return { ...nodePlace(stage.at), output: stage.output, chunk: null };
    default: {
      const unit = "unit" in stage && stage.unit.kind === "chunk"
        ? stage.unit
        : { output: null, chunk: null };
      return { ...nodePlace(stage.at), output: unit.output, chunk: unit.chunk };
    }
  }
}

/** The place that a stage has come to. */
export function placeOf(stage: Stage, program: Program): Place {
  const place = rawPlace(stage);
  const location = place.segment === null ? undefined : locateSegment(program, place.segment);
  return { ...place, phase: location?.phaseIndex ?? null };
}
