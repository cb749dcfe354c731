/**
 * What an actor is: behaviour over plain state, without ambient authority.
 *
 * A **turn** is one call of `init` or `receive`. What it does through its {@link Context} is held back and takes effect when
 * the turn returns its new state; if it throws, nothing of it happened and the actor starts anew from what is durable. So a
 * behaviour must treat its state as read-only and return a new one.
 *
 * Whatever takes time (execution, downloads, waiting for a receipt) runs as a named **activity** beside the turns: at most one
 * of a name at a time, with a deadline, cancellable; what comes of it arrives as an envelope.
 *
 * Any further authority (a ledger client, blobs, an executor) reaches a behaviour as an argument of the function that makes it.
 *
 * @module
 */
import type { ActorEvent } from "./events.ts";
import type { ActorId, Envelope } from "./envelope.ts";
import type { Failure } from "./errors.ts";

/** A behaviour. `State` is plain read-only data, `Result` what its activities bring. */
export interface Actor<State, Result> {
  /** Gossip topics whose messages it receives. */
  readonly topics: readonly string[];
  /** The first turn, also after a restart: reads what is durable and sets its first timers. */
  init(context: Context<Result>): State | Promise<State>;
  receive(state: State, envelope: Envelope<Result>, context: Context<Result>): State | Promise<State>;
}

/** What a turn may do. All effects wait for the turn to commit. */
export interface Context<Result> {
  readonly self: ActorId;
  /** Milliseconds since 1970 by the node's clock. For deadlines and logs, never for anything two nodes must agree on. */
  now(): number;
  /** Unpredictable bytes from the node's source. */
  random(length: number): Uint8Array;
  /** Sends a message, to a sibling or over the network. If it cannot be delivered, an `undelivered` envelope comes back. */
  send(to: ActorId, body: Uint8Array): void;
  /** Answers a request, in this turn or a later one. */
  reply(request: number, body: Uint8Array): void;
  /** Answers a request with an error. */
  refuse(request: number, failure: Failure): void;
  /** Spreads gossip. */
  publish(topic: string, body: Uint8Array): void;
  /** Tells every sibling the latest of something. A notice replaces an earlier one of its name that still waits. */
  notify(name: string, body: Uint8Array): void;
  /** Sets the timer `name` to fire once in `delayMs`, replacing it if it is set. */
  setTimer(name: string, delayMs: number): void;
  clearTimer(name: string): void;
  /**
   * Starts an activity when the turn commits.
   *
   * @param deadlineMs After this it is cancelled and ends with `timed_out`.
   * @returns Whether it will start: false if one of that name runs, or has ended and its envelope still waits.
   */
  start(name: string, deadlineMs: number, work: (activity: Activity) => Promise<Result>): boolean;
  /** Calls an activity off; it ends with `cancelled`. */
  cancel(name: string): void;
  /** Whether an activity of that name runs or its envelope still waits. */
  isBusy(name: string): boolean;
  /** Tells people and programs what happens. */
  emit(event: ActorEvent): void;
}

/** What an activity may do. Its effects are immediate. */
export interface Activity {
  /** Fires when the activity is cancelled, its deadline passes, or the actor stops. */
  readonly signal: AbortSignal;
  now(): number;
  random(length: number): Uint8Array;
  /**
   * Asks another actor, sibling or remote.
   *
   * @throws {ActorError} with the other side's code, or `timed_out`, `mailbox_full`, `no_such_actor`.
   */
  ask(to: ActorId, body: Uint8Array, timeoutMs: number): Promise<Uint8Array>;
  /** Waits. Rejects if the activity is called off meanwhile. */
  sleep(ms: number): Promise<void>;
  emit(event: ActorEvent): void;
}
