/**
 * Filling a block: which of the candidates may stand in it, in their order, and what executing them gives.
 *
 * @module
 */
import type { State } from "../state/mod.ts";
import { emptyBlockSpace } from "./block_space.ts";
import type { BlockResult, ExecutionHeader, Receipt } from "./execution.ts";
import { closeBlock, type ExecutionOptions, openBlock } from "./execute_block.ts";
import { executeTransaction } from "./execute_transaction.ts";
import { isReserved } from "./operation_rules.ts";
import { TransactionError, type TransactionErrorCode } from "./transaction.ts";
import { plainReader } from "./transaction_reader.ts";

/** A candidate that cannot stand in the block, and why. */
export interface LeftOut {
  readonly transaction: Uint8Array;
  /** `no_space`: it may stand in a later block. Else what is wrong with it *now*: a nonce may fit later. */
  readonly code: TransactionErrorCode | "no_space";
}

/** A choice of transactions. */
export interface Selection {
  readonly transactions: readonly Uint8Array[];
  readonly leftOut: readonly LeftOut[];
  /** What executing the block of the chosen ones gives. */
  readonly result: BlockResult;
}

/**
 * Chooses the transactions of a block on `state`: every candidate in turn that is admissible after those before it, and has room.
 * Candidates whose operation is rejected are chosen too: they pay.
 *
 * @param header The block's header as far as it is known.
 * @param candidates Encodings of signed transactions; those of one sender by ascending nonce.
 */
export function selectTransactions(
  state: State,
  header: ExecutionHeader,
  candidates: Iterable<Uint8Array>,
  { reader = plainReader, protocolVersion }: ExecutionOptions = {},
): Selection {
  const open = openBlock(state, header, protocolVersion);
  const { draft, context } = open;
  const space = emptyBlockSpace();
  const transactions: Uint8Array[] = [];
  const leftOut: LeftOut[] = [];
  const receipts: Receipt[] = [];
  for (const transaction of candidates) {
    const savepoint = draft.savepoint();
    try {
      const received = reader.read(transaction);
      const reserved = isReserved(received.transaction.operation);
      if (!space.fits(received.byteLength, reserved)) {
        leftOut.push({ transaction, code: "no_space" });
        continue;
      }
      const { receipt, events } = executeTransaction(draft, context, received, reader.isSigned);
      space.take(received.byteLength, reserved);
      transactions.push(transaction);
      receipts.push(receipt);
      open.events.push(...events);
    } catch (thrown) {
      if (!(thrown instanceof TransactionError)) throw thrown;
      savepoint.rollback();
      leftOut.push({ transaction, code: thrown.code });
    }
  }
  return { transactions, leftOut, result: closeBlock(open, receipts) };
}
