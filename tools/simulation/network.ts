/**
 * A whole network of replicas in one thread under a seed: virtual time, faulty links, pauses, crashes and restarts from the store. The
 * same options give the same history.
 *
 * @module
 */
import { bytesToHex, CodecError, type CodedError, decode } from "../../ledger/primitives/mod.ts";
import type { Genesis } from "../../ledger/chain/mod.ts";
import type { Evidence } from "../../ledger/consensus/mod.ts";
import {
  createReplica,
  NodeMessage,
  type ReplicaEffect,
  type ReplicaInput,
  replicaOptions,
  type RequestTarget,
  statusOf,
  type Timing,
} from "../../ledger/node/mod.ts";
import { StoreError } from "../../ledger/store/mod.ts";
import { plainBehaviour, type Seat } from "./behaviour.ts";
import { createClock } from "./clock.ts";
import { FAIR_WEATHER, makeLinks, type Weather } from "./links.ts";
import { makeNode, type NodeSpec, type SimulatedNode } from "./node.ts";
import { makeDice } from "./random.ts";
import { PromiseBroken, type Watcher } from "./watcher.ts";

/** What {@link createNetwork} takes. */
export interface NetworkOptions {
  readonly seed: number;
  readonly genesis: Genesis;
  readonly timing: Timing;
  readonly weather?: Partial<Weather>;
  readonly snapshotEvery?: bigint;
  readonly watchers?: readonly Watcher[];
}

/** Time until an unanswered request fails. */
const REQUEST_DEADLINE_MS = 500;

/** A node that blames another. */
export interface Penalty {
  readonly node: string;
  readonly peer: string;
  readonly error: CodedError;
}

/** A simulated network. */
export type SimulatedNetwork = ReturnType<typeof createNetwork>;

function readMessage(bytes: Uint8Array): NodeMessage | undefined {
  try {
    return decode(NodeMessage, bytes);
  } catch (thrown) {
    if (thrown instanceof CodecError) return undefined;
    throw thrown;
  }
}

