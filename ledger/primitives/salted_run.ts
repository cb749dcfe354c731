/**
 * The leaves of a run, salted: so that a run root can be committed to without telling anybody what stands under it.
 *
 * Roots of segments are the same for everybody who computes honestly. If they were the run's leaves, whoever sees a run root could compare
 * it with a guess, and auditors could copy what others found. So each leaf carries a salt of its own, made from one secret *seed*:
 *
 *     saltCommitment = H("assay/salt", seed)                      published with the run root
 *     salt(i)        = H("assay/leaf-salt", seed, u32(i))         opens leaf i alone
 *     leaf(i)        = H("assay/segment", salt(i), u32(i), root)  the hashed leaf of the run's tree
 *
 * One salt opens one leaf and says nothing of the others; the seed opens them all: with it, everybody computes the run root from
 * their own segment roots.
 *
 * @module
 */
import { bytes32, type Infer, record } from "./codec.ts";
import { Proof } from "./commitments.ts";
import { type Hash, hash } from "./hash.ts";
import { proveLeaf, rootOfTop, topOf, verifyLeaf } from "./merkle.ts";

/** Bytes of the secret seed. */
export const SEED_BYTES = 32;

/** A segment's root with what opens its leaf alone: its own salt, and the proof that the leaf is in the run. */
export const SegmentOpening = record("SegmentOpening", { root: bytes32, salt: bytes32, proof: Proof });
/** See {@link SegmentOpening}. */
export type SegmentOpening = Infer<typeof SegmentOpening>;

function position(index: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, index);
  return bytes;
}

/** What is published of a seed before the seed is. */
export function saltCommitment(seed: Uint8Array): Hash {
  return hash("assay/salt", seed);
}

/** The salt of one segment's leaf. */
export function leafSalt(seed: Uint8Array, index: number): Hash {
  return hash("assay/leaf-salt", seed, position(index));
}

/** The hashed leaf of a segment in the run's tree. */
export function segmentLeaf(salt: Uint8Array, index: number, root: Hash): Hash {
  return hash("assay/segment", salt, position(index), root);
}

/** The hashed leaves of a run, in order. */
export function runLeaves(seed: Uint8Array, segmentRoots: readonly Hash[]): readonly Hash[] {
  return segmentRoots.map((root, index) => segmentLeaf(leafSalt(seed, index), index, root));
}

/** The run root over these segments. */
export function saltedRunRoot(seed: Uint8Array, segmentRoots: readonly Hash[]): Hash {
  return rootOfTop(topOf(runLeaves(seed, segmentRoots)), segmentRoots.length);
}

/** Opens segments of a run. Each index is in [0, segmentRoots.length). PERF: hashes the run's tree once for each. */
export function openSegments(
  seed: Uint8Array,
  segmentRoots: readonly Hash[],
  indices: readonly number[],
): readonly SegmentOpening[] {
  const leaves = runLeaves(seed, segmentRoots);
  return indices.map((index) => {
    const proof = proveLeaf(leaves, index);
    const root = segmentRoots[index];
    if (root === undefined) throw new RangeError(`A segment is in [0, ${segmentRoots.length}): got ${index}`);
    return { root, salt: leafSalt(seed, index), proof };
  });
}

/** Opens one segment of a run, see {@link openSegments}. */
export function openSegment(seed: Uint8Array, segmentRoots: readonly Hash[], index: number): SegmentOpening {
  const [opening] = openSegments(seed, segmentRoots, [index]);
  if (opening === undefined) {
    throw new RangeError(`A segment is in [0, ${segmentRoots.length}): got ${index}`);
  }
  return opening;
}

/** Whether an opening shows the root of segment `index` of `count` under a run root. Never throws. */
export function verifySegment(
  runRoot: Hash,
  { root, salt, proof }: SegmentOpening,
  index: number,
  count: number,
): boolean {
  return proof.index === index && proof.count === count &&
    verifyLeaf(runRoot, segmentLeaf(salt, index, root), proof);
}
