/**
 * What every rule of the state machine may know besides the state: the block being executed, and a place for events.
 *
 * @module
 */
import type { Address, Hash } from "../primitives/mod.ts";
import type { Head, Params } from "./params.ts";

/** Something that happened in a block, told to actors: a name and the ids it concerns. */
export interface LedgerEvent {
  readonly kind: string;
  readonly task?: Hash;
  readonly dispute?: Hash;
  readonly account?: Address;
  readonly amount?: bigint;
  readonly detail?: string;
}

/** The block being executed. */
export interface BlockContext {
  readonly chainId: Hash;
  /** Height of the block being executed, its epoch, and the beacon *before* it. */
  readonly head: Head;
  readonly params: Params;
  /** Records something that happened, for actors and people. Events are not state. */
  emit(event: LedgerEvent): void;
}
