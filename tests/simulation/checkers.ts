/**
 * What must hold in every run, whatever the faults: checked on what nodes do, apart from the code that they run.
 *
 * @module
 */
import { conflictOf, epochOf, type SignedVote, viewOf } from "../../ledger/consensus/mod.ts";
import type { FinalizedNotice } from "../../ledger/node/mod.ts";
import { bytesToHex } from "../../ledger/primitives/mod.ts";

/** A broken promise. */
export class PromiseBroken extends Error {}

/** Watches a network. */
export interface Checkers {
  /** A node says that a block is final. */
  finalized(node: string, notice: FinalizedNotice): void;
  /** A vote leaves a node that is meant to be honest. */
  voted(address: string, vote: SignedVote): void;
  /** Hash of the final block of a height, by whoever said it first. */
  readonly chain: ReadonlyMap<bigint, string>;
}

/** Checkers of agreement, ancestry and honest voting. */
export function createCheckers(): Checkers {
  const chain = new Map<bigint, string>();
  const heights = new Map<string, bigint>();
  const votes = new Map<string, SignedVote[]>();
  return {
    chain,
    finalized(node, { height, hash, block }) {
      const text = bytesToHex(hash);
      const agreed = chain.get(height) ?? text;
      if (agreed !== text) throw new PromiseBroken(`agreement: ${node} finalized another block at ${height}`);
      const parent = chain.get(height - 1n);
      if (parent !== undefined && parent !== bytesToHex(block.header.parent)) {
        throw new PromiseBroken(`ancestry: block ${height} of ${node} has another parent`);
      }
      const last = heights.get(node);
      if (last !== undefined && height !== last + 1n) {
        throw new PromiseBroken(`order: ${node} finalized ${height} after ${last}`);
      }
      chain.set(height, text);
      heights.set(node, height);
    },
    voted(address, signed) {
      const key = `${address} ${epochOf(signed.vote)} ${viewOf(signed.vote)}`;
      const earlier = votes.get(key) ?? [];
      for (const other of earlier) {
        const fault = conflictOf(other.vote, signed.vote);
        if (fault !== undefined) throw new PromiseBroken(`honest voting: ${address} ${fault}`);
      }
      votes.set(key, [...earlier, signed]);
    },
  };
}
