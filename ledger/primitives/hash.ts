/**
 * SHA-256 with a domain tag for every use, so that bytes hashed for one purpose never stand for another.
 *
 * `H(tag, parts...) = SHA-256(u8(len(tag)) || tag || parts...)`. The parts are joined as they are: a caller that hashes
 * variable-length parts encodes their lengths (in practice it hashes one canonical encoding, see `codec.ts`).
 *
 * Short inputs are hashed in WebAssembly, longer ones by the host's native SHA-256, and noble's is used where there is neither. All of
 * them are SHA-256: nothing depends on which.
 *
 * @module
 */
import { sha256 as nobleSha256 } from "@noble/hashes/sha2.js";
import { hexToBytes, utf8 } from "./bytes.ts";
import { nodeCrypto } from "./crypto_host.ts";
import { LANES, MOST_INPUT_BYTES, type Sha256Module, startSha256 } from "./sha256/mod.ts";
import { smallBytes } from "./small_bytes.ts";

/** 32 bytes of SHA-256. */
export type Hash = Uint8Array;

/** Length of a {@link Hash} in bytes. */
export const HASH_BYTES = 32;

/** The hash that stands for "nothing there" (an empty state, no parent). Not the SHA-256 of anything known. */
export const ZERO_HASH: Hash = new Uint8Array(HASH_BYTES);

/** An incremental SHA-256. */
export interface Hasher {
  update(data: Uint8Array): Hasher;
  digest(): Uint8Array;
}

/** A fresh incremental SHA-256 without a domain tag (for standards that have their own, such as RFC 6962). */
export function createSha256(): Hasher {
  const native = nodeCrypto();
  if (native === null) return nobleSha256.create();
  const inner = native.createHash("sha256");
  const hasher: Hasher = {
    update(data) {
      inner.update(data);
      return hasher;
    },
    digest: () => new Uint8Array(inner.digest()),
  };
  return hasher;
}

/** Inputs up to this length are joined and hashed in one native call: copying them is cheaper than the calls it saves. */
const ONE_CALL_BYTES = 4096;

/** Where short inputs are joined. Nothing keeps it beyond one call. */
const joined = new Uint8Array(ONE_CALL_BYTES);

function join(parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) {
    joined.set(part, length);
    length += part.length;
  }
  return joined.subarray(0, length);
}

/** Inputs up to this length, those of trees, keys and most transactions, are hashed in WebAssembly: a call of the host costs as much as four blocks. */
const SHORT_BYTES = 256;

/** Does with portable code what the module does. */
const PORTABLE: Sha256Module = {
  one(parts) {
    const hasher = nobleSha256.create();
    for (const part of parts) hasher.update(part);
    return hasher.digest();
  },
  each: (prefix, inputs, from) =>
    inputs.slice(from, from + LANES).map((parts) => PORTABLE.one([prefix, ...parts])),
};

let started: Sha256Module | undefined;

/** Started when something is hashed first: importing a module does nothing. */
function shortHashes(): Sha256Module {
  return started ??= startSha256() ?? PORTABLE;
}

function digestOf(hex: string): Hash {
  const digest = smallBytes(HASH_BYTES);
  if (digest.setFromHex === undefined) digest.set(hexToBytes(hex)); // an older host
  else digest.setFromHex(hex);
  return digest;
}

/** SHA-256 of the parts joined, without a domain tag. */
export function sha256(...parts: readonly Uint8Array[]): Hash {
  const length = lengthOf(parts);
  if (length <= SHORT_BYTES) return shortHashes().one(parts);
  const native = nodeCrypto();
  if (native?.hash !== undefined) {
    const [only] = parts;
    if (only !== undefined && parts.length === 1) return digestOf(native.hash("sha256", only, "hex"));
    if (length <= ONE_CALL_BYTES) return digestOf(native.hash("sha256", join(parts), "hex"));
  }
  const hasher = createSha256();
  for (const part of parts) hasher.update(part);
  return hasher.digest();
}

const tagPrefixes = new Map<string, Uint8Array>();

function tagPrefix(tag: string): Uint8Array {
  let prefix = tagPrefixes.get(tag);
  if (prefix === undefined) {
    const text = utf8(tag);
    if (text.length === 0 || text.length > 255) {
      throw new RangeError(`A domain tag has 1 to 255 bytes: "${tag}" has ${text.length}`);
    }
    prefix = new Uint8Array([text.length, ...text]);
    tagPrefixes.set(tag, prefix);
  }
  return prefix;
}

/**
 * SHA-256 under a domain tag.
 *
 * @param tag What the hash is for, 1 to 255 bytes of UTF-8, for example `"assay/tx"`. Tags are literals in the code.
 * @param parts Byte strings, joined as they are.
 */
export function hash(tag: string, ...parts: readonly Uint8Array[]): Hash {
  return sha256(tagPrefix(tag), ...parts);
}

/**
 * The hashes of several inputs under one tag, each in parts, in their order: those that {@link hash} gives, but those of one length are taken
 * together where they follow each other.
 */
export function hashEach(tag: string, inputs: readonly (readonly Uint8Array[])[]): Hash[] {
  const prefix = tagPrefix(tag), hashes: Hash[] = [];
  for (let at = 0; at < inputs.length;) {
    if (fitSideBySide(prefix, inputs, at)) {
      hashes.push(...shortHashes().each(prefix, inputs, at));
      at += LANES;
    } else {
      hashes.push(sha256(prefix, ...inputs[at] ?? []));
      at++;
    }
  }
  return hashes;
}

function lengthOf(parts: readonly Uint8Array[]): number {
  let length = 0;
  for (const part of parts) length += part.length;
  return length;
}

/** Whether inputs from `at` on fill the lanes. */
function fitSideBySide(
  prefix: Uint8Array,
  inputs: readonly (readonly Uint8Array[])[],
  at: number,
): boolean {
  if (at + LANES > inputs.length) return false;
  const length = lengthOf(inputs[at] ?? []);
  if (prefix.length + length > MOST_INPUT_BYTES) return false;
  for (let lane = 1; lane < LANES; lane++) if (lengthOf(inputs[at + lane] ?? []) !== length) return false;
  return true;
}
