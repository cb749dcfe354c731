/**
 * Ed25519 keys (RFC 8032): accounts, votes and network identities.
 *
 * Signature validity is *defined* as ZIP-215 (https://zips.z.cash/zip-0215), which noble implements: two nodes can never
 * differ on a signature. The host's native verifier is only a fast accept: it is stricter, so what it accepts is valid, and
 * what it rejects noble decides. Signing is deterministic: the native signer and noble give the same bytes.
 *
 * @module
 */
import { ed25519 } from "@noble/curves/ed25519.js";
import { bytesToHex, concatBytes, hexToBytes } from "./bytes.ts";
import { type NodeCrypto, nodeCrypto } from "./crypto_host.ts";
import { CodedError } from "./errors.ts";
import { proveVrf } from "./vrf.ts";

/** An account: its 32-byte Ed25519 public key. */
export type Address = Uint8Array;

/** A 64-byte Ed25519 signature. */
export type Signature = Uint8Array;

/** What can be wrong with a key or an address. */
export class KeyError extends CodedError<"bad_seed" | "bad_address"> {}

/** Who can sign. The secret never leaves the implementation. */
export interface Signer {
  readonly address: Address;
  sign(message: Uint8Array): Signature;
  /** The proof of what this key's verifiable random function gives for an input, see `vrf.ts`. */
  prove(input: Uint8Array): Uint8Array;
}

/** DER prefix of an Ed25519 SubjectPublicKeyInfo (RFC 8410 section 4). */
const SPKI_PREFIX = hexToBytes("302a300506032b6570032100");

/** DER prefix of an Ed25519 private key (RFC 8410 section 7). */
const PKCS8_PREFIX = hexToBytes("302e020100300506032b657004220420");

/** Native keys kept, the oldest go first: making one costs half of a verification, and validators sign again and again. */
const KEPT_KEYS = 4096;

const publicKeys = new Map<string, unknown>();

function publicKeyOf(native: NodeCrypto, address: Address): unknown {
  const name = bytesToHex(address);
  const kept = publicKeys.get(name);
  if (kept !== undefined) return kept;
  const spki = concatBytes(SPKI_PREFIX, address);
  const key = native.createPublicKey({ key: spki, format: "der", type: "spki" });
  publicKeys.set(name, key);
  if (publicKeys.size > KEPT_KEYS) {
    const oldest = publicKeys.keys().next();
    if (!oldest.done) publicKeys.delete(oldest.value);
  }
  return key;
}

function nativeAccepts(signature: Signature, message: Uint8Array, address: Address): boolean {
  const native = nodeCrypto();
  if (native === null) return false;
  try {
    return native.verify(null, message, publicKeyOf(native, address), signature);
  } catch {
    return false; // a key the native verifier refuses: noble decides
  }
}

/**
 * The signer of a 32-byte secret seed.
 *
 * @throws {KeyError} `bad_seed` if the seed has another length.
 */
export function signerFromSeed(seed: Uint8Array): Signer {
  if (seed.length !== 32) {
    throw new KeyError("bad_seed", `An Ed25519 seed has 32 bytes: got ${seed.length}. Use 32 random bytes.`);
  }
  const secret = new Uint8Array(seed);
  const address = ed25519.getPublicKey(secret);
  const native = nodeCrypto();
  const prove = (input: Uint8Array) => proveVrf(secret, input);
  if (native === null) return { address, sign: (message) => ed25519.sign(message, secret), prove };
  const pkcs8 = concatBytes(PKCS8_PREFIX, secret);
  const key = native.createPrivateKey({ key: pkcs8, format: "der", type: "pkcs8" });
  return { address, sign: (message) => new Uint8Array(native.sign(null, message, key)), prove };
}

/** Whether `signature` over `message` is valid for `address` under ZIP-215. Never throws. */
export function verifySignature(signature: Signature, message: Uint8Array, address: Address): boolean {
  if (signature.length !== 64 || address.length !== 32) return false;
  if (nativeAccepts(signature, message, address)) return true;
  try {
    return ed25519.verify(signature, message, address, { zip215: true });
  } catch {
    return false; // noble throws for points off the curve
  }
}

/** The text form of an address: 64 hexadecimal digits. */
export function formatAddress(address: Address): string {
  return bytesToHex(address);
}

/**
 * Reads the text form of an address.
 *
 * @throws {KeyError} `bad_address` if the text is not 64 hexadecimal digits.
 */
export function parseAddress(text: string): Address {
  if (!/^[0-9a-f]{64}$/i.test(text)) {
    throw new KeyError("bad_address", `An address has 64 hexadecimal digits: got "${text.slice(0, 80)}".`);
  }
  return hexToBytes(text.toLowerCase());
}
