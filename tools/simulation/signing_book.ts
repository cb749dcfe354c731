/**
 * Everything that was ever signed in a simulation, so that checkers know a forgery without trusting the verifier under test.
 *
 * @module
 */
import { bytesToHex, hash, type Signer, signerFromSeed, utf8 } from "../../ledger/primitives/mod.ts";

/** See the module. */
export interface SigningBook {
  /** The signer of a name. Everybody can know its secret: it is worth nothing outside a simulation. */
  signer(name: string): Signer;
  /** Whether the key of an address (hexadecimal) has signed a message. */
  hasSigned(address: string, message: Uint8Array): boolean;
}

/** A book in which nothing is signed yet. */
export function makeSigningBook(): SigningBook {
  const signed = new Set<string>();
  const signers = new Map<string, Signer>();
  return {
    signer(name) {
      const known = signers.get(name);
      if (known !== undefined) return known;
      const inner = signerFromSeed(hash("assay/simulation/signer", utf8(name)));
      const owner = bytesToHex(inner.address);
      const signer: Signer = {
        address: inner.address,
        sign(message) {
          signed.add(`${owner} ${bytesToHex(message)}`);
          return inner.sign(message);
        },
        prove: (input) => inner.prove(input),
      };
      signers.set(name, signer);
      return signer;
    },
    hasSigned: (address, message) => signed.has(`${address} ${bytesToHex(message)}`),
  };
}
