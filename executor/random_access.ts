/**
 * Computing parts of a node's output alone: what an engine of random access offers to those who judge a dispute.
 *
 * @module
 */
import type { TensorInfo } from "../ledger/primitives/mod.ts";
import type { GraphNode } from "./graph.ts";
import type { Tensor } from "./tensor.ts";

/** A tensor of which some chunks are at hand, by their position. */
export interface PartialTensor extends TensorInfo {
  readonly chunks: ReadonlyMap<number, Uint8Array>;
}

/** Elements `start` (inclusive) to `end` (exclusive) of one output of a node, by the types around it. */
export interface PartOfNode {
  readonly node: GraphNode;
  readonly opset: number;
  /** `undefined` where an optional input is absent. */
  readonly inputs: readonly (TensorInfo | undefined)[];
  readonly outputs: readonly TensorInfo[];
  readonly output: number;
  readonly start: number;
  readonly end: number;
}

/** Input chunks that a part needs, by input, and what it costs. */
export interface PartNeeds {
  /** Whether these are all; if not, the values of these decide what else is read: get them, and ask again with them. */
  readonly complete: boolean;
  readonly chunks: ReadonlyMap<number, readonly number[]>;
  /** Multiplications with addition, or reads of an element. */
  readonly multiplyAdds: number;
}

/** A part of the sum that an element is: all of it, with what is done to it at the end, or the sum over groups [from, to) of its tree. */
export type SumPlace =
  | { readonly kind: "element" }
  | { readonly kind: "groups"; readonly from: number; readonly to: number };

/** What is computed of an element's sum. */
export type SumWork =
  /** One block, from its terms. */
  | { readonly kind: "block"; readonly block: number }
  /** A part, from all of its terms. */
  | { readonly kind: "part"; readonly place: SumPlace }
  /** A part, from the sums of its children: bits of a binary32 each, left to right. */
  | { readonly kind: "combination"; readonly place: SumPlace; readonly sums: readonly number[] };

/** See the module. */
export interface RandomAccess {
  /**
   * Which input chunks a part needs, from shapes and from the inputs whose values are known.
   *
   * @throws {ExecutorError} `unsupported_operator`, `bad_request`, `missing_chunk`.
   */
  needs(part: PartOfNode, known: ReadonlyMap<number, Tensor | PartialTensor>): PartNeeds;
  /**
   * The elements, as a vector with the bits of the whole.
   *
   * @throws {ExecutorError} `missing_chunk`, `unsupported_operator`, `bad_tensor`, `bad_request`.
   */
  compute(part: PartOfNode, inputs: readonly (Tensor | PartialTensor | undefined)[]): Promise<Tensor>;
  /**
   * Which input chunks a work on the element at `start` takes.
   *
   * @throws {ExecutorError} `bad_request` for a node whose elements are not one sum each; `missing_chunk`.
   */
  sumNeeds(part: PartOfNode, work: SumWork, known: ReadonlyMap<number, Tensor | PartialTensor>): PartNeeds;
  /**
   * What works on the element at `start` give: bits of a binary32 each.
   *
   * @throws {ExecutorError} as {@link RandomAccess.sumNeeds}.
   */
  computeSums(
    part: PartOfNode,
    works: readonly SumWork[],
    inputs: readonly (Tensor | PartialTensor | undefined)[],
  ): readonly number[];
}
