/**
 * What nodes say to one another. Everything is a canonical union with bounded sizes; blocks and transactions travel as the bytes
 * that are hashed.
 *
 * @module
 */
import { Block, BlockHeader, MAX_BLOCK_BYTES, MAX_TRANSACTION_BYTES } from "../chain/mod.ts";
import { Certificate, REPAIR_VIEWS, SignedVote } from "../consensus/mod.ts";
import { EpochLinks, LightState, MAX_LIGHT_KEY_BYTES, MAX_LIGHT_KEYS } from "../light/mod.ts";
import {
  bytes,
  bytes32,
  CodecError,
  decode,
  encode,
  type Infer,
  list,
  nullable,
  record,
  type Schema,
  u32,
  u64,
  uint,
  union,
} from "../primitives/mod.ts";
import { NodeError } from "./errors.ts";

/** Largest encoding of a block: its transactions, at most 5 bytes of framing for each of 4,096, and the header. */
export const MAX_ENCODED_BLOCK_BYTES = MAX_BLOCK_BYTES + 32 * 1024;

/** Most transactions that one gossip message carries, and most bytes of them: half of the smallest transport limit (4 MiB). */
export const MAX_GOSSIP_TRANSACTIONS = 256;

/** Most transaction ids that one announcement carries: 34 KiB, below what any transport gossips. */
export const MAX_ANNOUNCED = 1024;

/** Most blocks of one answer; its bytes are bounded apart, see `answers.ts`. */
export const MAX_RANGE_BLOCKS = 256;

/** Most headers that lead from the last block of an answer to one with a certificate. An epoch of such blocks is 1 MiB. */
export const MAX_LINK_HEADERS = 2048;

/** Bits of the paths that the subtrees of a snapshot are told apart by, at most: 4,096 chunks, and 160 KiB of hashes. */
export const MAX_SUBTREE_BITS = 12;

/** Bounds of a state entry and of a chunk of them; a message bounds the bytes of the whole. */
const MAX_KEY_BYTES = 256, MAX_VALUE_BYTES = 1024 * 1024, MAX_CHUNK_ENTRIES = 65_536;

const BlockBytes = bytes(MAX_ENCODED_BLOCK_BYTES);

/**
 * What a node says unasked. Proposals, votes and certificates go between validators, transactions to validators; final blocks and
 * announcements are published to everybody.
 */
export const NodeMessage = union("NodeMessage", {
  /** The leader's notarize vote and the block that it is for. */
  proposal: record("ProposalMessage", { vote: SignedVote, block: BlockBytes }),
  vote: record("VoteMessage", { vote: SignedVote }),
  certificate: record("CertificateMessage", { certificate: Certificate }),
  /** A final block with the certificate that finalized it directly. */
  finalized: record("FinalizedMessage", { block: BlockBytes, certificate: Certificate }),
  /** Transactions in full: for a validator that is about to propose, and published by nodes that nobody may be able to ask. */
  transactions: record("TransactionsMessage", {
    transactions: list(bytes(MAX_TRANSACTION_BYTES), MAX_GOSSIP_TRANSACTIONS),
  }),
  /** Ids of transactions that wait at the sender, who can be asked for them. */
  announcement: record("AnnouncementMessage", { hashes: list(bytes32, MAX_ANNOUNCED) }),
});
/** See {@link NodeMessage}. */
export type NodeMessage = Infer<typeof NodeMessage>;

