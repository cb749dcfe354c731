/**
 * Fiat-Shamir: what the verifier would have drawn is the hash of everything said before. (Fiat and Shamir 1986; the whole statement enters, as
 * Bernhard, Pereira and Warinschi 2012 require.)
 *
 * @module
 */
import { type Hash, hash } from "../../ledger/primitives/mod.ts";
import type { Element } from "./extension.ts";
import { P } from "./mersenne.ts";

/** The conversation so far. */
export interface Transcript {
  /** Takes in what the prover says. */
  absorb(...parts: readonly Uint8Array[]): void;
  /** Draws `count` field elements, uniformly, that depend on all that was taken in. */
  challenges(count: number): readonly Element[];
}

/** Begins a conversation about a statement. */
export function createTranscript(...statement: readonly Uint8Array[]): Transcript {
  let state: Hash = hash("assay/sumcheck", ...statement);
  const limbs = (count: number): readonly number[] => {
    const drawn: number[] = [];
    while (drawn.length < count) {
      state = hash("assay/sumcheck/draw", state);
      const view = new DataView(state.buffer, state.byteOffset);
      for (let at = 0; at < state.length; at += 4) {
        // 31 bits; the one value of them that is no element is passed over.
        const limb = view.getUint32(at, true) >>> 1;
        if (limb < P) drawn.push(limb);
      }
    }
    return drawn;
  };
  return {
    absorb: (...parts) => {
      state = hash("assay/sumcheck/say", state, ...parts);
    },
    challenges: (count) => {
      const drawn = limbs(4 * count);
      return Array.from(
        { length: count },
        (
          _,
          i,
        ): Element => [
          drawn[4 * i] ?? 0,
          drawn[4 * i + 1] ?? 0,
          drawn[4 * i + 2] ?? 0,
          drawn[4 * i + 3] ?? 0,
        ],
      );
    },
  };
}
