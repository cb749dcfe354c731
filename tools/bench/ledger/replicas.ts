/**
 * Validators in one thread over an in-memory network with a fixed delay in virtual time: everything a ledger does, and nothing of
 * sockets, disks or waiting.
 *
 * @module
 */
import {
  encodeTransaction,
  type Genesis,
  signTransaction,
  type TransactionReader,
} from "../../../ledger/chain/mod.ts";
import {
  answerRequest,
  createReplica,
  type FinalizedNotice,
  type Replica,
  type ReplicaEffect,
  type ReplicaInput,
  replicaOptions,
  stepReplica,
  type Timing,
} from "../../../ledger/node/mod.ts";
import { bytesToHex, type Hash, type Signer } from "../../../ledger/primitives/mod.ts";
import { createMemoryStore, type Store } from "../../../ledger/store/mod.ts";
import { ToolError } from "../../errors.ts";
import { createClock } from "../../simulation/mod.ts";

/** What a network is made from. */
export interface ReplicasOptions {
  readonly genesis: Genesis;
  readonly signers: readonly Signer[];
  /** One-way delay in virtual milliseconds. */
  readonly delayMs: number;
  readonly timing?: Timing;
  /** One for all, which checks a signature once for everybody; default: each validator has its own, as on a machine of its own. */
  readonly reader?: TransactionReader;
}

/** A running network. */
export interface Replicas {
  /** Virtual milliseconds. */
  readonly now: number;
  /** Who is gathering transactions for a block; `undefined` between two views. */
  leader(): number | undefined;
  /** Hands a transaction to a validator. */
  submit(validator: number, transaction: Uint8Array): void;
  /** How many of the transactions submitted so far are final at every validator. */
  finalized(): number;
  /**
   * Goes on until something holds.
   *
   * @throws {ToolError} `failed` after ten virtual minutes without it.
   */
  runUntil(isDone: () => boolean): void;
}

interface Member {
  readonly replica: Replica;
  readonly store: Store;
  finalized: number;
}

const LIMIT_MS = 600_000;

/** Starts validators. */
export function startReplicas({ genesis, signers, delayMs, timing, reader }: ReplicasOptions): Replicas {
  const clock = createClock();
  const members = signers.map((signer): Member => {
    const store = createMemoryStore();
    const options = replicaOptions({
      genesis,
      signer,
      ...(timing === undefined ? {} : { timing }),
      ...(reader === undefined ? {} : { reader }),
    });
    return { store, replica: createReplica(options, store), finalized: 0 };
  });
  const places = new Map(signers.map(({ address }, i) => [bytesToHex(address), i]));
  const placeOf = (address: Hash) => places.get(bytesToHex(address));
  const deliver = (to: number, from: number, bytes: Uint8Array) =>
    clock.after(delayMs, () => give(to, { kind: "message", from: String(from), bytes }));

  function request(self: number, { request, bytes, to }: Extract<ReplicaEffect, { kind: "request" }>): void {
    const any = (self + 1) % members.length;
    const target = to.kind === "any"
      ? any
      : to.kind === "peer"
      ? Number(to.peer)
      : placeOf(to.address) ?? any;
    const member = members[target];
    clock.after(2 * delayMs, () => {
      const answer = member && answerRequest(member.replica, member.store, bytes);
      const from = String(target);
      give(
        self,
        answer ? { kind: "response", request, from, bytes: answer } : { kind: "request_failed", request },
      );
    });
  }

  function finalize(member: Member, { block }: FinalizedNotice): void {
    member.finalized += block.transactions.length;
  }

  function perform(self: number, member: Member, effect: ReplicaEffect): void {
    switch (effect.kind) {
      case "persist":
        return member.store.persist(effect.records);
      case "send":
        for (const address of effect.to) {
          const to = placeOf(address);
          if (to !== undefined && to !== self) deliver(to, self, effect.bytes);
        }
        return;
      case "publish":
        for (const to of members.keys()) if (to !== self) deliver(to, self, effect.bytes);
        return;
      case "request":
        return request(self, effect);
      case "set_timer":
        return clock.after(effect.afterMs, () => give(self, { kind: "timer", timer: effect.timer }));
      case "finalized":
        return finalize(member, effect.notice);
      case "submitted":
        return;
      case "refused":
      case "penalize":
      case "halt":
        throw new ToolError(
          "failed",
          `A validator of the bench said ${effect.kind}: ${effect.error.message}`,
        );
      case "equivocation":
        throw new ToolError("failed", "A validator of the bench signed twice.");
      default:
        return effect satisfies never;
    }
  }

  function give(self: number, input: ReplicaInput): void {
    const member = members[self];
    if (member === undefined) return;
    for (const effect of stepReplica(member.replica, input)) perform(self, member, effect);
  }

  const height = () => members[0]?.replica.head.height ?? 0n;
  for (const i of members.keys()) give(i, { kind: "start" });
  return {
    get now() {
      return clock.now;
    },
    leader: () => {
      const place = members.findIndex(({ replica }) => replica.building !== undefined);
      return place < 0 ? undefined : place;
    },
    submit: (validator, transaction) => give(validator, { kind: "submit", id: 0, transaction }),
    finalized: () => Math.min(...members.map(({ finalized }) => finalized)),
    runUntil: (isDone) => {
      const end = clock.now + LIMIT_MS;
      while (!isDone()) {
        if (clock.now > end || !clock.tick()) {
          throw new ToolError("failed", `The bench's network stands still at height ${height()}.`);
        }
      }
    },
  };
}

/** A signed transfer of one unit. */
export function transfer(chainId: Hash, from: Signer, nonce: bigint, to: Hash): Uint8Array {
  return encodeTransaction(signTransaction(from, {
    chainId,
    nonce,
    expiry: LONG_BLOCKS,
    operation: { kind: "transfer", to, amount: 1n },
  }));
}

/** Blocks until a transfer of a bench expires: more than any bench makes, within what admission allows. */
const LONG_BLOCKS = 5_000n;
