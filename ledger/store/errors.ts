/**
 * What can go wrong with a store.
 *
 * @module
 */
import { CodedError } from "../primitives/mod.ts";

/** Codes of {@link StoreError}. */
export type StoreErrorCode =
  /** Another process has the store open. */
  | "locked"
  /** The file is something else. */
  | "foreign_file"
  /** A store of a newer version. */
  | "newer_format"
  /** The store belongs to another chain. */
  | "other_chain"
  /** Truncated, torn or altered: what it holds cannot be trusted. */
  | "corrupted"
  /** The disk is full or refuses; nothing of the batch was acknowledged. */
  | "io_failed"
  /** A vote that contradicts one this node has signed. It must never be sent. */
  | "conflicting_vote"
  /** A vote in a view that is final already: its record may be gone, so signing there is not safe. */
  | "stale_vote"
  /** A finalized height that does not follow the last, or whose block was never stored. */
  | "out_of_order"
  /** The store was closed. */
  | "closed";

/** An error of the store. After any of them the node stops: it must not send what it could not write down. */
export class StoreError extends CodedError<StoreErrorCode> {}

/** What a person does about a store that cannot be trusted. */
export const RESYNC_ADVICE =
  "Move the file away and start the node again: it fetches the chain from its peers. A validator must follow without voting (start it " +
  "without that role) until its peers have finalized past every view in which it may have voted (one epoch is safe), because the record " +
  "of its votes is gone.";
