/**
 * One step of a phase as a graph, and the names by which its inputs and outputs are known.
 *
 * | value | name |
 * | --- | --- |
 * | input: tensor X of the state | `state.X` |
 * | input: tensor X of the data | `data.X` |
 * | input: row indices of the batch, int64 [size] | `batch` |
 * | output of a `carry` step: tensor X of the next state; what has no such output passes unchanged | `next.X` |
 * | output X of a `map` step | `output.X` |
 *
 * @module
 */
import type { TypedGraph } from "../graph.ts";

/** Prefixes and names of a step graph's inputs and outputs, see the module. */
export const STEP_NAMES = {
  state: "state.",
  data: "data.",
  batch: "batch",
  next: "next.",
  output: "output.",
} as const;

/** One step. */
export interface StepGraph {
  readonly mode: "carry" | "map";
  readonly graph: TypedGraph;
}
