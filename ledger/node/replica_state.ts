/**
 * What a replica holds, and the small moves that the rest of the folder is made of.
 *
 * @module
 */
import type { Certificate, Core, Validators } from "../consensus/mod.ts";
import type { Address, CodedError, Hash } from "../primitives/mod.ts";
import type { State, Subtree } from "../state/mod.ts";
import type { StoreRecord } from "../store/mod.ts";
import type { BlockTree, ChainHead, KnownBlock } from "./block_tree.ts";
import type { PeerId, ReplicaEffect, RequestTarget } from "./effects.ts";
import type { Gossip } from "./gossip_state.ts";
import type { CertifiedHead } from "./light_offer.ts";
import type { Mempool } from "./mempool.ts";
import type { NodeMessage, NodeRequest } from "./messages.ts";
import type { ReplicaOptions } from "./options.ts";
import type { SnapshotOffer } from "./snapshot_offer.ts";

/** A snapshot being fetched. */
export interface StateSync {
  readonly from: PeerId;
  readonly known: KnownBlock;
  readonly certificate: Certificate;
  readonly subtrees: readonly Subtree[];
  /** The chunks received so far, which are the first ones. */
  readonly state: State;
  readonly received: number;
}

/** A question under way. `holders` are the validators not asked yet. */
export interface PendingRequest {
  readonly question: NodeRequest;
  readonly to: RequestTarget;
  readonly holders: readonly Address[];
}

/** What a leader was asked to build. */
export interface PendingBuild {
  readonly view: bigint;
  readonly parentView: bigint;
  readonly parent: Hash;
  readonly height: bigint;
  /** Transactions wait, and the timer is set accordingly. */
  readonly isHastened: boolean;
  /** The time in which others may gather has passed: the next transaction need not wait. */
  readonly isGathered: boolean;
}

/** A replica. Opaque outside this folder but for the queries of `replica.ts`. */
export interface Replica {
  readonly options: ReplicaOptions;
  readonly chainId: Hash;
  readonly tree: BlockTree;
  readonly pool: Mempool;
  /** Encodings of the latest final blocks, for peers a few blocks behind; the oldest go first. */
  readonly recent: Map<string, Uint8Array>;
  /** Transactions of local users, by hash, until they are in a block or expire. */
  readonly local: Map<string, Uint8Array>;
  readonly requests: Map<number, PendingRequest>;
  readonly gossip: Gossip;
  head: ChainHead;
  /** What light clients are shown; absent until a block was finalized directly. */
  certified: CertifiedHead | undefined;
  /** Epoch of the next block, and its validators. */
  epoch: bigint;
  validators: Validators;
  /** Absent when the node has no vote in the epoch. */
  core: Core | undefined;
  /** Messages of the next epoch, which some peers enter first. */
  early: { readonly from: PeerId; readonly message: NodeMessage }[];
  building: PendingBuild | undefined;
  nextRequest: number;
  started: boolean;
  /** Whether a range of blocks has been asked for and not come. */
  syncing: boolean;
  /** The snapshot that is offered to others. */
  offer: SnapshotOffer | undefined;
  /** The snapshot that is being fetched. */
  stateSync: StateSync | undefined;
  /** Peers are so far ahead that only a newer checkpoint could tell whether they lie. */
  needsCheckpoint: boolean;
  /** Height at the last poll. */
  polledHeight: bigint;
  halted: boolean;
  /** Who sent what is being handled. */
  sender: PeerId | undefined;
  records: StoreRecord[];
  effects: ReplicaEffect[];
}

/** Has a block written down once, before anything that depends on it. */
export function storeBlock(replica: Replica, known: KnownBlock): void {
  if (known.stored) return;
  known.stored = true;
  const { hash, encoded, block: { header: { height } } } = known;
  replica.records.push({ kind: "block", height, hash, block: encoded });
}

/** Blames the peer whose message is being handled. */
export function blame(replica: Replica, error: CodedError): void {
  if (replica.sender === undefined) return;
  replica.effects.push({ kind: "penalize", peer: replica.sender, error });
}
