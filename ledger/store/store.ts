/**
 * What a node keeps across crashes: own votes, certificates, blocks, how far the chain is final, and a snapshot of the state.
 *
 * @module
 */
import type { Certificate, SignedVote } from "../consensus/mod.ts";
import type { Hash } from "../primitives/mod.ts";

/** One thing to write down. Records of one batch become durable together. */
export type StoreRecord =
  /** An own vote, before it is sent. */
  | { readonly kind: "vote"; readonly vote: SignedVote }
  | { readonly kind: "certificate"; readonly certificate: Certificate }
  /** A block that is not final yet: `block` is its encoding. */
  | { readonly kind: "block"; readonly height: bigint; readonly hash: Hash; readonly block: Uint8Array }
  /**
   * The next final height. Its block was stored before or in the same batch. `certificate` is its finalization, or null if only a
   * descendant's was seen. Votes and certificates of earlier views, and blocks beside it, are forgotten.
   */
  | {
    readonly kind: "finalized";
    readonly height: bigint;
    readonly hash: Hash;
    readonly certificate: Certificate | null;
  }
  /** The state after a final block; replaces the snapshot before. */
  | ({ readonly kind: "snapshot" } & Snapshot)
  /**
   * A final block far ahead, and the state after it, taken from others: the chain goes on from there, and what lies below is forgotten.
   * Votes and certificates of later views stay.
   */
  | {
    readonly kind: "adopted";
    readonly block: FinalizedBlock;
    readonly entries: Iterable<readonly [key: Uint8Array, value: Uint8Array]>;
  }
  /** Final blocks below a height are forgotten. It is at most that of the snapshot, so that a restart needs none of them. */
  | { readonly kind: "pruned"; readonly below: bigint }
  /** What leads light clients from an epoch to the next; those of epochs below `keepFrom` are forgotten. */
  | { readonly kind: "link"; readonly epoch: bigint; readonly link: Uint8Array; readonly keepFrom: bigint };

/** The state after the final block of a height. */
export interface Snapshot {
  readonly height: bigint;
  readonly hash: Hash;
  readonly entries: Iterable<readonly [key: Uint8Array, value: Uint8Array]>;
}

/** A block as it is stored. */
export interface StoredBlock {
  readonly height: bigint;
  readonly hash: Hash;
  readonly block: Uint8Array;
}

/** A final block, with its finalization if it has one of its own. */
export interface FinalizedBlock extends StoredBlock {
  readonly certificate: Certificate | null;
}

/** What a node starts from. */
export interface StoredChain {
  /** Height of the last final block; 0 for the genesis alone. */
  readonly finalizedHeight: bigint;
  /** Own votes in views that are not final. */
  readonly votes: readonly SignedVote[];
  readonly certificates: readonly Certificate[];
  /** Blocks above the final height. */
  readonly pending: readonly StoredBlock[];
  readonly snapshot: Snapshot | undefined;
}

/** Reads final blocks: all that serving other nodes needs. */
export interface FinalizedReader {
  readonly finalizedHeight: bigint;
  /** The lowest height whose block is held: above 1 where blocks were pruned, or never fetched. 1 for an empty store. */
  readonly firstHeight: bigint;
  /** The final block of a height, `firstHeight` to `finalizedHeight`. */
  finalizedAt(height: bigint): FinalizedBlock | undefined;
  /** What leads from an epoch to the next, if it was written down and is kept. */
  linkAt(epoch: bigint): Uint8Array | undefined;
}

/**
 * A store. One node opens it at a time.
 *
 * Every method throws {@link StoreError}; after one, the node must stop.
 */
export interface Store extends FinalizedReader {
  /** Everything that a starting node needs besides final blocks. */
  load(): StoredChain;
  /**
   * Writes all records, in order, or none. When it returns they survive the death of process and machine.
   *
   * @throws {StoreError} `conflicting_vote` or `stale_vote` for a vote that must not be sent, `out_of_order` for a height that does not
   * follow, `io_failed` if the disk refuses.
   */
  persist(records: readonly StoreRecord[]): void;
  close(): void;
}
