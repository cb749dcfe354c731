/**
 * The network's one error class.
 *
 * @module
 */
import { CodedError } from "../ledger/primitives/mod.ts";

/** What can go wrong between peers. */
export type NetErrorCode =
  | "unreachable" // no address known, or nobody answers there
  | "timed_out" // the deadline passed first
  | "cancelled" // the caller's signal fired first
  | "too_large" // a message above `MAX_TRANSPORT_BYTES`
  | "closed" // this transport, or the connection in use, has been closed
  | "bad_address" // text that is no address of this kind of transport
  | "wrong_identity" // somebody else answers at the address
  | "address_in_use" // another program listens on the port
  | "bad_options" // settings that contradict themselves
  | "unknown_protocol" // the peer has no handler for the protocol
  | "protocol_error" // the peer broke the framing or a message format
  | "remote_error" // the peer's handler failed: `fields.remoteCode` says how
  | "busy" // the peer, or this node, has too much of it in hand: try again later
  | "refused" // the peer is shut out for misbehaving
  | "not_found" // nobody asked has the blob
  | "bad_blob" // stored or received bytes are not what their id says
  | "store_full" // the blob store's bound is reached
  | "store_failed"; // the disk below a blob store failed

/** A typed failure of the network. */
export class NetError extends CodedError<NetErrorCode> {}

/** `thrown` if it is typed already, else a {@link NetError} of `code` that keeps it as its cause. */
export function asNetError(thrown: unknown, code: NetErrorCode, message: string): NetError {
  return thrown instanceof NetError ? thrown : new NetError(code, message, {}, thrown);
}
