/**
 * The randomness beacon: each leader contributes its BLS12-381 signature over the view and the previous beacon, and the next
 * beacon is a hash of both. A BLS signature is unique, so a leader cannot choose its contribution; it can only withhold it, at
 * the price of its slot.
 *
 * Keys are points of G1 (48 bytes), signatures points of G2 (96 bytes), hashed to the curve as in RFC 9380
 * (https://www.rfc-editor.org/rfc/rfc9380). A key counts only with a proof that its owner knows the secret, else a rogue key
 * could be derived from somebody else's.
 *
 * @module
 */
import { bls12_381 } from "@noble/curves/bls12-381.js";
import { type Address } from "./keys.ts";
import { CodedError } from "./errors.ts";
import { type Hash, hash } from "./hash.ts";

/** Length of a beacon public key in bytes. */
export const BEACON_KEY_BYTES = 48;

/** Length of a beacon signature in bytes. */
export const BEACON_SIGNATURE_BYTES = 96;

/** What can be wrong with a beacon key. */
export class BeaconError extends CodedError<"bad_secret"> {}

/** What one view's contribution signs. */
export interface BeaconInput {
  readonly chainId: Hash;
  readonly epoch: bigint;
  readonly view: bigint;
  /** The beacon before the block. */
  readonly previous: Hash;
}

/** A beacon key pair. The secret never leaves the implementation. */
export interface BeaconSigner {
  /** 48 bytes. */
  readonly publicKey: Uint8Array;
  /** The unique 96-byte contribution to one view. */
  contribute(input: BeaconInput): Uint8Array;
  /** 96 bytes that show knowledge of the secret to those who register `publicKey` for `owner`. */
  provePossession(owner: Address): Uint8Array;
}

/** Domain separation on the curve; both uses also hash under a tag of their own first. */
const CURVE_DOMAIN = "ASSAY-BEACON-BLS12381G2_XMD:SHA-256_SSWU_RO";

const scheme = bls12_381.longSignatures;

function contributionMessage({ chainId, epoch, view, previous }: BeaconInput): Uint8Array {
  const numbers = new Uint8Array(16);
  const writer = new DataView(numbers.buffer);
  writer.setBigUint64(0, epoch);
  writer.setBigUint64(8, view);
  return hash("assay/beacon/contribution", chainId, numbers, previous);
}

function possessionMessage(publicKey: Uint8Array, owner: Address): Uint8Array {
  return hash("assay/beacon/possession", publicKey, owner);
}

function verifies(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean {
  if (signature.length !== BEACON_SIGNATURE_BYTES || publicKey.length !== BEACON_KEY_BYTES) return false;
  try {
    return scheme.verify(signature, scheme.hash(message, CURVE_DOMAIN), publicKey);
  } catch {
    return false; // noble throws for points off the curve or outside the prime-order subgroup
  }
}

/**
 * The beacon signer of a 32-byte seed, hashed to a scalar.
 *
 * @throws {BeaconError} `bad_secret` if the seed has another length.
 */
export function beaconSignerFromSeed(seed: Uint8Array): BeaconSigner {
  if (seed.length !== 32) {
    throw new BeaconError(
      "bad_secret",
      `A beacon seed has 32 bytes: got ${seed.length}. Use 32 random bytes.`,
      {
        length: seed.length,
      },
    );
  }
  // 48 bytes reduced modulo the 255-bit group order: the bias is below 2^-128 (RFC 9380 section 5).
  const wide = new Uint8Array(48);
  wide.set(hash("assay/beacon/secret/0", seed), 0);
  wide.set(hash("assay/beacon/secret/1", seed).subarray(0, 16), 32);
  const secret = bls12_381.utils.randomSecretKey(wide);
  const publicKey = scheme.getPublicKey(secret).toBytes();
  const sign = (message: Uint8Array) => scheme.sign(scheme.hash(message, CURVE_DOMAIN), secret).toBytes();
  return {
    publicKey,
    contribute: (input) => sign(contributionMessage(input)),
    provePossession: (owner) => sign(possessionMessage(publicKey, owner)),
  };
}

/** Whether `signature` is the contribution of `publicKey` to a view. Never throws. About 25 ms. */
export function verifyContribution(
  signature: Uint8Array,
  input: BeaconInput,
  publicKey: Uint8Array,
): boolean {
  return verifies(signature, contributionMessage(input), publicKey);
}

/** Whether `proof` shows that `owner` knows the secret of `publicKey`. Never throws. */
export function verifyPossession(proof: Uint8Array, publicKey: Uint8Array, owner: Address): boolean {
  return verifies(proof, possessionMessage(publicKey, owner), publicKey);
}

/** The beacon after a block: `H(previous, contribution)`. An empty contribution is that of a leader without a beacon key. */
export function nextBeacon(previous: Hash, contribution: Uint8Array): Hash {
  return hash("assay/beacon", previous, contribution);
}
