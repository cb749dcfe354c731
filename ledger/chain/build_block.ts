/**
 * Filling a block: which of the candidates may stand in it, in their order.
 *
 * @module
 */
import type { State } from "../state/mod.ts";
import { emptyBlockSpace } from "./block_space.ts";
import type { ExecutionHeader } from "./execution.ts";
import { type ExecutionOptions, openBlock } from "./execute_block.ts";
import { executeTransaction } from "./execute_transaction.ts";
import { isReserved } from "./operation_rules.ts";
import { decodeTransaction, TransactionError, type TransactionErrorCode } from "./transaction.ts";

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
  { signatureKnown = () => false }: ExecutionOptions = {},
): Selection {
  const { draft, context } = openBlock(state, header);
  const space = emptyBlockSpace();
  const transactions: Uint8Array[] = [];
  const leftOut: LeftOut[] = [];
  for (const transaction of candidates) {
    const savepoint = draft.savepoint();
    try {
      const received = decodeTransaction(transaction);
      executeTransaction(draft, context, received, signatureKnown(transaction));
      if (space.take(received.byteLength, isReserved(received.transaction.operation))) {
        transactions.push(transaction);
        continue;
      }
      savepoint.rollback();
      leftOut.push({ transaction, code: "no_space" });
    } catch (thrown) {
      if (!(thrown instanceof TransactionError)) throw thrown;
      savepoint.rollback();
      leftOut.push({ transaction, code: thrown.code });
    }
  }
  return { transactions, leftOut };
}