/** What a node asks of another. */
export const NodeRequest = union("NodeRequest", {
  /** A block by hash, final or not. */
  block: record("BlockRequest", { hash: bytes32 }),
  /** The certificates of views `from` to `to` of an epoch. */
  certificates: record("CertificatesRequest", { epoch: u64, from: u64, to: u64 }),
  /** Final blocks from a height on. */
  range: record("RangeRequest", { from: u64 }),
  /** The latest snapshot that the peer offers. */
  snapshot: record("SnapshotRequest", {}),
  /** One chunk of the snapshot at a height. */
  chunk: record("ChunkRequest", { height: u64, index: uint(2 ** MAX_SUBTREE_BITS) }),
  /** Transactions that the peer announced. */
  transactions: record("TransactionsRequest", { hashes: list(bytes32, MAX_GOSSIP_TRANSACTIONS) }),
  /** For light clients: how to get from an epoch to the next, and on. */
  light_links: record("LightLinksRequest", { from: u64 }),
  /** For light clients: the latest certified header, and what keys hold after it. */
  light_state: record("LightStateRequest", { keys: list(bytes(MAX_LIGHT_KEY_BYTES), MAX_LIGHT_KEYS) }),
});
/** See {@link NodeRequest}. */
export type NodeRequest = Infer<typeof NodeRequest>;

/** The answers, one variant for each request; `pruned` answers a range too. */
export const NodeAnswer = union("NodeAnswer", {
  block: record("BlockAnswer", { block: nullable(BlockBytes) }),
  certificates: record("CertificatesAnswer", {
    certificates: list(Certificate, 2 * Number(REPAIR_VIEWS) + 1),
  }),
  /**
   * Consecutive blocks of one epoch, then headers of the blocks after them up to the one that `certificate` finalized. All empty and
   * null when the node has nothing from there on.
   */
  range: record("RangeAnswer", {
    blocks: list(BlockBytes, MAX_RANGE_BLOCKS),
    link: list(BlockHeader, MAX_LINK_HEADERS),
    certificate: nullable(Certificate),
  }),
  /** A final block, its own finalization, and the subtrees of the state after it, in order of their paths: a power of two of them. */
  snapshot: record("SnapshotAnswer", {
    offer: nullable(record("SnapshotOffer", {
      block: BlockBytes,
      certificate: Certificate,
      subtrees: list(record("Subtree", { top: bytes32, count: u32 }), 2 ** MAX_SUBTREE_BITS),
    })),
  }),
  /** The entries of a subtree; null when the peer does not offer that snapshot (any more). */
  chunk: record("ChunkAnswer", {
    entries: nullable(
      list(record("Entry", { key: bytes(MAX_KEY_BYTES), value: bytes(MAX_VALUE_BYTES) }), MAX_CHUNK_ENTRIES),
    ),
  }),
  /** The blocks that a range was asked for are forgotten: this is the first one that is left. */
  pruned: record("PrunedAnswer", { firstHeight: u64 }),
  /** Those of the transactions asked for that still wait, as many as fit. */
  transactions: record("TransactionsAnswer", {
    transactions: list(bytes(MAX_TRANSACTION_BYTES), MAX_GOSSIP_TRANSACTIONS),
  }),
  light_links: record("LightLinksAnswer", { links: EpochLinks }),
  /** Null while the node has no certified block. */
  light_state: record("LightStateAnswer", { state: nullable(LightState) }),
});
/** See {@link NodeAnswer}. */
export type NodeAnswer = Infer<typeof NodeAnswer>;

/**
 * Reads what a peer sent.
 *
 * @throws {NodeError} `malformed_message`.
 */
export function read<T>(schema: Schema<T>, encoded: Uint8Array): T {
  try {
    return decode(schema, encoded);
  } catch (thrown) {
    if (!(thrown instanceof CodecError)) throw thrown;
    throw new NodeError(
      "malformed_message",
      `The bytes are no ${schema.name}: ${thrown.message}`,
      { bytes: encoded.length },
      thrown,
    );
  }
}

/** Bytes of a message. */
export function encodeMessage(message: NodeMessage): Uint8Array {
  return encode(NodeMessage, message);
}

/** Reads a block from its encoding. Throws {@link NodeError} `malformed_message`. */
export function readBlock(encoded: Uint8Array): Block {
  return read(Block, encoded);
}
