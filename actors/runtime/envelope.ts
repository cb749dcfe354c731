/**
 * What an actor can be woken by.
 *
 * Two kinds of mail, kept apart in the mailbox:
 *  - **letters** come from others (messages, gossip), wait in order, and are refused when too many wait;
 *  - **signals** come from the actor's own node (a timer, a finished activity, a notice of a sibling). There is at most one of
 *    each name waiting, so they need no bound and are never refused.
 *
 * @module
 */
import type { Failure, Outcome } from "./errors.ts";

/** An actor somewhere on the network: the peer it runs on (account address in hex) and its role there. */
export interface ActorId {
  readonly peer: string;
  readonly role: string;
}

/** A message to this actor. `body` is the canonical encoding of the receiving role's message union. */
export interface Message {
  readonly kind: "message";
  readonly from: ActorId;
  readonly body: Uint8Array;
  /** Number to give to `context.reply`; null for a message that wants no answer. */
  readonly request: number | null;
}

/** Gossip on a topic that the actor listens to. `from` is its proven author. */
export interface Published {
  readonly kind: "published";
  readonly topic: string;
  readonly from: string;
  readonly body: Uint8Array;
}

/** A message that the actor sent and its receiver did not take. */
export interface Undelivered {
  readonly kind: "undelivered";
  readonly to: ActorId;
  readonly body: Uint8Array;
  readonly error: Failure;
}

/** The latest notice of a sibling under a name: an earlier one that was still waiting is gone, so it must not be missed. */
export interface Notice {
  readonly kind: "notice";
  readonly from: string;
  readonly name: string;
  readonly body: Uint8Array;
}

/** A timer that the actor set. */
export interface TimerFired {
  readonly kind: "timer";
  readonly name: string;
}

/** An activity that the actor started has ended. */
export interface ActivityEnded {
  readonly kind: "finished";
  readonly name: string;
}

/** Mail as it lies in a mailbox: plain data that can cross to a worker. */
export type Mail = Message | Published | Undelivered | Notice | TimerFired | ActivityEnded;

/** Mail that waits in order and can be refused. */
export type Letter = Message | Published | Undelivered;

/** Mail as a behaviour receives it: an ended activity comes with what came of it. */
export type Envelope<Result> =
  | Letter
  | Notice
  | TimerFired
  | { readonly kind: "finished"; readonly name: string; readonly outcome: Outcome<Result> };

/** Whether mail is a letter. */
export function isLetter(mail: Mail): mail is Letter {
  return mail.kind === "message" || mail.kind === "published" || mail.kind === "undelivered";
}
