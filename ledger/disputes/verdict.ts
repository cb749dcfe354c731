/**
 * Verdicts: what was recomputed, as a hash, and the commitment that hides it until all arbiters have committed.
 *
 * @module
 */
import {
  type Address,
  chunkRoot,
  encode,
  type Hash,
  hash,
  leafHash,
  TraceLeaf,
  ZERO_HASH,
} from "../primitives/mod.ts";

/** The verdict of an arbiter who could not get the inputs within its window. */
export const UNAVAILABLE: Hash = ZERO_HASH;

/**
 * The verdict about a whole node: the hash of its trace leaf as it should be.
 *
 * @param opened The opened leaf, for the inputs, which both sides agree on.
 * @param outputs Roots of what was recomputed from them, in the order of the node's outputs.
 */
export function nodeVerdict({ node, inputs }: TraceLeaf, outputs: readonly Hash[]): Hash {
  return leafHash(encode(TraceLeaf, { node, inputs, outputs }));
}

/** The verdict about one chunk of an output: the root of its recomputed bytes. */
export function chunkVerdict(chunk: Uint8Array): Hash {
  return chunkRoot(chunk);
}

/**
 * What an arbiter commits to. It names the arbiter, so that a copied commitment cannot be revealed by another.
 *
 * @param salt 32 random bytes, kept secret until the reveal: verdicts can be guessed.
 */
export function arbiterCommitment(
  { dispute, arbiter, salt, verdict }: {
    readonly dispute: Hash;
    readonly arbiter: Address;
    readonly salt: Uint8Array;
    readonly verdict: Hash;
  },
): Hash {
  return hash("assay/arbiter", dispute, arbiter, salt, verdict);
}

/** What a validator commits to that judges an appeal. Another domain than an arbiter's, as one account may be both. */
export function appealCommitment(
  { dispute, validator, salt, verdict }: {
    readonly dispute: Hash;
    readonly validator: Address;
    readonly salt: Uint8Array;
    readonly verdict: Hash;
  },
): Hash {
  return hash("assay/appeal", dispute, validator, salt, verdict);
}
