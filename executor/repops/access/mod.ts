/**
 * Random access re-execution (SPEC 9): part of a node's output alone, with the bits of the whole. What arbiters compute.
 *
 * Whoever re-executes holds none of a node's inputs. So it goes in two moves: {@link inputsFor} says, from shapes alone, which chunks
 * of 64 KiB a range of an output needs and what it costs; {@link recomputeRange} computes the range from just those. Where the values of an
 * input decide what else is read, as the indices of a Gather do, its chunks are asked for first.
 *
 * Where even one chunk of an output needs too much, a sum is taken apart ({@link sumStructure}): an element is a tree over groups, a
 * group up to 8 blocks in order, a block 256 terms. Each part is computed alone ({@link recomputeBlock}, {@link recomputeGroup}), parts are
 * put together ({@link combineBlocks}, {@link combineSubtrees}), and {@link finishElement} makes the element of its sum. A dispute asks for these
 * by {@link computeSums}.
 *
 * It knows `numbers/`, `reference/` and `values.ts`. Read `sparse_tensor.ts`, `part.ts`, `inputs_for.ts`, `recompute_range.ts`,
 * `sum_parts.ts`, `sum_tree.ts`, `sum_works.ts`.
 *
 * @module
 */
export { chunkCount, isSparse, operandOf, type SparseTensor, sparseTensor } from "./sparse_tensor.ts";
export {
  type AccessInput,
  callOn,
  type KnownInputs,
  type NodeRange,
  type NodeTypes,
  operandsOf,
  requireRange,
} from "./part.ts";
export { type InputNeeds, inputsFor } from "./inputs_for.ts";
export { recomputeRange, type RecomputeRequest } from "./recompute_range.ts";
export {
  finishElement,
  inputsForFinish,
  inputsForTerms,
  recomputeBlock,
  recomputeGroup,
  type SumParts,
  sumParts,
  type SumRequest,
  type SumStructure,
  sumStructure,
} from "./sum_parts.ts";
export { bitsOfValue, computeSums, inputsForSum } from "./sum_works.ts";
export { combineBlocks, combineSubtrees, type Subtree, subtreesOf } from "./sum_tree.ts";
