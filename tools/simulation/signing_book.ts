/**
 * Everything that was ever signed in a simulation, so that checkers know a forgery without trusting the verifier under test; and
 * signers that use the host's Ed25519, thirty times as fast as portable code. Ed25519 is deterministic: the signatures are the same.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { createPrivateKey, sign } from "node:crypto";
import {
  bytesToHex,
  concatBytes,
  hash,
  hexToBytes,
  type Signer,
  signerFromSeed,
  utf8,
} from "../../ledger/primitives/mod.ts";

/** See the module. */
export interface SigningBook {
  /** The signer of a name. Everybody can know its secret: it is worth nothing outside a simulation. */
  signer(name: string): Signer;
  /** Whether the key of an address (hexadecimal) has signed a message. */
  hasSigned(address: string, message: Uint8Array): boolean;
}

/** DER prefix of an Ed25519 private key in PKCS #8 (RFC 8410 section 7). */
const PKCS8_PREFIX = hexToBytes("302e020100300506032b657004220420");

/** A book in which nothing is signed yet. */
export function makeSigningBook(): SigningBook {
  const signed = new Set<string>();
  const signers = new Map<string, Signer>();
  return {
    signer(name) {
      const known = signers.get(name);
      if (known !== undefined) return known;
      const seed = hash("assay/simulation/signer", utf8(name));
      const key = createPrivateKey({
        key: Buffer.from(concatBytes(PKCS8_PREFIX, seed)),
        format: "der",
        type: "pkcs8",
      });
      const { address } = signerFromSeed(seed);
      const owner = bytesToHex(address);
      const signer: Signer = {
        address,
        sign(message) {
          signed.add(`${owner} ${bytesToHex(message)}`);
          return new Uint8Array(sign(null, message, key));
        },
      };
      signers.set(name, signer);
      return signer;
    },
    hasSigned: (address, message) => signed.has(`${address} ${bytesToHex(message)}`),
  };
}
