/**
 * What it means that a transaction cannot stand in a block, for the generated table of codes. The message of the error says the same
 * with the values of the case.
 *
 * @module
 */
import type { TransactionErrorCode } from "./transaction.ts";

/** What each code means and what to do about it. */
export const ADMISSION_CODES: Readonly<Record<TransactionErrorCode, string>> = {
  bad_nonce: "The nonce is not the sender's next. Sign with the nonce that the account shows.",
  bad_signature: "The signature is not the sender's. Sign with the sender's key.",
  expired: "The expiry height has passed. Sign the transaction anew.",
  expiry_too_far: "The expiry lies too far ahead. Sign with an earlier one.",
  insufficient_fee_balance: "The balance does not cover the fee. Fund the account first.",
  malformed:
    "The bytes are no transaction of this protocol version. Encode it with the same version as the node's.",
  too_large: "The transaction is longer than a block may carry. Split what it carries.",
  wrong_chain: "The transaction was signed for another chain. Sign it for this one.",
};
