/**
 * A whole network of replicas in one thread under a seed: virtual time, delay, loss, duplication, partitions, crashes and
 * restarts from the store. The same options give the same history.
 *
 * @module
 */
import type { Genesis } from "../../ledger/chain/mod.ts";
import {
  answerRequest,
  createReplica,
  NodeError,
  NodeMessage,
  type Replica,
  type ReplicaEffect,
  type ReplicaInput,
  replicaOptions,
  type RequestTarget,
  statusOf,
  stepReplica,
  type Timing,
} from "../../ledger/node/mod.ts";
import { bytesToHex, type CodedError, decode, type Signer } from "../../ledger/primitives/mod.ts";
import type { Evidence } from "../../ledger/consensus/mod.ts";
import {
  createMemoryStore,
  type MemoryStoreOptions,
  type Store,
  StoreError,
} from "../../ledger/store/mod.ts";
import { createCheckers } from "./checkers.ts";
import { createClock, seededRandom } from "./clock.ts";

/** Faults of the network, changeable while it runs. */
export interface Weather {
  /** One-way delay in milliseconds: uniform between the two. */
  delayMs: readonly [least: number, most: number];
  /** Probability that a message is lost. */
  loss: number;
  /** Probability that it arrives twice. */
  duplication: number;
  /** Group of each node by name; those of different groups cannot reach each other. Unnamed nodes reach everybody. */
  partition: ReadonlyMap<string, number>;
}

/** A node of the network. */
export interface SimulatedNode {
  readonly name: string;
  readonly signer: Signer | undefined;
  readonly store: Store;
  replica: Replica | undefined;
  /** Counts starts, so that timers of an earlier life do nothing. */
  life: number;
}

/** What {@link createNetwork} takes. */
export interface NetworkOptions {
  readonly seed: number;
  readonly genesis: Genesis;
  readonly timing: Timing;
  readonly weather?: Partial<Weather>;
  readonly snapshotEvery?: bigint;
  /** Addresses (hexadecimal) whose votes are not checked for honesty. */
  readonly dishonest?: ReadonlySet<string>;
}

/** Time until an unanswered request fails. */
const REQUEST_DEADLINE_MS = 500;

/** A simulated network. */
export type SimulatedNetwork = ReturnType<typeof createNetwork>;

