/**
 * One transaction on a draft: admitted, paid for, and either applied or rejected without a trace but fee and nonce.
 *
 * @module
 */
import { advanceNonce, type BlockContext, debit, type Draft, type LedgerEvent } from "../state/mod.ts";
import { admit, badSignature } from "./admission.ts";
import type { Receipt } from "./execution.ts";
import { runOperation } from "./operation_rules.ts";
import type { ReceivedTransaction } from "./transaction.ts";

/** What became of a transaction. */
export interface TransactionOutcome {
  readonly receipt: Receipt;
  readonly events: readonly LedgerEvent[];
}

/**
 * Executes a transaction.
 *
 * @param isSigned Whether the sender signed it.
 * @throws {TransactionError} if it may not stand in this block; the draft is then unchanged.
 */
export function executeTransaction(
  draft: Draft,
  context: BlockContext,
  received: ReceivedTransaction,
  isSigned: (received: ReceivedTransaction) => boolean,
): TransactionOutcome {
  const { chainId, head, params } = context;
  const { transaction, hash } = received;
  const { sender, operation } = transaction;
  const fee = admit(draft, { chainId, height: head.height, params }, received);
  if (!isSigned(received)) throw badSignature();
  debit(draft, sender, fee, "pending");
  advanceNonce(draft, sender);
  const events: LedgerEvent[] = [];
  const operationContext = {
    chainId,
    head,
    params,
    sender,
    transaction: hash,
    emit: (event: LedgerEvent) => void events.push(event),
  };
  const savepoint = draft.savepoint();
  const rejection = runOperation(draft, operationContext, operation);
  if (rejection === null) return { receipt: { hash, ok: true, fee }, events };
  savepoint.rollback();
  return {
    receipt: { hash, ok: false, code: rejection.code, message: rejection.message, fee },
    events: [],
  };
}
