/**
 * A network inside one process. Real frames, real limits, no sockets: for tests, for a browser tab, and for a simulation that
 * brings its own clock, delays and losses.
 *
 * With the default options a message arrives in the next microtask and nothing is ever lost. With `latency`, each message
 * waits on the injected timers; with `loss`, it may vanish, and its sender's deadline passes.
 *
 * @module
 */
import { bytesToHex, formatAddress, sha256 } from "../ledger/primitives/mod.ts";
import { NetError } from "./errors.ts";
import { MAX_FRAME_BYTES } from "./frames.ts";
import type { Link, LinkServer } from "./link.ts";
import { makeTransport, type ScoredTransport, type TransportOptions } from "./make_transport.ts";
import type { Timers } from "./timers.ts";
import { systemTimers } from "./timers_system.ts";
import { MAX_GOSSIP_BYTES, type PeerEvent, type PeerId } from "./transport.ts";

/** Gossip messages each node remembers, so as to pass each on once. Far more than are on their way at any time. */
const MAX_SEEN = 4096;

/** What an in-memory network can be made to do. */
export interface MemoryNetworkOptions {
  /** Clock and timers; the host's by default. */
  readonly timers?: Timers;
  /** Milliseconds that `bytes` bytes take from one peer to another. Not called: no delay at all. */
  readonly latency?: (from: PeerId, to: PeerId, bytes: number) => number;
  /** Whether this one message from one peer to another is lost. */
  readonly loss?: (from: PeerId, to: PeerId) => boolean;
}

/** One process's network: nodes find each other by name. */
export interface MemoryNetwork {
  readonly timers: Timers;
  /**
   * A new node's connections.
   *
   * @param address Where it can be dialled, `memory/` and a name; `memory/<peer id>` by default.
   * @throws {NetError} `address_in_use`.
   */
  link(self: PeerId, address?: string): Link;
}

interface Gossip {
  readonly topic: string;
  readonly author: PeerId;
  readonly message: Uint8Array;
  readonly id: string;
}

interface MemoryNode {
  readonly self: PeerId;
  readonly address: string;
  readonly connected: Map<PeerId, AbortController>;
  readonly events: Set<(event: PeerEvent) => void>;
  readonly topics: Map<string, Set<(from: PeerId, message: Uint8Array) => void>>;
  readonly seen: Set<string>;
  published: number;
  server: LinkServer | undefined;
  closed: boolean;
}

function emit(node: MemoryNode, event: PeerEvent): void {
  for (const listener of [...node.events]) listener(event);
}

