/**
 * Transactions: who does what, signed, with a nonce against replay and an expiry against hanging.
 *
 * A transaction is identified by the hash of what is signed, not of the signature: one intent has one id, whoever encodes it.
 *
 * @module
 */
import {
  type Address,
  bytes32,
  CodecError,
  CodedError,
  copyOfBytes,
  decode,
  encode,
  type Hash,
  hash,
  type Infer,
  record,
  type Signature,
  type Signer,
  u64,
  verifySignature,
} from "../primitives/mod.ts";
import { MAX_TRANSACTION_BYTES, SignatureBytes } from "./block.ts";
import { Operation } from "./operation_schemas.ts";

/** Why a transaction cannot stand in a block at all. It costs its sender nothing, because it is never included. */
export type TransactionErrorCode =
  /** Its bytes are no transaction, or name an operation that this version does not know. */
  | "malformed"
  /** Longer than {@link MAX_TRANSACTION_BYTES}. */
  | "too_large"
  /** Signed for another chain. */
  | "wrong_chain"
  /** The signature is not the sender's. */
  | "bad_signature"
  /** Not the nonce that the sender's account expects next. */
  | "bad_nonce"
  /** Its expiry height has passed. */
  | "expired"
  /** Its expiry lies more than {@link MAX_EXPIRY_BLOCKS} ahead. */
  | "expiry_too_far"
  /** The sender's balance does not cover the fee. */
  | "insufficient_fee_balance";

/** A transaction that no block may contain. */
export class TransactionError extends CodedError<TransactionErrorCode> {}

/** How far ahead an expiry may lie, in blocks: a mempool may forget what is older, and a lost transaction dies. */
export const MAX_EXPIRY_BLOCKS = 10_000n;

/** What is signed. */
export const Transaction = record("Transaction", {
  chainId: bytes32,
  sender: bytes32,
  /** The sender's account nonce before it. */
  nonce: u64,
  /** Last height at which it may be included. */
  expiry: u64,
  operation: Operation,
});
/** See {@link Transaction}. */
export type Transaction = Infer<typeof Transaction>;

/** A transaction as it travels and stands in blocks. */
export const SignedTransaction = record("SignedTransaction", {
  transaction: Transaction,
  signature: SignatureBytes,
});
/** See {@link SignedTransaction}. */
export type SignedTransaction = Infer<typeof SignedTransaction>;

/** Identity of a transaction, and of the task or dispute that it creates. */
export function transactionHash(transaction: Transaction): Hash {
  return hashOfBody(encode(Transaction, transaction));
}

function hashOfBody(body: Uint8Array): Hash {
  return hash("assay/tx", body);
}

/** What the sender signs, from the encoding of the transaction. */
function signingMessage(body: Uint8Array): Uint8Array {
  return hash("assay/tx/sign", body);
}

/** Bytes around the transaction in the encoding of a signed one: the array's head before it; the signature and its head after it. */
const HEAD_BYTES = 1, TAIL_BYTES = 66;

/** The encoding of the transaction within that of a signed one. */
function bodyOf(encoded: Uint8Array): Uint8Array {
  return encoded.subarray(HEAD_BYTES, encoded.length - TAIL_BYTES);
}

/** Everything of a transaction but its sender, which is the signer. */
export interface TransactionFields {
  readonly chainId: Hash;
  readonly nonce: bigint;
  readonly expiry: bigint;
  readonly operation: Operation;
}

/** Signs a transaction. */
export function signTransaction(signer: Signer, fields: TransactionFields): SignedTransaction {
  const transaction: Transaction = { ...fields, sender: signer.address };
  return { transaction, signature: signer.sign(signingMessage(encode(Transaction, transaction))) };
}

/** The bytes of a signed transaction, as blocks and the network carry it. */
export function encodeTransaction(signed: SignedTransaction): Uint8Array {
  return encode(SignedTransaction, signed);
}

/** A decoded transaction with its id and size. */
export interface ReceivedTransaction {
  readonly transaction: Transaction;
  readonly signature: Signature;
  /** Encoding of the transaction: the bytes that are hashed and signed. */
  readonly body: Uint8Array;
  readonly hash: Hash;
  readonly sender: Address;
  /** Length of its encoding, which the fee counts. */
  readonly byteLength: number;
}

/**
 * Reads a signed transaction. Does not check the signature: see {@link hasValidSignature}.
 *
 * @throws {TransactionError} `too_large` or `malformed`.
 */
export function decodeTransaction(encoded: Uint8Array): ReceivedTransaction {
  if (encoded.length > MAX_TRANSACTION_BYTES) {
    throw new TransactionError(
      "too_large",
      `A transaction has at most ${MAX_TRANSACTION_BYTES} bytes: got ${encoded.length}. Split what it carries.`,
      { bytes: encoded.length },
    );
  }
  try {
    const { transaction, signature } = decode(SignedTransaction, encoded);
    const body = copyOfBytes(bodyOf(encoded));
    return {
      transaction,
      signature,
      body,
      hash: hashOfBody(body),
      sender: transaction.sender,
      byteLength: encoded.length,
    };
  } catch (thrown) {
    if (!(thrown instanceof CodecError)) throw thrown;
    throw new TransactionError("malformed", `The bytes are no transaction: ${thrown.message}`, {
      bytes: encoded.length,
    }, thrown);
  }
}

/** Whether the sender signed it. */
export function hasValidSignature({ signature, body, sender }: ReceivedTransaction): boolean {
  return verifySignature(signature, signingMessage(body), sender);
}
