/**
 * What goes into a replica and what comes out. A replica has no clock and does no IO: the host carries out its effects and tells
 * it what happened.
 *
 * @module
 */
import type { Block, BlockResult } from "../chain/mod.ts";
import type { Certificate, Evidence, ViewTimer } from "../consensus/mod.ts";
import type { Address, CodedError, Hash } from "../primitives/mod.ts";
import type { StoreRecord } from "../store/mod.ts";

/** How the host names a connection. Opaque to the replica. */
export type PeerId = string;

/** A timer. Those of consensus name their epoch; a timer whose moment has passed does nothing, so that none need be cancelled. */
export type ReplicaTimer =
  | { readonly name: "view"; readonly epoch: bigint; readonly timer: ViewTimer }
  /** Propose now what has gathered. */
  | { readonly name: "build"; readonly epoch: bigint; readonly view: bigint }
  /** From now on an idle leader proposes as soon as it has a transaction. */
  | { readonly name: "gathered"; readonly epoch: bigint; readonly view: bigint }
  /** Tell others of the transactions that have gathered. */
  | { readonly name: "gossip" }
  /** Ask around if nothing became final for a while. */
  | { readonly name: "poll" };

/** One input. */
export type ReplicaInput =
  /** The network is up. */
  | { readonly kind: "start" }
  /** Bytes that a peer sent or published. */
  | { readonly kind: "message"; readonly from: PeerId; readonly bytes: Uint8Array }
  /** The answer to a request. */
  | { readonly kind: "response"; readonly request: number; readonly from: PeerId; readonly bytes: Uint8Array }
  /** A request was not answered within the host's deadline. */
  | { readonly kind: "request_failed"; readonly request: number }
  | { readonly kind: "timer"; readonly timer: ReplicaTimer }
  /** A transaction of a local user; `id` comes back in the outcome. */
  | { readonly kind: "submit"; readonly id: number; readonly transaction: Uint8Array };

/** Whom to ask. `any`: whichever connected peer the host likes, another one each time if it can. */
export type RequestTarget =
  | { readonly kind: "validator"; readonly address: Address }
  | { readonly kind: "peer"; readonly peer: PeerId }
  | { readonly kind: "any" };

/** A block that became final, with what it did. */
export interface FinalizedNotice {
  readonly height: bigint;
  readonly hash: Hash;
  readonly block: Block;
  /** Its own finalization; null if a descendant's made it final. */
  readonly certificate: Certificate | null;
  readonly result: BlockResult;
}

/** One effect. */
export type ReplicaEffect =
  /** Write all of this down durably. Always the first effect of a step: nothing of the step may leave before it succeeded. */
  | { readonly kind: "persist"; readonly records: readonly StoreRecord[] }
  /** Send to these validators. */
  | { readonly kind: "send"; readonly to: readonly Address[]; readonly bytes: Uint8Array }
  /** Gossip to everybody. */
  | { readonly kind: "publish"; readonly topic: "blocks" | "transactions"; readonly bytes: Uint8Array }
  /** Ask, and answer with `response` or, after a deadline, `request_failed`. */
  | {
    readonly kind: "request";
    readonly request: number;
    readonly to: RequestTarget;
    readonly bytes: Uint8Array;
  }
  | { readonly kind: "set_timer"; readonly timer: ReplicaTimer; readonly afterMs: number }
  /** In order of height, each height once in the life of a replica. */
  | { readonly kind: "finalized"; readonly notice: FinalizedNotice }
  | { readonly kind: "submitted"; readonly id: number; readonly hash: Hash }
  | { readonly kind: "refused"; readonly id: number; readonly error: CodedError }
  /** A validator signed twice: to be reported in a transaction by somebody who has an account. */
  | { readonly kind: "equivocation"; readonly evidence: Evidence }
  /** A peer broke the protocol: lower its score. */
  | { readonly kind: "penalize"; readonly peer: PeerId; readonly error: CodedError }
  /** The node must stop; it does nothing from here on. */
  | { readonly kind: "halt"; readonly error: CodedError };
