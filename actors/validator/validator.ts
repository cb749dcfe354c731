/**
 * The validator: runs the ledger's replica, voting or following, and is every other actor's way to the ledger.
 *
 * What a step of the replica wants written is on disk before the turn ends, and what it wants sent leaves only when the turn has
 * committed: so nothing is ever said that could be forgotten. If a turn fails, the replica is made anew from its store.
 *
 * @module
 */
import { bytesToHex, decode, encode, formatAddress, type Hash } from "../../ledger/primitives/mod.ts";
import { chainIdOf, type Genesis, type Operation, type State } from "../../ledger/mod.ts";
import {
  answerRequest,
  createReplica,
  type Replica,
  type ReplicaEffect,
  type ReplicaInput,
  type ReplicaOptions,
  type RequestTarget,
  stepReplica,
} from "../../ledger/node/mod.ts";
import type { Store } from "../../ledger/store/mod.ts";
import { MAX_GOSSIP_BYTES } from "../../net/mod.ts";
import { FINALIZED, FinalizedNotice, LedgerAnswer, LedgerQuestion } from "../ledger_client/mod.ts";
import { ROLE } from "../roles.ts";
import { type Activity, type Actor, type Context, type Envelope, failureOf } from "../runtime/mod.ts";
import { newsOf } from "./ledger_news.ts";
import { makeReceiptBook, type ReceiptBook } from "./receipts.ts";
import { makeReplicaTimers } from "./replica_timers.ts";

/** What a validator may use. */
export interface ValidatorPowers {
  /** The node's store, open. It is closed by whoever opened it, after the actor was stopped. */
  readonly store: Store;
  /** Peers connected now. */
  peers(): Promise<readonly string[]>;
  /** Blames a peer for breaking the protocol. */
  penalize(peer: string, reason: string): void;
  /** Does an operation in the node's name: reports of equivocation. Without it they are only told as warnings. */
  readonly report?: (operation: Operation, activity: Activity) => Promise<void>;
}

/** Topics of a chain's gossip: nodes of different chains do not hear each other. */
export function validatorTopics(genesis: Genesis): readonly string[] {
  const chain = bytesToHex(chainIdOf(genesis)).slice(0, 16);
  return [`assay/${chain}/blocks`, `assay/${chain}/transactions`];
}

/** Final states kept for queries that began a few blocks ago. They share nearly everything. */
const STATES_KEPT = 32n;

/** A holder of a block that does not answer in this time is slower than asking the next. */
const REQUEST_MS = 5000;

/** Questions for receipts that wait at a time; the next is refused. */
const MAX_WAITING = 4096;

/** Blocks after which a question for a receipt is forgotten: its asker has given up long before. */
const WAIT_BLOCKS = 100n;

interface WaitingQuestion {
  readonly request: number;
  readonly hash: string;
  readonly until: bigint;
}

/** The validator's state: what is durable is in the store, the rest is made again from it. */
export interface ValidatorState {
  readonly replica: Replica;
  /** Why the replica stopped for good; null while it runs. */
  readonly halted: string | null;
  readonly waiting: readonly WaitingQuestion[];
}

/** What a request to another node brought: who answered and what, or null. */
export type ValidatorResult = { readonly from: string; readonly bytes: Uint8Array } | null;

type Ctx = Context<ValidatorResult>;

