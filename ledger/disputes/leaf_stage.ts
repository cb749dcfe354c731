/**
 * What follows when a descent has come to one leaf.
 *
 * @module
 */
import { type Hash, locateSegment, type Program } from "../primitives/mod.ts";
import type { DisputeTree, Stage } from "./records.ts";

/** The stage in which the provider must open leaf `index` of a tree, whose hash is `leaf`. */
export function leafStage(program: Program, tree: DisputeTree, index: number, leaf: Hash): Stage {
  switch (tree.kind) {
    case "run":
      return { kind: "bind_segment", segment: index, leaf };
    case "steps": {
      const { kind: _, of: within } = tree;
      const firstStep = locateSegment(program, within.segment)?.firstStep ?? 0;
      return { kind: "bind_step", within, step: firstStep + index, leaf };
    }
    case "nodes":
      return { kind: "open_node", at: { within: tree.of, node: index }, leaf };
    case "outputs":
      return { kind: "open_output", of: tree.of, output: index, leaf };
  }
}
