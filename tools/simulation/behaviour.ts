/**
 * How a node behaves: the replica as it is, or something wrapped around it that twists what goes in and what comes out. Byzantine
 * validators and mutations of the rules are twists, so that the code under test carries no switch for them.
 *
 * @module
 */
import {
  answerRequest,
  type Replica,
  type ReplicaEffect,
  type ReplicaInput,
  stepReplica,
} from "../../ledger/node/mod.ts";
import type { Signer } from "../../ledger/primitives/mod.ts";
import type { Store } from "../../ledger/store/mod.ts";
import type { Dice } from "./random.ts";

/** What a behaviour may know and use: one life of one node. */
export interface Seat {
  readonly name: string;
  readonly signer: Signer | undefined;
  readonly replica: Replica;
  readonly store: Store;
  readonly dice: Dice;
  /** Virtual time in milliseconds. */
  now(): number;
}

/** What a node does with what reaches it. */
export interface Behaviour {
  step(input: ReplicaInput): readonly ReplicaEffect[];
  /** The answer to a peer's request; `undefined`: none. */
  answer(request: Uint8Array): Uint8Array | undefined;
}

/** Makes another behaviour out of one. */
export type Twist = (seat: Seat, plain: Behaviour) => Behaviour;

/** The replica as it is. */
export function plainBehaviour({ replica, store }: Seat): Behaviour {
  return {
    step: (input) => stepReplica(replica, input),
    answer: (request) => answerRequest(replica, store, request),
  };
}

/** One twist after another, the first innermost. */
export function allTwists(...twists: readonly Twist[]): Twist {
  return (seat, plain) => twists.reduce((inner, twist) => twist(seat, inner), plain);
}
