/**
 * A node's key on disk: its 32-byte Ed25519 seed, encrypted with a passphrase (scrypt, RFC 7914; AES-256-GCM, NIST SP 800-38D),
 * in a file that only its owner may read. The seed can be written down as 24 words (BIP-39) and restored from them.
 *
 * @module
 */
import { scryptAsync } from "@noble/hashes/scrypt.js";
import { entropyToMnemonic, mnemonicToEntropy } from "@scure/bip39";
import { wordlist } from "@scure/bip39/wordlists/english.js";
import {
  bytesToHex,
  formatAddress,
  hexToBytes,
  messageOf,
  signerFromSeed,
} from "../../ledger/primitives/mod.ts";
import { ToolError } from "../errors.ts";

/** Cost of scrypt: 2^15 takes about 0.1 s and 32 MiB, the "interactive" figure of its author doubled. */
const SCRYPT = { N: 2 ** 15, r: 8, p: 1, dkLen: 32 } as const;

/** The file's form. All byte strings in hexadecimal. */
interface KeyFile {
  readonly version: 1;
  readonly address: string;
  readonly scrypt: { readonly N: number; readonly r: number; readonly p: number; readonly salt: string };
  readonly nonce: string;
  readonly sealed: string;
}

async function cipherKey(
  passphrase: string,
  salt: Uint8Array<ArrayBuffer>,
  cost: KeyFile["scrypt"],
): Promise<CryptoKey> {
  const { N, r, p } = cost;
  const key = await scryptAsync(passphrase.normalize("NFKC"), salt, { N, r, p, dkLen: SCRYPT.dkLen });
  return crypto.subtle.importKey("raw", new Uint8Array(key), "AES-GCM", false, ["encrypt", "decrypt"]);
}

/**
 * Writes a seed to a new file, readable by its owner alone. An empty passphrase leaves the key unprotected at rest.
 *
 * @throws {ToolError} `bad_home` if the file exists: a key is never overwritten.
 */
export async function createKeyFile(path: string, seed: Uint8Array, passphrase: string): Promise<void> {
  const salt = crypto.getRandomValues(new Uint8Array(16)), nonce = crypto.getRandomValues(new Uint8Array(12));
  const scrypt = { N: SCRYPT.N, r: SCRYPT.r, p: SCRYPT.p, salt: bytesToHex(salt) };
  const key = await cipherKey(passphrase, salt, scrypt);
  const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv: nonce }, key, new Uint8Array(seed));
  const file: KeyFile = {
    version: 1,
    address: formatAddress(signerFromSeed(seed).address),
    scrypt,
    nonce: bytesToHex(nonce),
    sealed: bytesToHex(new Uint8Array(sealed)),
  };
  try {
    await Deno.writeTextFile(path, `${JSON.stringify(file, null, 2)}\n`, { createNew: true, mode: 0o600 });
  } catch (thrown) {
    if (!(thrown instanceof Deno.errors.AlreadyExists)) throw thrown;
    throw new ToolError(
      "bad_home",
      `There is a key at ${path} already. Move it away first: a lost key is lost money.`,
    );
  }
}

function readKeyFile(path: string, text: string): KeyFile {
  try {
    const file: KeyFile = JSON.parse(text);
    const { N, r, p } = file.scrypt;
    // Bounds keep a planted file from asking for gigabytes: 128 * N * r bytes are needed.
    if (file.version !== 1 || ![N, r, p].every(Number.isInteger) || N * r > 2 ** 23 || p > 16) {
      throw new Error("unknown form");
    }
    return file;
  } catch (thrown) {
    throw new ToolError(
      "bad_home",
      `${path} is no key file (${messageOf(thrown)}). Restore it from a backup or its 24 words.`,
    );
  }
}

/**
 * Reads a seed back.
 *
 * @throws {ToolError} `not_found` if there is no file, `bad_home` if it is damaged or the passphrase is wrong.
 */
export async function openKeyFile(path: string, passphrase: string): Promise<Uint8Array> {
  let text: string;
  try {
    text = await Deno.readTextFile(path);
  } catch (thrown) {
    if (!(thrown instanceof Deno.errors.NotFound)) throw thrown;
    throw new ToolError("not_found", `There is no key at ${path}. Make one with \`assay key new\`.`);
  }
  const file = readKeyFile(path, text);
  try {
    const key = await cipherKey(passphrase, new Uint8Array(hexToBytes(file.scrypt.salt)), file.scrypt);
    const iv = new Uint8Array(hexToBytes(file.nonce));
    return new Uint8Array(
      await crypto.subtle.decrypt({ name: "AES-GCM", iv }, key, new Uint8Array(hexToBytes(file.sealed))),
    );
  } catch {
    throw new ToolError(
      "bad_home",
      `The key at ${path} does not open: wrong passphrase (ASSAY_PASSPHRASE), or a damaged file.`,
    );
  }
}

/** A seed as 24 English words. */
export function seedToWords(seed: Uint8Array): string {
  return entropyToMnemonic(seed, wordlist);
}

/**
 * The seed of 24 words.
 *
 * @throws {ToolError} `usage` if a word is unknown or the checksum is wrong.
 */
export function seedFromWords(words: string): Uint8Array {
  try {
    const seed = mnemonicToEntropy(words.trim().split(/\s+/).join(" "), wordlist);
    if (seed.length !== 32) throw new RangeError("24 words are needed");
    return seed;
  } catch (thrown) {
    throw new ToolError("usage", `Those are not the 24 words of a key: ${messageOf(thrown)}.`);
  }
}