/** An empty network. */
export function makeMemoryNetwork(options: MemoryNetworkOptions = {}): MemoryNetwork {
  const timers = options.timers ?? systemTimers;
  const nodes = new Map<string, MemoryNode>();

  /** Calls `arrive` when a message has made its way, if it does. */
  const carry = (from: PeerId, to: PeerId, size: number, arrive: () => void) => {
    if (options.loss?.(from, to)) return;
    if (options.latency === undefined) queueMicrotask(arrive);
    else timers.after(options.latency(from, to, size), arrive);
  };

  const nodeOf = (peer: PeerId) => [...nodes.values()].find((node) => node.self === peer);

  const disconnect = (a: MemoryNode, peer: PeerId) => {
    const b = nodeOf(peer);
    const gone = (node: MemoryNode, other: PeerId) => {
      const connection = node.connected.get(other);
      if (connection === undefined) return;
      node.connected.delete(other);
      connection.abort(
        new NetError("closed", `The connection to ${other.slice(0, 8)}… ended.`, { peer: other }),
      );
      emit(node, { kind: "disconnected", peer: other });
    };
    gone(a, peer);
    if (b !== undefined) gone(b, a.self);
  };

  const connect = (a: MemoryNode, b: MemoryNode) => {
    if (a.connected.has(b.self)) return;
    a.connected.set(b.self, new AbortController());
    b.connected.set(a.self, new AbortController());
    emit(a, { kind: "connected", peer: b.self });
    emit(b, { kind: "connected", peer: a.self });
  };

  const receiveGossip = (node: MemoryNode, from: PeerId, gossip: Gossip) => {
    if (node.closed || node.seen.has(gossip.id)) return;
    const listeners = node.topics.get(gossip.topic);
    if (listeners === undefined) return;
    if (gossip.message.length > MAX_GOSSIP_BYTES) return node.server?.fault(from, "oversized");
    node.seen.add(gossip.id);
    const oldest = node.seen.values().next().value;
    if (node.seen.size > MAX_SEEN && oldest !== undefined) node.seen.delete(oldest);
    for (const listener of [...listeners]) listener(gossip.author, new Uint8Array(gossip.message));
    forwardGossip(node, gossip, from);
  };

  const forwardGossip = (node: MemoryNode, gossip: Gossip, except?: PeerId) => {
    for (const peer of node.connected.keys()) {
      if (peer === except || peer === gossip.author) continue;
      carry(node.self, peer, gossip.message.length, () => {
        const next = nodeOf(peer);
        if (next !== undefined && next.connected.has(node.self)) receiveGossip(next, node.self, gossip);
      });
    }
  };

  const exchange = (
    node: MemoryNode,
    peer: PeerId,
    frame: Uint8Array,
    signal: AbortSignal,
  ): Promise<Uint8Array> => {
    const connection = node.connected.get(peer);
    const other = nodeOf(peer);
    if (connection === undefined || other === undefined) {
      throw new NetError("unreachable", `Peer ${peer.slice(0, 8)}… is not connected.`, { peer });
    }
    if (frame.length > MAX_FRAME_BYTES) {
      other.server?.fault(node.self, "oversized");
      throw new NetError(
        "too_large",
        `A frame has ${frame.length} bytes; at most ${MAX_FRAME_BYTES} are allowed.`,
      );
    }
    const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
    const ended = AbortSignal.any([connection.signal, signal]);
    const onEnd = () => reject(ended.reason);
    if (ended.aborted) onEnd();
    ended.addEventListener("abort", onEnd, { once: true });
    carry(node.self, peer, frame.length, async () => {
      if (connection.signal.aborted || other.server === undefined) return;
      const reply = await other.server.answer(node.self, new Uint8Array(frame));
      carry(peer, node.self, reply.length, () => resolve(new Uint8Array(reply)));
    });
    return promise.finally(() => ended.removeEventListener("abort", onEnd));
  };

  const dial = async (
    node: MemoryNode,
    address: string,
    expected: PeerId | undefined,
    signal: AbortSignal,
  ) => {
    if (!address.startsWith("memory/")) {
      throw new NetError(
        "bad_address",
        `An address of this network starts with "memory/": got "${address.slice(0, 80)}".`,
      );
    }
    const arrived = Promise.withResolvers<MemoryNode>();
    const other = nodes.get(address);
    if (other === undefined) throw new NetError("unreachable", `Nobody listens at ${address}.`, { address });
    if (other === node) throw new NetError("bad_address", `${address} is this node itself.`);
    const onAbort = () => arrived.reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    carry(node.self, other.self, 0, () => carry(other.self, node.self, 0, () => arrived.resolve(other)));
    const reached = await arrived.promise.finally(() => signal.removeEventListener("abort", onAbort));
    if (reached.closed || node.closed) {
      throw new NetError("unreachable", `Nobody listens at ${address}.`, { address });
    }
    if (expected !== undefined && reached.self !== expected) {
      const sentence = `${address} answers as ${reached.self.slice(0, 8)}…, not as ${expected.slice(0, 8)}….`;
      throw new NetError("wrong_identity", sentence, { address });
    }
    if (node.server?.admits(reached.self) === false || reached.server?.admits(node.self) === false) {
      throw new NetError(
        "refused",
        `One side of ${address} is shut out for misbehaving: try again in a minute.`,
      );
    }
    connect(node, reached);
    return reached.self;
  };

  return {
    timers,
    link(self, address = `memory/${self}`) {
      if (nodes.has(address)) throw new NetError("address_in_use", `${address} is taken.`, { address });
      const node: MemoryNode = {
        self,
        address,
        connected: new Map(),
        events: new Set(),
        topics: new Map(),
        seen: new Set(),
        published: 0,
        server: undefined,
        closed: false,
      };
      nodes.set(address, node);
      return {
        self,
        addresses: () => [address],
        dial: (target, { expected, signal }) => dial(node, target, expected, signal),
        peers: () => [...node.connected.keys()],
        onPeer(listener) {
          node.events.add(listener);
          return () => node.events.delete(listener);
        },
        exchange: async (peer, frame, signal) => await exchange(node, peer, frame, signal),
        serve(server) {
          node.server = server;
        },
        drop: (peer) => Promise.resolve(disconnect(node, peer)),
        publish(topic, message) {
          const id = `${topic} ${self} ${timers.now()} ${node.published++} ${bytesToHex(sha256(message))}`;
          forwardGossip(node, { topic, author: self, message: new Uint8Array(message), id });
          return Promise.resolve();
        },
        subscribe(topic, listener) {
          const listeners = node.topics.get(topic) ?? new Set();
          node.topics.set(topic, listeners.add(listener));
          return () => {
            listeners.delete(listener);
            if (listeners.size === 0 && node.topics.get(topic) === listeners) node.topics.delete(topic);
          };
        },
        close() {
          node.closed = true;
          for (const peer of [...node.connected.keys()]) disconnect(node, peer);
          if (nodes.get(address) === node) nodes.delete(address);
          return Promise.resolve();
        },
      };
    },
  };
}

/** Settings of one node on an in-memory network. */
export interface MemoryTransportOptions extends Omit<TransportOptions, "timers"> {
  /** Where it can be dialled: `memory/` and a name. `memory/<peer id>` by default. */
  readonly address?: string;
}

/** A node on an in-memory network. */
export function makeMemoryTransport(
  network: MemoryNetwork,
  options: MemoryTransportOptions,
): ScoredTransport {
  const link = network.link(formatAddress(options.signer.address), options.address);
  return makeTransport(link, { ...options, timers: network.timers });
}