/** A network without nodes. */
export function createNetwork(options: NetworkOptions) {
  const clock = createClock();
  const random = seededRandom(options.seed);
  const checkers = createCheckers();
  const weather: Weather = {
    delayMs: [10, 10],
    loss: 0,
    duplication: 0,
    partition: new Map(),
    ...options.weather,
  };
  const nodes = new Map<string, SimulatedNode>();
  const evidence: Evidence[] = [];
  const penalties: { readonly node: string; readonly peer: string; readonly error: CodedError }[] = [];
  const outcomes = new Map<number, "submitted" | CodedError>();
  const finalizedAt = new Map<string, number>();
  const traffic = { messages: 0, bytes: 0 };
  let submissions = 0;

  const reaches = (from: string, to: string) => {
    const a = weather.partition.get(from), b = weather.partition.get(to);
    return a === undefined || b === undefined || a === b;
  };
  const transmit = (from: string, to: string, bytes: Uint8Array, arrive: (node: SimulatedNode) => void) => {
    traffic.messages++;
    traffic.bytes += bytes.length;
    const copies = random() < weather.duplication ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) {
      const isLost = random() < weather.loss;
      const [least, most] = weather.delayMs;
      const delay = least + random() * (most - least);
      if (isLost) continue;
      clock.after(delay, () => {
        const node = nodes.get(to);
        if (node?.replica !== undefined && reaches(from, to)) arrive(node);
      });
    }
  };
  const others = (from: string) => [...nodes.keys()].filter((name) => name !== from);
  const namesOf = (address: Uint8Array) =>
    [...nodes.values()].filter(({ signer }) =>
      signer !== undefined && bytesToHex(signer.address) === bytesToHex(address)
    ).map(({ name }) => name);
  const targetOf = (node: SimulatedNode, to: RequestTarget): string | undefined => {
    if (to.kind === "peer") return to.peer;
    if (to.kind === "validator") return namesOf(to.address)[0];
    const names = others(node.name);
    return names[Math.floor(random() * names.length)];
  };
  const watchVotes = (node: SimulatedNode, bytes: Uint8Array) => {
    const message = decode(NodeMessage, bytes);
    if (node.signer === undefined || (message.kind !== "vote" && message.kind !== "proposal")) return;
    const address = bytesToHex(node.signer.address);
    if (!options.dishonest?.has(address)) checkers.voted(address, message.vote);
  };

  function request(node: SimulatedNode, effect: Extract<ReplicaEffect, { kind: "request" }>): void {
    const { request, bytes } = effect;
    const life = node.life;
    let isOpen = true;
    const close = (input: ReplicaInput) => {
      if (!isOpen || node.life !== life) return;
      isOpen = false;
      give(node, input);
    };
    clock.after(REQUEST_DEADLINE_MS, () => close({ kind: "request_failed", request }));
    const target = targetOf(node, effect.to);
    if (target === undefined) return;
    transmit(node.name, target, bytes, (peer) => {
      if (peer.replica === undefined) return;
      const answer = answerRequest(peer.replica, peer.store, bytes);
      transmit(
        target,
        node.name,
        answer,
        () => close({ kind: "response", request, from: target, bytes: answer }),
      );
    });
  }

  function perform(node: SimulatedNode, effect: ReplicaEffect): void {
    switch (effect.kind) {
      case "persist":
        return node.store.persist(effect.records);
      case "send":
        watchVotes(node, effect.bytes);
        for (const name of effect.to.flatMap(namesOf)) {
          if (name !== node.name) message(node.name, name, effect.bytes);
        }
        return;
      case "publish":
        for (const name of others(node.name)) message(node.name, name, effect.bytes);
        return;
      case "request":
        return request(node, effect);
      case "set_timer": {
        const life = node.life;
        return clock.after(effect.afterMs, () => {
          if (node.life === life) give(node, { kind: "timer", timer: effect.timer });
        });
      }
      case "finalized":
        checkers.finalized(`${node.name}#${node.life}`, effect.notice);
        finalizedAt.set(`${node.name} ${effect.notice.height}`, clock.now);
        return;
      case "submitted":
        outcomes.set(effect.id, "submitted");
        return;
      case "refused":
        outcomes.set(effect.id, effect.error);
        return;
      case "equivocation":
        evidence.push(effect.evidence);
        return;
      case "penalize":
        penalties.push({ node: node.name, peer: effect.peer, error: effect.error });
        return;
      case "halt":
        throw effect.error;
      default:
        return effect satisfies never;
    }
  }

  function message(from: string, to: string, bytes: Uint8Array): void {
    transmit(from, to, bytes, (node) => give(node, { kind: "message", from, bytes }));
  }

  /** Gives a node an input and carries out the effects; a disk that refuses is the death of the node. */
  function give(node: SimulatedNode, input: ReplicaInput): void {
    if (node.replica === undefined) return;
    try {
      for (const effect of stepReplica(node.replica, input)) perform(node, effect);
    } catch (thrown) {
      if (!(thrown instanceof StoreError) || thrown.code !== "io_failed") throw thrown;
      crash(node.name);
    }
  }

  function nodeNamed(name: string): SimulatedNode {
    const node = nodes.get(name);
    if (node === undefined) throw new RangeError(`There is no node "${name}"`);
    return node;
  }

  function start(name: string): void {
    const node = nodeNamed(name);
    node.life++;
    node.replica = createReplica(
      replicaOptions({
        genesis: options.genesis,
        timing: options.timing,
        ...(node.signer === undefined ? {} : { signer: node.signer }),
        ...(options.snapshotEvery === undefined ? {} : { snapshotEvery: options.snapshotEvery }),
      }),
      node.store,
    );
    give(node, { kind: "start" });
  }

  function crash(name: string): void {
    const node = nodeNamed(name);
    node.life++;
    node.replica = undefined;
  }

  function heightOf(name: string): bigint {
    const { replica } = nodeNamed(name);
    return replica === undefined ? 0n : statusOf(replica).height;
  }

  return {
    weather,
    checkers,
    evidence,
    penalties,
    outcomes,
    finalizedAt,
    traffic,
    nodes,
    start,
    crash,
    heightOf,
    get now() {
      return clock.now;
    },
    /** Adds a node and starts it. With the signer of another node it becomes that one's twin. */
    add(name: string, signer?: Signer, store: MemoryStoreOptions = {}): void {
      nodes.set(name, { name, signer, store: createMemoryStore(store), replica: undefined, life: 0 });
      start(name);
    },
    /** Hands a transaction to a node. Returns the id of its outcome. */
    submit(name: string, transaction: Uint8Array): number {
      const id = ++submissions;
      give(nodeNamed(name), { kind: "submit", id, transaction });
      return id;
    },
    /** Gives a node bytes as if a peer had sent them. */
    inject(to: string, from: string, bytes: Uint8Array): void {
      give(nodeNamed(to), { kind: "message", from, bytes });
    },
    /** Runs until `isDone`, or throws when `limitMs` of virtual time have passed. */
    runUntil(isDone: () => boolean, limitMs: number, promise: string): void {
      const end = clock.now + limitMs;
      while (!isDone()) {
        if (clock.now > end || !clock.tick()) {
          const heights = [...nodes.keys()].map((name) => `${name} at ${heightOf(name)}`).join(", ");
          throw new NodeError(
            "halted",
            `seed ${options.seed}: not within ${limitMs} ms: ${promise} (${heights})`,
          );
        }
      }
    },
    run(forMs: number): void {
      const end = clock.now + forMs;
      while (clock.now < end && clock.tick());
    },
  };
}
