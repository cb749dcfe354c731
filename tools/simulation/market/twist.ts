/**
 * Where somebody on stage departs from what an honest node does: at its edges, never inside its actors, which are the same for
 * everybody.
 *
 * @module
 */
import type { BlobAccess, LedgerClient, Node } from "../../../actors/mod.ts";
import type { Executor } from "../../../executor/mod.ts";
import type { Claim } from "../../../executor/run/mod.ts";
import type { Store } from "../../../ledger/store/mod.ts";

/** See the module. */
export interface Twist {
  /** What its executor claims instead of what it computes. A claim may remember: one is made for each node. */
  readonly claim?: () => Claim;
  /** The executor that its actors get. */
  readonly executor?: (own: Executor, powers: TwistPowers) => Executor;
  /** The ledger that its actors get. */
  readonly ledger?: (own: LedgerClient, powers: TwistPowers) => LedgerClient;
  /** The blobs that its actors get, which it also serves. */
  readonly blobs?: (own: BlobAccess) => BlobAccess;
  /** What it does beside its actors. Ends at the latest when the signal fires. */
  readonly act?: (node: Node, powers: TwistPowers, signal: AbortSignal) => Promise<void>;
}

/** What twists may use besides. */
export interface TwistPowers {
  /** The node's copy of the chain. */
  readonly store: Store;
  /** An executor that computes honestly. */
  honest(): Executor;
  /** Waits, at most until the signal fires. */
  pause(ms: number, signal: AbortSignal): Promise<void>;
}
