/**
 * How much a block holds. A part is reserved for answers with a deadline, disputes and evidence, so that paying for spam cannot
 * make an honest answer come too late.
 *
 * @module
 */
import { MAX_BLOCK_TRANSACTIONS } from "./block.ts";

/** Bytes of all transactions of a block: two blocks fit into a message with room for what surrounds them. */
export const MAX_BLOCK_BYTES = 1536 * 1024;

/** Of them, those that operations without claim to reserved space may take. The rest holds four of the largest transactions. */
export const MAX_ORDINARY_BYTES = 1024 * 1024;

/** Transactions without claim to reserved space: three quarters of the block's. */
export const MAX_ORDINARY_TRANSACTIONS = MAX_BLOCK_TRANSACTIONS * 3 / 4;

/** Counts what a block holds. */
export interface BlockSpace {
  /** Whether a transaction would fit. */
  fits(byteLength: number, reserved: boolean): boolean;
  /** Takes the space of a transaction; `false`, and nothing taken, if it does not fit. */
  take(byteLength: number, reserved: boolean): boolean;
}

/** The space of an empty block. */
export function emptyBlockSpace(): BlockSpace {
  let bytes = 0, count = 0, ordinaryBytes = 0, ordinaryCount = 0;
  const fits = (byteLength: number, reserved: boolean) =>
    bytes + byteLength <= MAX_BLOCK_BYTES && count < MAX_BLOCK_TRANSACTIONS &&
    (reserved ||
      ordinaryBytes + byteLength <= MAX_ORDINARY_BYTES && ordinaryCount < MAX_ORDINARY_TRANSACTIONS);
  return {
    fits,
    take(byteLength, reserved) {
      if (!fits(byteLength, reserved)) return false;
      if (!reserved) {
        ordinaryBytes += byteLength;
        ordinaryCount++;
      }
      bytes += byteLength;
      count++;
      return true;
    },
  };
}
