/**
 * The actors' one error class, and the form in which an error travels between actors.
 *
 * @module
 */
import { CodedError, messageOf } from "../../ledger/primitives/mod.ts";

/** What can go wrong between and inside actors. */
export type ActorErrorCode =
  | "mailbox_full" // the receiver has too much waiting: try again later
  | "no_such_actor" // the node runs no actor of that role
  | "timed_out" // the deadline passed first
  | "cancelled" // the work was called off
  | "stopped" // the actor or its node is being stopped
  | "restarted" // the actor failed and started anew before it could answer
  | "silent" // the actor's worker answers no heartbeat
  | "crashed" // the actor's worker ended with an error
  | "bad_message" // bytes that are no message of the actor's
  | "bad_options" // settings that contradict themselves
  | "refused" // the actor will not do what was asked: the sentence says why
  | "rejected" // the ledger rejected the operation: `fields.rejection` is its code
  | "unavailable" // data that nobody asked could give
  | "mismatch"; // data that is not what its commitment says

/** A typed failure of an actor. */
export class ActorError extends CodedError<ActorErrorCode> {}

/** An error as plain data: what crosses between threads and nodes. */
export interface Failure {
  readonly code: string;
  readonly message: string;
}

/** The code of any thrown value: its first one, if it has come over threads or nodes; `failed` if it has none. */
export function codeOf(thrown: unknown): string {
  if (!(thrown instanceof CodedError)) return "failed";
  const { remoteCode } = thrown.fields;
  return typeof remoteCode === "string" ? remoteCode : thrown.code;
}

/** The plain data of any thrown value. */
export function failureOf(thrown: unknown): Failure {
  return { code: codeOf(thrown), message: messageOf(thrown) };
}

/** What came of work: its value, or why there is none. */
export type Outcome<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: Failure };
