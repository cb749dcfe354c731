/**
 * Reading transactions and verifying their signatures, and a reader that does both once for each transaction: what a mempool
 * admitted is in the next blocks, and replicas that share a process see the same bytes.
 *
 * @module
 */
import { bytesToHex, sha256 } from "../primitives/mod.ts";
import { decodeTransaction, hasValidSignature, type ReceivedTransaction } from "./transaction.ts";

/** How execution and mempools read transactions. */
export interface TransactionReader {
  /** As {@link decodeTransaction}. */
  read(encoded: Uint8Array): ReceivedTransaction;
  /** Whether the sender signed what `read` gave. */
  isSigned(received: ReceivedTransaction): boolean;
}

/** Reads and verifies anew each time. */
export const plainReader: TransactionReader = { read: decodeTransaction, isSigned: hasValidSignature };

/** Transactions that a reader keeps: those of a full mempool and of the blocks in flight. */
const KEPT_TRANSACTIONS = 32_768;

/** Bytes of their encodings, likewise: those of a full mempool, and as much again. */
const KEPT_BYTES = 32 * 1024 * 1024;

/**
 * A reader that remembers transactions whose signature is valid, by the hash of their bytes; the oldest go first. It is safe to
 * share: whatever it remembers is true for everybody.
 */
export function createTransactionReader(): TransactionReader {
  const signed = new Map<string, ReceivedTransaction>();
  let bytes = 0;
  const digests = new WeakMap<ReceivedTransaction, string>();
  const trim = () => {
    for (const [digest, { byteLength }] of signed) {
      if (signed.size <= KEPT_TRANSACTIONS && bytes <= KEPT_BYTES) return;
      signed.delete(digest);
      bytes -= byteLength;
    }
  };
  return {
    read(encoded) {
      const digest = bytesToHex(sha256(encoded));
      const known = signed.get(digest);
      if (known !== undefined) return known;
      const received = decodeTransaction(encoded);
      digests.set(received, digest);
      return received;
    },
    isSigned(received) {
      const digest = digests.get(received);
      if (digest !== undefined && signed.get(digest) === received) return true;
      if (!hasValidSignature(received)) return false;
      if (digest === undefined || signed.has(digest)) return true;
      signed.set(digest, received);
      bytes += received.byteLength;
      trim();
      return true;
    },
  };
}
