/**
 * Verdicts: the hash of recomputed outputs, and the commitment that hides it until all arbiters have committed.
 *
 * @module
 */
import {
  type Address,
  bytes32,
  encode,
  type Hash,
  hash,
  list,
  MAX_NODE_ARITY,
  ZERO_HASH,
} from "../primitives/mod.ts";

const OutputRoots = list(bytes32, MAX_NODE_ARITY);

/** The verdict of an arbiter who could not get the inputs within its window. */
export const UNAVAILABLE: Hash = ZERO_HASH;

/** The verdict that a node puts out tensors with these roots, in the order of its outputs. */
export function verdictOf(outputs: readonly Hash[]): Hash {
  return hash("assay/verdict", encode(OutputRoots, outputs));
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
