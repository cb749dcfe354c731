/**
 * Merkle trees over lists, after RFC 6962 section 2.1: leaves and inner nodes are hashed under distinct tags, and a tree of
 * n > 1 leaves splits at the largest power of two below n. On top of that the published root binds the leaf count, so that a
 * position in a proof can never mean two things: `root = H("assay/merkle/root", u64(n) || top)`.
 *
 * Besides inclusion proofs there is descent: a subtree's top can be opened into up to 16 tops below it
 * ({@link splitRange}, {@link combineTops}), which is what a bisection does round by round.
 *
 * @module
 */
import { equalBytes } from "./bytes.ts";
import { type Hash, hash, hashEach, ZERO_HASH } from "./hash.ts";

/** A half-open range of leaf positions. */
export interface LeafRange {
  readonly from: number;
  readonly to: number;
}

/** Sibling tops from the leaf up, for one position of a tree of known size. */
export interface MerkleProof {
  readonly index: number;
  readonly count: number;
  readonly siblings: readonly Hash[];
}

/** Hash of a leaf's bytes. */
export function leafHash(leaf: Uint8Array): Hash {
  return hash("assay/merkle/leaf", leaf);
}

/** Hashes of leaves' bytes, in their order. */
export function leafHashes(leaves: readonly Uint8Array[]): Hash[] {
  return hashEach("assay/merkle/leaf", leaves.map((leaf) => [leaf]));
}

function nodeHash(left: Hash, right: Hash): Hash {
  return hash("assay/merkle/node", left, right);
}

/** Binds a tree's top to its leaf count: the root that is published. `count` 0 has top {@link ZERO_HASH}. */
export function rootOfTop(top: Hash, count: number): Hash {
  const size = new Uint8Array(8);
  new DataView(size.buffer).setBigUint64(0, BigInt(count));
  return hash("assay/merkle/root", size, top);
}

/** The largest power of two below `n`, where a range of `n` leaves splits. `n` is at least 2. */
function splitPoint(n: number): number {
  let k = 1;
  while (k * 2 < n) k *= 2;
  return k;
}

/** The top of the subtree over hashed leaves. */
export function topOf(leaves: readonly Hash[]): Hash {
  // Level by level, the last of an odd number moving up as it is: equal to the recursive definition, since all to its left are whole trees.
  let level = leaves;
  while (level.length > 1) {
    const pairs: [Hash, Hash][] = [];
    for (let at = 0; at + 1 < level.length; at += 2) {
      pairs.push([level[at] ?? ZERO_HASH, level[at + 1] ?? ZERO_HASH]);
    }
    level = [...hashEach("assay/merkle/node", pairs), ...level.slice(2 * pairs.length)];
  }
  return level[0] ?? ZERO_HASH;
}

/** The published root of a list of leaves (their bytes). */
export function merkleRoot(leaves: readonly Uint8Array[]): Hash {
  return rootOfTop(topOf(leafHashes(leaves)), leaves.length);
}

/** Proof that the leaf at `index` is in the tree over these hashed leaves. `index` is in [0, leaves.length). */
export function proveLeaf(leaves: readonly Hash[], index: number): MerkleProof {
  if (!Number.isInteger(index) || index < 0 || index >= leaves.length) {
    throw new RangeError(`A leaf position is in [0, ${leaves.length}): got ${index}`);
  }
  const siblings: Hash[] = [];
  let from = 0, to = leaves.length;
  while (to - from > 1) {
    const middle = from + splitPoint(to - from);
    if (index < middle) {
      siblings.push(topOf(leaves.slice(middle, to)));
      to = middle;
    } else {
      siblings.push(topOf(leaves.slice(from, middle)));
      from = middle;
    }
  }
  return { index, count: leaves.length, siblings: siblings.reverse() };
}

/** Whether `leaf` (already hashed) stands at the proof's position under `root`. Never throws. */
export function verifyLeaf(root: Hash, leaf: Hash, proof: MerkleProof): boolean {
  const { index, count, siblings } = proof;
  if (!Number.isInteger(index) || !Number.isInteger(count) || index < 0 || index >= count) return false;
  const wentLeft: boolean[] = [];
  let from = 0, to = count;
  while (to - from > 1) {
    const middle = from + splitPoint(to - from);
    const left = index < middle;
    wentLeft.push(left);
    if (left) to = middle;
    else from = middle;
  }
  if (siblings.length !== wentLeft.length) return false;
  let top = leaf;
  for (const sibling of siblings) top = wentLeft.pop() ? nodeHash(top, sibling) : nodeHash(sibling, top);
  return equalBytes(rootOfTop(top, count), root);
}

/** How many tops one round of a bisection opens at most. Four tree levels: fewer rounds, and a message under 1 KiB. */
export const DESCENT_ARITY = 16;

/**
 * The subranges that a subtree over `range` opens into: `DESCENT_ARITY` at most, following the tree's own splits. A range of
 * one leaf opens into itself.
 */
export function splitRange(range: LeafRange): readonly LeafRange[] {
  let parts: LeafRange[] = [range];
  for (let arity = 1; arity < DESCENT_ARITY; arity *= 2) {
    parts = parts.flatMap(({ from, to }) => {
      if (to - from < 2) return [{ from, to }];
      const middle = from + splitPoint(to - from);
      return [{ from, to: middle }, { from: middle, to }];
    });
  }
  return parts;
}

/** The top over `range` from the tops of `splitRange(range)`; `undefined` if there are too many or too few of them. */
export function combineTops(range: LeafRange, tops: readonly Hash[]): Hash | undefined {
  const parts = splitRange(range);
  if (parts.length !== tops.length) return undefined;
  const known = new Map(parts.map((part, i) => [part.from, { to: part.to, top: tops[i] ?? ZERO_HASH }]));
  const combine = (from: number, to: number): Hash => {
    const part = known.get(from);
    if (part !== undefined && part.to === to) return part.top;
    const middle = from + splitPoint(to - from);
    return nodeHash(combine(from, middle), combine(middle, to));
  };
  return combine(range.from, range.to);
}