/** Makes the validator of a node. `options.signer` votes; without it the node follows. */
export function makeValidator(
  powers: ValidatorPowers,
  options: ReplicaOptions,
): Actor<ValidatorState, ValidatorResult> {
  const { store } = powers;
  const [blocksTopic = "", transactionsTopic = ""] = validatorTopics(options.genesis);
  const chainId = chainIdOf(options.genesis);
  const states = new Map<bigint, State>();
  const timers = makeReplicaTimers();
  let receipts: ReceiptBook = makeReceiptBook(0n);
  let reports = 0;

  const choosePeer = async (to: RequestTarget, request: number): Promise<string | undefined> => {
    if (to.kind === "validator") return formatAddress(to.address);
    if (to.kind === "peer") return to.peer;
    const peers = await powers.peers();
    return peers[request % Math.max(1, peers.length)];
  };

  const ask = (effect: Extract<ReplicaEffect, { kind: "request" }>, context: Ctx) => {
    const self = context.self.peer;
    context.start(`request ${effect.request}`, REQUEST_MS, async (activity) => {
      const peer = await choosePeer(effect.to, effect.request);
      if (peer === undefined || peer === self) return null;
      const question = encode(LedgerQuestion, { kind: "replica", request: effect.bytes });
      const answer = decode(
        LedgerAnswer,
        await activity.ask({ peer, role: ROLE.validator }, question, REQUEST_MS),
      );
      return answer.kind === "replica" ? { from: peer, bytes: answer.answer } : null;
    });
  };

  const publish = (topic: string, bytes: Uint8Array, context: Ctx) => {
    // Followers ask for blocks that are too large to be gossiped.
    if (bytes.length <= MAX_GOSSIP_BYTES) context.publish(topic, bytes);
  };

  const answerWith = (request: number, answer: LedgerAnswer, context: Ctx) =>
    context.reply(request, encode(LedgerAnswer, answer));

  const finalized = (
    state: ValidatorState,
    { height, result, block }: Extract<ReplicaEffect, { kind: "finalized" }>["notice"],
    context: Ctx,
  ): ValidatorState => {
    states.set(height, result.state);
    states.delete(height - STATES_KEPT);
    receipts.add(height, result.receipts);
    context.emit({ kind: "block_finalized", height, transactions: block.transactions.length });
    for (const event of result.events) context.emit(newsOf(height, event));
    context.notify(FINALIZED, encode(FinalizedNotice, { height }));
    const done = new Set(result.receipts.map(({ hash }) => bytesToHex(hash)));
    for (const { request, hash } of state.waiting) {
      const receipt = done.has(hash) ? receiptOf(result.receipts, hash) : undefined;
      if (receipt !== undefined) answerWith(request, { kind: "receipt", receipt }, context);
    }
    return {
      ...state,
      waiting: state.waiting.filter(({ hash, until }) => !done.has(hash) && until > height),
    };
  };

  const receiptOf = (all: readonly { readonly hash: Hash }[], hash: string) => {
    const found = all.find((receipt) => bytesToHex(receipt.hash) === hash);
    return found === undefined ? undefined : receipts.get(found.hash);
  };

  const carryOut = (state: ValidatorState, effect: ReplicaEffect, context: Ctx): ValidatorState => {
    switch (effect.kind) {
      case "persist":
        store.persist(effect.records);
        return state;
      case "send":
        for (const address of effect.to) {
          const peer = formatAddress(address);
          if (peer !== context.self.peer) context.send({ peer, role: ROLE.validator }, effect.bytes);
        }
        return state;
      case "publish":
        publish(effect.topic === "blocks" ? blocksTopic : transactionsTopic, effect.bytes, context);
        return state;
      case "request":
        ask(effect, context);
        return state;
      case "set_timer":
        timers.set(effect.timer, effect.afterMs, context);
        return state;
      case "finalized":
        return finalized(state, effect.notice, context);
      case "submitted":
        answerWith(effect.id, { kind: "taken", hash: effect.hash }, context);
        return state;
      case "refused": {
        const { code, message } = failureOf(effect.error);
        answerWith(effect.id, { kind: "refused", code, message }, context);
        return state;
      }
      case "equivocation": {
        const { report } = powers;
        const message = "A validator signed two conflicting votes.";
        context.emit({ kind: "warning", code: "equivocation", message });
        if (report === undefined) return state;
        const operation: Operation = { kind: "report_equivocation", ...effect.evidence };
        context.start(`report ${reports++}`, 60_000, async (activity) => {
          await report(operation, activity);
          return null;
        });
        return state;
      }
      case "penalize":
        powers.penalize(effect.peer, effect.error.message);
        return state;
      case "halt":
        context.emit({ kind: "warning", code: effect.error.code, message: effect.error.message });
        return { ...state, halted: effect.error.message };
    }
  };

  const step = (state: ValidatorState, input: ReplicaInput, context: Ctx): ValidatorState => {
    let next = state;
    const { needsCheckpoint } = state.replica;
    for (const effect of stepReplica(state.replica, input)) next = carryOut(next, effect, context);
    if (state.replica.needsCheckpoint && !needsCheckpoint) {
      const message =
        "The peers have forgotten the blocks that this node needs, and their state is of an epoch whose validators " +
        "it does not know: start it with a checkpoint from somebody you trust (--checkpoint).";
      context.emit({ kind: "warning", code: "needs_checkpoint", message });
    }
    return next;
  };

  const read = (state: ValidatorState, height: bigint | null, keys: readonly Uint8Array[]): LedgerAnswer => {
    const latest = state.replica.head.height;
    const at = height ?? latest;
    // A node that has just started from a snapshot has the state of its head, and no block has become final yet.
    const view = states.get(at) ?? (at === latest ? state.replica.head.state : undefined);
    if (view === undefined) return { kind: "gone", latest };
    return { kind: "values", height: at, chainId, values: keys.map((key) => view.get(key) ?? null) };
  };

  const awaitReceipt = (
    state: ValidatorState,
    request: number,
    hash: Hash,
    wait: boolean,
    context: Ctx,
  ): ValidatorState => {
    const receipt = receipts.get(hash);
    if (receipt !== undefined) answerWith(request, { kind: "receipt", receipt }, context);
    else if (!wait) answerWith(request, { kind: "none", since: receipts.since }, context);
    else if (state.waiting.length >= MAX_WAITING) {
      context.refuse(request, {
        code: "mailbox_full",
        message: `${MAX_WAITING} questions for receipts wait: ask later.`,
      });
    } else {
      const until = state.replica.head.height + WAIT_BLOCKS;
      return { ...state, waiting: [...state.waiting, { request, hash: bytesToHex(hash), until }] };
    }
    return state;
  };

  const question = (
    state: ValidatorState,
    from: string,
    request: number,
    body: Uint8Array,
    context: Ctx,
  ): ValidatorState => {
    let asked: LedgerQuestion;
    try {
      asked = decode(LedgerQuestion, body);
    } catch (thrown) {
      context.refuse(request, { code: "bad_message", message: failureOf(thrown).message });
      return state;
    }
    switch (asked.kind) {
      case "read":
        answerWith(request, read(state, asked.height, asked.keys), context);
        return state;
      case "submit":
        return step(state, { kind: "submit", id: request, transaction: asked.transaction }, context);
      case "receipt":
        return awaitReceipt(state, request, asked.hash, asked.wait, context);
      case "replica":
        try {
          const answer = answerRequest(state.replica, store, asked.request);
          answerWith(request, { kind: "replica", answer }, context);
        } catch (thrown) {
          const failure = failureOf(thrown);
          if (failure.code !== "malformed_message") throw thrown;
          powers.penalize(from, failure.message);
          context.refuse(request, failure);
        }
        return state;
    }
  };

  const requestEnded = (
    state: ValidatorState,
    { name, outcome }: Extract<Envelope<ValidatorResult>, { kind: "finished" }>,
    context: Ctx,
  ): ValidatorState => {
    if (!name.startsWith("request ")) {
      if (!outcome.ok) context.emit({ kind: "warning", ...outcome.error });
      return state;
    }
    const request = Number(name.slice("request ".length));
    return outcome.ok && outcome.value !== null
      ? step(state, { kind: "response", request, ...outcome.value }, context)
      : step(state, { kind: "request_failed", request }, context);
  };

  return {
    topics: [blocksTopic, transactionsTopic],
    init(context) {
      const replica = createReplica(options, store);
      const { height, state } = replica.head;
      states.clear();
      states.set(height, state);
      receipts = makeReceiptBook(height);
      return step({ replica, halted: null, waiting: [] }, { kind: "start" }, context);
    },
    receive(state, envelope, context) {
      if (state.halted !== null) {
        if (envelope.kind === "message" && envelope.request !== null) {
          context.refuse(envelope.request, {
            code: "stopped",
            message: `The ledger has stopped: ${state.halted}`,
          });
        }
        return state;
      }
      switch (envelope.kind) {
        case "message": {
          const { from, body, request } = envelope;
          return request === null
            ? step(state, { kind: "message", from: from.peer, bytes: body }, context)
            : question(state, from.peer, request, body, context);
        }
        case "published":
          return step(state, { kind: "message", from: envelope.from, bytes: envelope.body }, context);
        case "timer": {
          const timer = timers.take(envelope.name);
          return timer === undefined ? state : step(state, { kind: "timer", timer }, context);
        }
        case "finished":
          return requestEnded(state, envelope, context);
        case "undelivered":
        case "notice":
          return state; // consensus repeats what matters, and siblings have nothing to tell
      }
    },
  };
}
