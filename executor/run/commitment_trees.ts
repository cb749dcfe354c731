/**
 * The Merkle trees of a run, as plain data, with what a party to a dispute does to them: publish the root, open a range into
 * the tops below it, prove one leaf.
 *
 * | tree | leaves | published as |
 * | --- | --- | --- |
 * | segments | roots of all segments of the program, in order | run root |
 * | steps | state root after each step of a `carry` segment; root of the outputs of each step of a `map` segment | for `map` the segment's root; for `carry` made on demand |
 * | trace | one {@link TraceLeaf} for each node of a step's graph | on demand |
 * | state | one {@link StateEntry} for each tensor | state root |
 * | nodes, outputs | descriptors of a phase | in the program |
 *
 * @module
 */
import {
  encode,
  type Hash,
  leafHash,
  leafHashes,
  type LeafRange,
  type MerkleProof,
  NodeDescriptor,
  OutputDescriptor,
  proveLeaf,
  rootOfTop,
  splitRange,
  StateEntry,
  topOf,
  TraceLeaf,
} from "../../ledger/primitives/mod.ts";
import { ExecutorError } from "../errors.ts";

/** A Merkle tree over a list: its leaves' bytes, hashed. */
export interface CommitmentTree {
  /** Hashed leaves, in order. */
  readonly leaves: readonly Hash[];
}

/** The tree over segment roots: its root is the run root. */
export function segmentTree(segmentRoots: readonly Hash[]): CommitmentTree {
  return { leaves: leafHashes(segmentRoots) };
}

/** The tree over what each step of a segment commits to. */
export function stepTree(stepRoots: readonly Hash[]): CommitmentTree {
  return { leaves: leafHashes(stepRoots) };
}

/** The tree over what each node of a step did. */
export function traceTree(leaves: readonly TraceLeaf[]): CommitmentTree {
  return { leaves: leaves.map((leaf) => leafHash(encode(TraceLeaf, leaf))) };
}

/** The tree over named tensors: a state, a map step's outputs, or a program's data. */
export function stateTree(entries: readonly StateEntry[]): CommitmentTree {
  return { leaves: entries.map((entry) => leafHash(encode(StateEntry, entry))) };
}

/** The tree over a phase's nodes: its root is `phase.nodesRoot`. */
export function nodeDescriptorTree(nodes: readonly NodeDescriptor[]): CommitmentTree {
  return { leaves: nodes.map((node) => leafHash(encode(NodeDescriptor, node))) };
}

/** The tree over a phase's outputs: its root is `phase.outputsRoot`. */
export function outputDescriptorTree(outputs: readonly OutputDescriptor[]): CommitmentTree {
  return { leaves: outputs.map((output) => leafHash(encode(OutputDescriptor, output))) };
}

/** The published root, which binds the number of leaves. */
export function treeRoot(tree: CommitmentTree): Hash {
  return rootOfTop(topOf(tree.leaves), tree.leaves.length);
}

/** The top over all leaves: the first thing opened below a root. */
export function treeTop(tree: CommitmentTree): Hash {
  return topOf(tree.leaves);
}

/**
 * One round of a bisection: the tops of the subranges that `range` opens into. `range` is one that the descent has reached,
 * that is, the whole tree or one of `splitRange`'s parts. Linear in the length of the range.
 *
 * @throws {ExecutorError} `bad_request` for a range outside the tree.
 */
export function openRange(tree: CommitmentTree, range: LeafRange): readonly Hash[] {
  const { from, to } = range;
  if (!Number.isInteger(from) || !Number.isInteger(to) || from < 0 || from >= to || to > tree.leaves.length) {
    throw new ExecutorError(
      "bad_request",
      `A range of this tree lies within [0, ${tree.leaves.length}) and is not empty: got [${from}, ${to}).`,
    );
  }
  return splitRange(range).map((part) => topOf(tree.leaves.slice(part.from, part.to)));
}

/**
 * Proof that leaf `index` stands in the tree.
 *
 * @throws {ExecutorError} `bad_request` for a position outside the tree.
 */
export function proveTreeLeaf(tree: CommitmentTree, index: number): MerkleProof {
  if (!Number.isInteger(index) || index < 0 || index >= tree.leaves.length) {
    throw new ExecutorError(
      "bad_request",
      `A leaf of this tree lies in [0, ${tree.leaves.length}): got ${index}.`,
    );
  }
  return proveLeaf(tree.leaves, index);
}

/** The first position where two trees of one size differ, or `undefined` if they are equal. What a challenger looks for. */
export function firstDifference(ours: readonly Hash[], theirs: readonly Hash[]): number | undefined {
  const at = ours.findIndex((root, i) => {
    const other = theirs[i];
    return other === undefined || root.some((byte, k) => byte !== other[k]);
  });
  return at < 0 ? undefined : at;
}
