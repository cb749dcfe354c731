/**
 * Blocks and transactions as they are signed, hashed and stored.
 *
 * @module
 */
import {
  bytes,
  bytes32,
  encode,
  fixedBytes,
  type Hash,
  hash,
  type Infer,
  list,
  record,
  u64,
} from "../primitives/mod.ts";

/** Largest transaction in bytes: an opened trace leaf of a node with many inputs, with its proofs, fits. */
export const MAX_TRANSACTION_BYTES = 128 * 1024;

/** Most transactions of a block. */
export const MAX_BLOCK_TRANSACTIONS = 4096;

/** Header of a block. `stateRoot` is the state *after* it; the block is identified by {@link blockHash}. */
export const BlockHeader = record("BlockHeader", {
  chainId: bytes32,
  epoch: u64,
  view: u64,
  height: u64,
  parent: bytes32,
  /** View of the parent within the epoch; 0 for the epoch's first block. */
  parentView: u64,
  proposer: bytes32,
  transactionsRoot: bytes32,
  stateRoot: bytes32,
  /** Hash of the epoch's validator set. */
  validatorsHash: bytes32,
  /** The leader's BLS signature over the view and the previous beacon (96 bytes), or empty if it has no beacon key. */
  beaconSignature: bytes(96),
});
/** See {@link BlockHeader}. */
export type BlockHeader = Infer<typeof BlockHeader>;

/** A block: its header and the encodings of its signed transactions. */
export const Block = record("Block", {
  header: BlockHeader,
  transactions: list(bytes(MAX_TRANSACTION_BYTES), MAX_BLOCK_TRANSACTIONS),
});
/** See {@link Block}. */
export type Block = Infer<typeof Block>;

/** Identity of a block. */
export function blockHash(header: BlockHeader): Hash {
  return hash("assay/block", encode(BlockHeader, header));
}

/** A signature in a record. */
export const SignatureBytes = fixedBytes(64);
