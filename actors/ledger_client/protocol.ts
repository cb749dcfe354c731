/**
 * What can be asked of a validator actor: records of the finalized state, and the way of a transaction into a block.
 *
 * Records are asked for by key, at one height for a whole query, so that whoever asks can run the ledger's own functions over
 * what came back (see `state_view.ts`).
 *
 * @module
 */
import {
  bool,
  bytes,
  bytes32,
  type Infer,
  list,
  nullable,
  record,
  text,
  u64,
  union,
} from "../../ledger/primitives/mod.ts";
import { MAX_TRANSACTION_BYTES } from "../../ledger/mod.ts";

/** Most keys of one question: their values together fit a message, as no record has more than a few KiB. */
export const MAX_KEYS = 256;

/** A transport message has 4 MiB; its frames need less than this. */
const MAX_REPLICA_ANSWER_BYTES = 4 * 1024 * 1024 - 4096;

/** The longest request of a replica names 256 transactions by their 32-byte ids. */
const MAX_REPLICA_REQUEST_BYTES = 16 * 1024;

/** Name of the notice that a block has become final. Its body is a {@link FinalizedNotice}. */
export const FINALIZED = "finalized";

/** See {@link FINALIZED}. */
export const FinalizedNotice = record("FinalizedNotice", { height: u64 });

/** A question. */
export const LedgerQuestion = union("LedgerQuestion", {
  /** Values of keys at `height`, or at the last finalized block if null. */
  read: record("Read", { height: nullable(u64), keys: list(bytes(256), MAX_KEYS) }),
  /** Take this signed transaction into the mempool and spread it. One that is known already is taken again without effect. */
  submit: record("Submit", { transaction: bytes(MAX_TRANSACTION_BYTES) }),
  /** What became of a transaction. With `wait`, the answer comes when it is final, and not at all before. */
  receipt: record("ReceiptOf", { hash: bytes32, wait: bool }),
  /** A request of another node's replica: see `ledger/node/messages.ts`. */
  replica: record("ReplicaRequest", { request: bytes(MAX_REPLICA_REQUEST_BYTES) }),
});
/** See {@link LedgerQuestion}. */
export type LedgerQuestion = Infer<typeof LedgerQuestion>;

/** What became of a finalized transaction. */
export const FinalReceipt = record("FinalReceipt", {
  height: u64,
  ok: bool,
  /** Code and sentence of the rejection; empty if `ok`. */
  code: text(64),
  message: text(1024),
  fee: u64,
});
/** See {@link FinalReceipt}. */
export type FinalReceipt = Infer<typeof FinalReceipt>;

/** An answer. */
export const LedgerAnswer = union("LedgerAnswer", {
  /** Values in the order of the keys; null where there is none. `chainId` tells which chain this is. */
  values: record("Values", {
    height: u64,
    chainId: bytes32,
    values: list(nullable(bytes(1024 * 1024)), MAX_KEYS),
  }),
  /** That height is not held (any more): ask for the latest. */
  gone: record("Gone", { latest: u64 }),
  /** The transaction is in the mempool. */
  taken: record("Taken", { hash: bytes32 }),
  /** The transaction can stand in no block. */
  refused: record("Refused", { code: text(64), message: text(1024) }),
  receipt: record("ReceiptAnswer", { receipt: FinalReceipt }),
  /** No receipt of that transaction among all those of the blocks from height `since` on. */
  none: record("NoReceipt", { since: u64 }),
  replica: record("ReplicaAnswer", { answer: bytes(MAX_REPLICA_ANSWER_BYTES) }),
});
/** See {@link LedgerAnswer}. */
export type LedgerAnswer = Infer<typeof LedgerAnswer>;
