/**
 * Reading transactions and verifying their signatures, and a reader that does both once for each transaction: what a mempool
 * admitted is in the next blocks, and replicas that share a process see the same bytes.
 *
 * @module
 */
import { type Address, equalBytes, type Hash, type Signature } from "../primitives/mod.ts";
import {
  decodeTransaction,
  hasValidSignature,
  type ReceivedTransaction,
  type Transaction,
} from "./transaction.ts";

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

/** A transaction that a reader has read, and whether it has found its signature valid. */
class ReadTransaction implements ReceivedTransaction {
  readonly transaction: Transaction;
  readonly signature: Signature;
  readonly body: Uint8Array;
  readonly hash: Hash;
  readonly sender: Address;
  readonly byteLength: number;
  readonly encoded: Uint8Array;
  isProven = false;

  constructor(encoded: Uint8Array) {
    const { transaction, signature, body, hash, sender, byteLength } = decodeTransaction(encoded);
    this.transaction = transaction;
    this.signature = signature;
    this.body = body;
    this.hash = hash;
    this.sender = sender;
    this.byteLength = byteLength;
    this.encoded = encoded;
  }
}

/**
 * Four bytes near the end of an encoding, of its signature, as a number: it is only where to look. Few of those that a reader keeps share
 * them by chance, and whoever makes two alike only has one of them forgotten.
 */
function placeOf(encoded: Uint8Array): number {
  const at = encoded.length - PLACE_FROM_END;
  return (encoded[at] ?? 0) << 24 | (encoded[at + 1] ?? 0) << 16 | (encoded[at + 2] ?? 0) << 8 |
    (encoded[at + 3] ?? 0);
}

/** In the middle of the signature's scalar, whose last bits are always the same. */
const PLACE_FROM_END = 16;

/**
 * A reader that remembers transactions whose signature is valid, by their bytes; the oldest go first. It is safe to share: whatever
 * it remembers is true for everybody.
 */
export function createTransactionReader(): TransactionReader {
  const signed = new Map<number, ReadTransaction>();
  let bytes = 0;
  const forget = (place: number) => {
    const known = signed.get(place);
    if (known === undefined) return;
    signed.delete(place);
    bytes -= known.byteLength;
  };
  const remember = (read: ReadTransaction) => {
    const place = placeOf(read.encoded);
    forget(place);
    signed.set(place, read);
    bytes += read.byteLength;
    for (const oldest of signed.keys()) {
      if (signed.size <= KEPT_TRANSACTIONS && bytes <= KEPT_BYTES) return;
      forget(oldest);
    }
  };
  return {
    read(encoded) {
      const known = signed.get(placeOf(encoded));
      return known !== undefined && equalBytes(known.encoded, encoded) ? known : new ReadTransaction(encoded);
    },
    isSigned(received) {
      if (!(received instanceof ReadTransaction)) return hasValidSignature(received);
      if (received.isProven) return true;
      received.isProven = hasValidSignature(received);
      if (received.isProven) remember(received);
      return received.isProven;
    },
  };
}
