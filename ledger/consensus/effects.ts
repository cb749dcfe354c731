/**
 * What goes into the consensus core and what comes out. The core has no clock and does no IO: time arrives as timers that it
 * asked for, blocks as candidates, and the verdict of execution as an answer to `verify`.
 *
 * @module
 */
import type { Address, Hash } from "../primitives/mod.ts";
import type { Certificate } from "./certificates.ts";
import type { ConsensusError } from "./errors.ts";
import type { Evidence } from "./evidence.ts";
import type { Proposal, SignedVote } from "./votes.ts";

/** What consensus knows of a block: its place in the chain, never its content. `view` and `parentView` are those of its header. */
export interface Candidate {
  readonly block: Hash;
  readonly parent: Hash;
  readonly epoch: bigint;
  readonly height: bigint;
  readonly view: bigint;
  readonly parentView: bigint;
  readonly proposer: Address;
}

/**
 * A timer of one view. `leader`: no acceptable proposal came; `advance`: the view did not end; `retry`: say again what was said.
 * A timer of a view that has passed does nothing, so that none need be cancelled.
 */
export interface ViewTimer {
  readonly name: "leader" | "advance" | "retry";
  readonly view: bigint;
}

/** One input of the core. */
export type ConsensusInput =
  /** Begins the present view; before it nothing is voted. */
  | { readonly kind: "start" }
  | { readonly kind: "vote"; readonly vote: SignedVote }
  | { readonly kind: "certificate"; readonly certificate: Certificate }
  /** The leader's notarize vote with the block that it is for. */
  | { readonly kind: "proposal"; readonly vote: SignedVote; readonly candidate: Candidate }
  /** A block that is held now: an answer to `fetch_block`, or from the store. */
  | { readonly kind: "block"; readonly candidate: Candidate }
  /** The answer to `verify`. Data that is not there yet is not an answer. */
  | { readonly kind: "verified"; readonly block: Hash; readonly valid: boolean }
  /** The answer to `build`. */
  | { readonly kind: "built"; readonly candidate: Candidate }
  | { readonly kind: "timer"; readonly timer: ViewTimer }
  /** The chain was finalized up to here by other means (block sync). */
  | { readonly kind: "synced"; readonly block: Hash; readonly height: bigint; readonly view: bigint };

/** What must be on disk before anything after it is sent. */
export type ConsensusRecord =
  | { readonly kind: "vote"; readonly vote: SignedVote }
  | { readonly kind: "certificate"; readonly certificate: Certificate };

/** One effect, to be carried out in order. */
export type ConsensusEffect =
  | { readonly kind: "persist"; readonly record: ConsensusRecord }
  | { readonly kind: "broadcast_vote"; readonly vote: SignedVote }
  | { readonly kind: "broadcast_certificate"; readonly certificate: Certificate }
  /** The own proposal, together with its block. */
  | { readonly kind: "broadcast_proposal"; readonly vote: SignedVote }
  /** Execute this block on its parent, which is valid, and answer `verified`. */
  | { readonly kind: "verify"; readonly candidate: Candidate }
  /** Make a block of `view` on this parent and answer `built`, at once or when it is worth it. */
  | {
    readonly kind: "build";
    readonly view: bigint;
    readonly parentView: bigint;
    readonly parent: Hash;
    readonly height: bigint;
  }
  /** Get a block; `holders` are validators that have it. */
  | { readonly kind: "fetch_block"; readonly block: Hash; readonly holders: readonly number[] }
  /** Get certificates of views `from` to `to`; `holders` are validators that have them. */
  | {
    readonly kind: "fetch_certificates";
    readonly from: bigint;
    readonly to: bigint;
    readonly holders: readonly number[];
  }
  | { readonly kind: "set_timer"; readonly timer: ViewTimer; readonly afterMs: number }
  /** The block and all its ancestors are final. Its ancestry has been executed. */
  | { readonly kind: "finalized"; readonly proposal: Proposal; readonly certificate: Certificate }
  | { readonly kind: "equivocation"; readonly evidence: Evidence }
  /** Who sent the input broke a rule. */
  | { readonly kind: "fault"; readonly error: ConsensusError };
