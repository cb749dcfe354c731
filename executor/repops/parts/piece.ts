/**
 * Pieces: what computes a part of an output is a node of its own, on parts of the inputs.
 *
 * @module
 */
import type { TensorInfo } from "../../../ledger/primitives/mod.ts";
import type { GraphNode } from "../../graph.ts";
import type { Tensor } from "../../tensor.ts";

/** Elements `from` up to `from + length` of a tensor, row-major. */
export type Run = readonly [from: number, length: number];

/** Part of an input, as a tensor of its own. */
export interface Slab {
  /** Which input of the node. */
  readonly input: number;
  readonly shape: readonly number[];
  /** Where its elements stand in the input, in order. */
  runs(): Iterable<Run>;
}

/** Some elements of an output, and the node that computes them. */
export interface Piece {
  /** What to run; `undefined` if all elements are 0. */
  readonly node: Pick<GraphNode, "operator" | "domain" | "attributes"> | undefined;
  /** By position; a tensor where the values are known, `undefined` where an optional input is absent. */
  readonly inputs: readonly (Slab | Tensor | undefined)[];
  readonly output: TensorInfo;
  /** Which elements of what the node puts out are wanted: `count` from `from` on. */
  readonly from: number;
  readonly count: number;
}

/** Whether part of an input is meant, not values at hand. */
export function isSlab(input: Slab | Tensor): input is Slab {
  return "runs" in input;
}
