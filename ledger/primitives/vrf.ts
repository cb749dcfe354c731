/**
 * A verifiable random function of an account's key: ECVRF-EDWARDS25519-SHA512-TAI of RFC 9381 (https://www.rfc-editor.org/rfc/rfc9381).
 *
 * Of an input there is one output for each key, which nobody knows before the key's owner proves it, not even roughly, and which the owner cannot
 * choose: a draw that is its own, and yet checked by everybody. It is an account's Ed25519 key that proves, so there is nothing to register, and
 * the key stood before whatever the input is drawn from. Unique for keys whose owners made them up badly, too: those of small order prove
 * nothing.
 *
 * The key signs as well. Both make a nonce of the key's secret half: a signature from its message, a proof from the 32-byte point that its
 * input is hashed to. They would share one, and give the key away, only for a message that is that point; and what is signed
 * here is a hash under a tag, or longer. To make one equal the other is to find a collision between two hash functions.
 *
 * @module
 */
import { ed25519 } from "@noble/curves/ed25519.js";
import { sha512 } from "@noble/hashes/sha2.js";
import { concatBytes, equalBytes } from "./bytes.ts";

/** Bytes of a proof: a point, a challenge of 16 bytes, a scalar. */
export const VRF_PROOF_BYTES = 80;

const { Point } = ed25519;
type Point = InstanceType<typeof Point>;

/** The ciphersuite, and what a hash is for (RFC 9381, 5.4 and 5.5). */
const SUITE = 0x03, ENCODE = 0x01, CHALLENGE = 0x02, OUTPUT = 0x03, END = 0x00;

const POINT_BYTES = 32, CHALLENGE_BYTES = 16;

/** Tries to hash to the curve: each succeeds for every second input, so all fail with the chance 2^-256. */
const MAX_TRIES = 256;

/** A number of bytes, the least first. */
function numberOf(bytes: Uint8Array): bigint {
  return bytes.reduceRight((number, byte) => (number << 8n) + BigInt(byte), 0n);
}

function bytesOf(number: bigint, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => Number(number >> BigInt(8 * i) & 255n));
}

/** A point as RFC 8032 decodes it; undefined for what encodes none. */
function pointOf(bytes: Uint8Array): Point | undefined {
  try {
    return Point.fromBytes(bytes);
  } catch {
    return undefined; // noble throws for what is not on the curve, and for a second encoding of what is
  }
}

/** Hashes an input to a point of prime order, by trying until a hash encodes one (RFC 9381, 5.4.1.1). */
function encodeToCurve(key: Uint8Array, input: Uint8Array): Point {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const hashed = sha512(
      concatBytes(Uint8Array.of(SUITE, ENCODE), key, input, Uint8Array.of(tries, END)),
    );
    const point = pointOf(hashed.subarray(0, POINT_BYTES))?.clearCofactor();
    if (point !== undefined && !point.is0()) return point;
  }
  throw new RangeError(`An input is hashed to the curve within ${MAX_TRIES} tries: none succeeded.`);
}

/** RFC 9381, 5.4.3. */
function challengeOf(points: readonly Uint8Array[]): Uint8Array {
  return sha512(concatBytes(Uint8Array.of(SUITE, CHALLENGE), ...points, Uint8Array.of(END)))
    .subarray(0, CHALLENGE_BYTES);
}

/**
 * Proves the output of an input (RFC 9381, 5.1).
 *
 * @param secret The 32-byte seed of the account's key, as in `signerFromSeed`.
 * @returns {@link VRF_PROOF_BYTES} bytes; the same each time.
 */
export function proveVrf(secret: Uint8Array, input: Uint8Array): Uint8Array {
  const { scalar, prefix, pointBytes: key } = ed25519.utils.getExtendedPublicKey(secret);
  const point = encodeToCurve(key, input), encoded = point.toBytes();
  const gamma = point.multiply(scalar);
  const nonce = numberOf(sha512(concatBytes(prefix, encoded))) % Point.Fn.ORDER;
  const challenge = challengeOf(
    [
      key,
      encoded,
      ...[gamma, Point.BASE.multiply(nonce), point.multiply(nonce)].map((each) => each.toBytes()),
    ],
  );
  const answer = (nonce + numberOf(challenge) * scalar) % Point.Fn.ORDER;
  return concatBytes(gamma.toBytes(), challenge, bytesOf(answer, POINT_BYTES));
}

/**
 * The output that a proof shows (RFC 9381, 5.3, with the key validated): 64 bytes, the same for every valid proof of an input by a key;
 * undefined for a proof that is none. Never throws. PERF: points times four scalars, two of them of full length, without the
 * host's help: many times what verifying a signature costs (`deno task bench ledger --filter "weight of proofs"`).
 */
export function vrfOutput(key: Uint8Array, input: Uint8Array, proof: Uint8Array): Uint8Array | undefined {
  if (key.length !== POINT_BYTES || proof.length !== VRF_PROOF_BYTES) return undefined;
  const owner = pointOf(key), gamma = pointOf(proof.subarray(0, POINT_BYTES));
  if (owner === undefined || gamma === undefined || owner.isSmallOrder()) return undefined;
  const given = proof.subarray(POINT_BYTES, POINT_BYTES + CHALLENGE_BYTES), challenge = numberOf(given);
  const answer = numberOf(proof.subarray(POINT_BYTES + CHALLENGE_BYTES));
  if (answer >= Point.Fn.ORDER) return undefined;
  const point = encodeToCurve(key, input);
  const u = Point.BASE.multiplyUnsafe(answer).subtract(owner.multiplyUnsafe(challenge));
  const v = point.multiplyUnsafe(answer).subtract(gamma.multiplyUnsafe(challenge));
  const expected = challengeOf([key, ...[point, gamma, u, v].map((each) => each.toBytes())]);
  return equalBytes(expected, given) ? vrfOutputOf(proof) : undefined;
}

/** The output of a proof that is known to be valid (RFC 9381, 5.2); throws a `RangeError` if it holds no point. */
export function vrfOutputOf(proof: Uint8Array): Uint8Array {
  const gamma = pointOf(proof.subarray(0, POINT_BYTES));
  if (gamma === undefined) throw new RangeError("The output is taken of a proof that was not verified.");
  return sha512(
    concatBytes(Uint8Array.of(SUITE, OUTPUT), gamma.clearCofactor().toBytes(), Uint8Array.of(END)),
  );
}
