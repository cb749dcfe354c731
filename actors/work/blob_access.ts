/**
 * Blobs as actors use them: keep one, which also serves it to whoever asks; get one, from whoever has it.
 *
 * @module
 */
import {
  type Address,
  bytesToHex,
  formatAddress,
  type Hash,
  hexToBytes,
} from "../../ledger/primitives/mod.ts";
import type { BlobExchange, BlobStore } from "../../net/mod.ts";

/** How a blob is got. */
export interface BlobCall {
  readonly signal: AbortSignal;
  /** Accounts that should have it, best first; connected peers are asked after them. */
  readonly from: readonly Address[];
  /** Default one minute. */
  readonly timeoutMs?: number;
}

/** Keeps and gets blobs by their root. What comes back is what the root says. */
export interface BlobAccess {
  put(blob: Uint8Array): Promise<Hash>;
  /** @throws {NetError} `not_found`, `timed_out`, `cancelled`, `too_large`. */
  get(root: Hash, call: BlobCall): Promise<Uint8Array>;
  has(root: Hash): Promise<boolean>;
  /** Some chunks of a blob, by position; they are not kept. Errors as of `get`. */
  chunks(root: Hash, positions: readonly number[], call: BlobCall): Promise<ReadonlyMap<number, Uint8Array>>;
}

/** Enough for what a program names at 10 Mbit/s; a bigger one is resumed by the next attempt. */
const GET_MS = 60_000;

/** Access through a store, and an exchange that serves the same store. A peer's id is its account. */
export function makeBlobAccess(store: BlobStore, exchange: BlobExchange): BlobAccess {
  return {
    put: async (blob) => hexToBytes(await store.put(blob)),
    get: (root, { signal, from, timeoutMs = GET_MS }) =>
      exchange.fetch(bytesToHex(root), { from: from.map(formatAddress), signal, timeoutMs }),
    chunks: (root, positions, { signal, from, timeoutMs = GET_MS }) =>
      exchange.fetchChunks(bytesToHex(root), positions, { from: from.map(formatAddress), signal, timeoutMs }),
    has: (root) => store.has(bytesToHex(root)),
  };
}