/** A network without nodes. */
export function createNetwork(options: NetworkOptions) {
  const clock = createClock();
  const dice = makeDice(options.seed);
  const weather: Weather = { ...FAIR_WEATHER, ...options.weather };
  const links = makeLinks(clock, weather, dice.fraction);
  const watchers = options.watchers ?? [];
  const nodes = new Map<string, SimulatedNode>();
  const namesByAddress = new Map<string, string[]>();
  const evidence: Evidence[] = [];
  const penalties: Penalty[] = [];
  const outcomes = new Map<number, "submitted" | CodedError>();
  const finalizedAt = new Map<string, number>();
  let submissions = 0;

  const namesOf = (address: Uint8Array) => namesByAddress.get(bytesToHex(address)) ?? [];
  const others = (from: string) => [...nodes.keys()].filter((name) => name !== from);
  const targetOf = (node: SimulatedNode, to: RequestTarget): string | undefined => {
    if (to.kind === "peer") return to.peer;
    if (to.kind === "validator") return dice.any(namesOf(to.address));
    return dice.any(others(node.name));
  };

  /** Runs something in a life of a node, now or when its pause ends. */
  function inLife(node: SimulatedNode, action: () => void, life = node.life): void {
    if (node.replica === undefined || node.life !== life) return;
    if (node.held === undefined) action();
    else node.held.push(() => inLife(node, action, life));
  }

  function transmit(
    from: string,
    to: string,
    bytes: Uint8Array,
    arrive: (node: SimulatedNode) => void,
  ): void {
    links.transmit(from, to, bytes, () => {
      const node = nodes.get(to);
      if (node !== undefined) inLife(node, () => arrive(node));
    });
  }

  function request(node: SimulatedNode, effect: Extract<ReplicaEffect, { kind: "request" }>): void {
    const { request, bytes } = effect;
    const { life } = node;
    let isOpen = true;
    const close = (input: ReplicaInput) => {
      if (!isOpen) return;
      isOpen = false;
      inLife(node, () => give(node, input), life);
    };
    clock.after(REQUEST_DEADLINE_MS, () => close({ kind: "request_failed", request }));
    const target = targetOf(node, effect.to);
    if (target === undefined) return;
    transmit(node.name, target, bytes, (peer) => {
      const answer = peer.behaviour?.answer(bytes);
      if (answer === undefined) return;
      transmit(target, node.name, answer, () => {
        close({ kind: "response", request, from: target, bytes: answer });
      });
    });
  }

  function spread(node: SimulatedNode, to: readonly string[], bytes: Uint8Array): void {
    const message = watchers.length === 0 ? undefined : readMessage(bytes);
    for (const watcher of watchers) watcher.sent?.(node, message);
    for (const name of to) {
      if (name === node.name) continue;
      transmit(node.name, name, bytes, (peer) => {
        for (const watcher of watchers) watcher.delivered?.(peer, node.name, message);
        give(peer, { kind: "message", from: node.name, bytes });
      });
    }
  }

  function setTimer(
    node: SimulatedNode,
    { timer, afterMs }: Extract<ReplicaEffect, { kind: "set_timer" }>,
  ): void {
    const { life, spec: { clockRate = 1 } } = node;
    clock.after(afterMs / clockRate, () => inLife(node, () => give(node, { kind: "timer", timer }), life));
  }

  function perform(node: SimulatedNode, effect: ReplicaEffect): void {
    switch (effect.kind) {
      case "persist":
        node.disk.store.persist(effect.records);
        for (const record of effect.records) {
          if (record.kind !== "adopted") continue;
          for (const watcher of watchers) watcher.adopted?.(node, record.block);
        }
        return;
      case "send":
        return spread(node, effect.to.flatMap(namesOf), effect.bytes);
      case "publish":
        return spread(node, others(node.name), effect.bytes);
      case "request":
        return request(node, effect);
      case "set_timer":
        return setTimer(node, effect);
      case "finalized":
        finalizedAt.set(`${node.name} ${effect.notice.height}`, clock.now);
        for (const watcher of watchers) watcher.finalized?.(node, effect.notice);
        return;
      case "submitted":
        outcomes.set(effect.id, "submitted");
        return;
      case "refused":
        outcomes.set(effect.id, effect.error);
        return;
      case "equivocation":
        evidence.push(effect.evidence);
        for (const watcher of watchers) watcher.accused?.(node, effect.evidence);
        return;
      case "penalize":
        penalties.push({ node: node.name, peer: effect.peer, error: effect.error });
        for (const watcher of watchers) watcher.blamed?.(node, effect.peer, effect.error);
        return;
      case "halt":
        throw new PromiseBroken("no halt", `${node.name} stopped itself: ${effect.error.message}`);
      default:
        return effect satisfies never;
    }
  }

  /** Gives a node an input and carries out the effects; a disk that refuses is the death of the node. */
  function give(node: SimulatedNode, input: ReplicaInput): void {
    if (node.behaviour === undefined) return;
    try {
      for (const effect of node.behaviour.step(input)) perform(node, effect);
    } catch (thrown) {
      if (!(thrown instanceof StoreError)) throw thrown;
      if (thrown.code !== "io_failed") {
        throw new PromiseBroken(`store: ${thrown.code}`, `the disk of ${node.name}: ${thrown.message}`);
      }
      crash(node.name, "its disk refused a write");
    }
  }

  function nodeNamed(name: string): SimulatedNode {
    const node = nodes.get(name);
    if (node === undefined) throw new RangeError(`There is no node "${name}"`);
    return node;
  }

  function start(name: string): void {
    const node = nodeNamed(name);
    const { signer, disk: { store } } = node;
    node.life++;
    node.held = undefined;
    const { genesis, timing, snapshotEvery } = options;
    node.replica = createReplica(
      replicaOptions({
        genesis,
        timing,
        ...(signer === undefined ? {} : { signer }),
        ...(snapshotEvery === undefined ? {} : { snapshotEvery }),
        ...node.spec.options,
      }),
      store,
    );
    const seat: Seat = {
      name,
      signer,
      store,
      replica: node.replica,
      dice: dice.fork(),
      now: () => clock.now,
    };
    const plain = plainBehaviour(seat);
    node.behaviour = node.spec.twist?.(seat, plain) ?? plain;
    for (const watcher of watchers) watcher.started?.(node);
    give(node, { kind: "start" });
  }

  function crash(name: string, why = "it crashed"): void {
    const node = nodeNamed(name);
    node.life++;
    node.replica = undefined;
    node.behaviour = undefined;
    node.held = undefined;
    node.disk.crash();
    for (const watcher of watchers) watcher.stopped?.(node, why);
  }

  function heightOf(name: string): bigint {
    const { replica } = nodeNamed(name);
    return replica === undefined ? 0n : statusOf(replica).height;
  }

  return {
    weather,
    evidence,
    penalties,
    outcomes,
    finalizedAt,
    traffic: links.traffic,
    nodes: nodes as ReadonlyMap<string, SimulatedNode>,
    start,
    crash,
    heightOf,
    get now() {
      return clock.now;
    },
    /** Adds a node and starts it. */
    add(spec: NodeSpec): void {
      const node = makeNode(spec);
      nodes.set(spec.name, node);
      if (node.address !== undefined) {
        namesByAddress.set(node.address, [...namesByAddress.get(node.address) ?? [], spec.name]);
      }
      start(spec.name);
    },
    /** Has something done at a later moment. */
    after(delayMs: number, action: () => void): void {
      clock.after(delayMs, action);
    },
    /** A node stands still for a while, as under a debugger or a paused virtual machine; then all that came meanwhile happens. */
    pause(name: string, forMs: number): void {
      const node = nodeNamed(name);
      if (node.replica === undefined || node.held !== undefined) return;
      const held: (() => void)[] = [];
      node.held = held;
      clock.after(forMs, () => {
        if (node.held !== held) return;
        node.held = undefined;
        for (const action of held) action();
      });
    },
    /** Hands a transaction to a node. Returns the id of its outcome. */
    submit(name: string, transaction: Uint8Array): number {
      const id = ++submissions;
      const node = nodeNamed(name);
      inLife(node, () => give(node, { kind: "submit", id, transaction }));
      return id;
    },
    /** Gives a node bytes as if a peer had sent them. */
    inject(to: string, from: string, bytes: Uint8Array): void {
      const node = nodeNamed(to);
      inLife(node, () => give(node, { kind: "message", from, bytes }));
    },
    /** Runs until `isDone`, or breaks the promise when `limitMs` of virtual time have passed. */
    runUntil(isDone: () => boolean, limitMs: number, promise: string): void {
      const end = clock.now + limitMs;
      while (!isDone()) {
        if (clock.now > end || !clock.tick()) {
          const heights = [...nodes.keys()].map((name) => `${name} at ${heightOf(name)}`).join(", ");
          throw new PromiseBroken("liveness", `not within ${limitMs} ms: ${promise} (${heights})`);
        }
      }
    },
    run(forMs: number): void {
      const end = clock.now + forMs;
      while (clock.now < end && clock.tick());
    },
  };
}
