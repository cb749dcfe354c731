/**
 * Whether a transaction may stand in a block, and what it pays for that.
 *
 * A transaction that fails here is never included: a block with one is invalid, and a mempool drops it. What it *does* is judged
 * afterwards, by its operation's rule, and costs the fee either way.
 *
 * @module
 */
import { bytesToHex, equalBytes, type Hash } from "../primitives/mod.ts";
import { accountOf, type Params, type StateReader } from "../state/mod.ts";
import { weightOf } from "./operation_rules.ts";
import { MAX_EXPIRY_BLOCKS, type ReceivedTransaction, TransactionError } from "./transaction.ts";

/** Where a transaction would be included. */
export interface AdmissionContext {
  readonly chainId: Hash;
  /** Height of the block. */
  readonly height: bigint;
  readonly params: Params;
}

/** Fee of a transaction in the smallest unit: its bytes and its operation's weight. */
export function feeOf(params: Params, { transaction, byteLength }: ReceivedTransaction): bigint {
  return params.feePerByte * BigInt(byteLength) + params.feePerWeight * weightOf(transaction.operation);
}

function fault(
  state: StateReader,
  { chainId, height, params }: AdmissionContext,
  received: ReceivedTransaction,
): TransactionError | null {
  const { transaction } = received;
  const { sender, nonce, expiry } = transaction;
  if (!equalBytes(transaction.chainId, chainId)) {
    return new TransactionError(
      "wrong_chain",
      `The transaction was signed for chain ${bytesToHex(transaction.chainId)}. Sign it for ${
        bytesToHex(chainId)
      }.`,
    );
  }
  if (expiry < height) {
    return new TransactionError(
      "expired",
      `The transaction expired at height ${expiry}, and the next block is ${height}. Sign it anew.`,
      { expiry, height },
    );
  }
  if (expiry > height + MAX_EXPIRY_BLOCKS) {
    return new TransactionError(
      "expiry_too_far",
      `An expiry lies at most ${MAX_EXPIRY_BLOCKS} blocks ahead of height ${height}: got ${expiry}. Sign it with less.`,
      { expiry, height },
    );
  }
  const account = accountOf(state, sender);
  if (nonce !== account.nonce) {
    return new TransactionError(
      "bad_nonce",
      `The sender's next nonce is ${account.nonce}: got ${nonce}. ${
        nonce < account.nonce ? "It was used already." : "Transactions before it are missing."
      }`,
      { expected: account.nonce, nonce },
    );
  }
  const fee = feeOf(params, received);
  if (account.balance < fee) {
    return new TransactionError(
      "insufficient_fee_balance",
      `The fee is ${fee} and the sender's balance ${account.balance}. Fund the account first.`,
      { fee, balance: account.balance },
    );
  }
  return null;
}

/**
 * Requires that a transaction may stand in the next block on `state`, if its signature is good: that is checked apart, as it costs
 * most.
 *
 * @returns The fee it pays.
 * @throws {TransactionError} all codes but `malformed`, `too_large` and `bad_signature`.
 */
export function admit(
  state: StateReader,
  context: AdmissionContext,
  received: ReceivedTransaction,
): bigint {
  const error = fault(state, context, received);
  if (error !== null) throw error;
  return feeOf(context.params, received);
}

/** The refusal of a transaction that its sender did not sign. */
export function badSignature(): TransactionError {
  return new TransactionError(
    "bad_signature",
    "The signature is not the sender's signature of this transaction. Sign it with the sender's key.",
  );
}
