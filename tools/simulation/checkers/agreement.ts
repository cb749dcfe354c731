/**
 * Agreement, ancestry and order: all honest nodes finalize one chain, each block on the one before, each height once in a life.
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
  return {
    chain,
    finalized({ name, life }, { height, hash, block }) {
      const text = bytesToHex(hash);
      const agreed = chain.get(height) ?? text;
      if (agreed !== text) {
        throw new PromiseBroken(
          "agreement",
          `${name} finalized ${text.slice(0, 8)} at height ${height}, another ${agreed.slice(0, 8)}`,
        );
      }
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
