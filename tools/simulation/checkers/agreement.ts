/**
 * Agreement, ancestry and order: all honest nodes finalize one chain, each block on the one before, each height once in a life, but
 * for those that a node skips by starting from the state of others.
 *
 * @module
 */
import { bytesToHex } from "../../../ledger/primitives/mod.ts";
import { PromiseBroken, type Watcher } from "../watcher.ts";

/** Watches what nodes say is final. */
export interface AgreementChecker extends Watcher {
  /** Hash of the final block of a height, by whoever said it first. */
  readonly chain: ReadonlyMap<bigint, string>;
}

/** A checker that has seen nothing. */
export function checkAgreement(): AgreementChecker {
  const chain = new Map<bigint, string>();
  const heights = new Map<string, bigint>();
  const requireAgreed = (name: string, height: bigint, text: string) => {
    const agreed = chain.get(height) ?? text;
    if (agreed === text) return;
    throw new PromiseBroken(
      "agreement",
      `${name} finalized ${text.slice(0, 8)} at height ${height}, another ${agreed.slice(0, 8)}`,
    );
  };
  return {
    chain,
    adopted({ name, life }, { height, hash }) {
      requireAgreed(name, height, bytesToHex(hash));
      const key = `${name}#${life}`, last = heights.get(key) ?? 0n;
      if (height <= last) {
        throw new PromiseBroken("order", `${name} goes back from height ${last} to ${height}`);
      }
      heights.set(key, height);
    },
    finalized({ name, life }, { height, hash, block }) {
      const text = bytesToHex(hash);
      requireAgreed(name, height, text);
      const parent = chain.get(height - 1n);
      if (parent !== undefined && parent !== bytesToHex(block.header.parent)) {
        throw new PromiseBroken(
          "ancestry",
          `block ${height} of ${name} stands on another than block ${height - 1n}`,
        );
      }
      const key = `${name}#${life}`, last = heights.get(key);
      if (last !== undefined && height !== last + 1n) {
        throw new PromiseBroken("order", `${name} finalized height ${height} after ${last}`);
      }
      chain.set(height, text);
      heights.set(key, height);
    },
  };
}
