/**
 * What became of recent transactions, for those who wait for theirs.
 *
 * @module
 */
import { bytesToHex, type Hash } from "../../ledger/primitives/mod.ts";
import type { Receipt } from "../../ledger/mod.ts";
import type { FinalReceipt } from "../ledger_client/mod.ts";

/** Receipts kept: those of some hundred full blocks, or of hours of quiet ones. Bounds memory at about 20 MB. */
const MAX_RECEIPTS = 65_536;

/** Receipts of finalized blocks, complete from `since` on. */
export interface ReceiptBook {
  readonly since: bigint;
  get(hash: Hash): FinalReceipt | undefined;
  add(height: bigint, receipts: readonly Receipt[]): void;
}

/** A book that begins above height `base`. */
export function makeReceiptBook(base: bigint): ReceiptBook {
  const book = new Map<string, FinalReceipt>();
  let since = base + 1n;
  return {
    get since() {
      return since;
    },
    get: (hash) => book.get(bytesToHex(hash)),
    add(height, receipts) {
      for (const { hash, ok, code, message, fee } of receipts) {
        book.set(bytesToHex(hash), { height, ok, code: code ?? "", message: message ?? "", fee });
      }
      for (const [key, receipt] of book) {
        if (book.size <= MAX_RECEIPTS) break;
        book.delete(key);
        since = receipt.height + 1n; // the oldest block is not complete any more
      }
    },
  };
}
