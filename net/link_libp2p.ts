/**
 * A {@link Link} over a libp2p node.
 *
 * @module
 */
import type { Message } from "@libp2p/gossipsub";
import type { Connection, PeerId as Libp2pPeerId } from "@libp2p/interface";
import { type Multiaddr, multiaddr } from "@multiformats/multiaddr";
import { messageOf } from "../ledger/primitives/mod.ts";
import { asNetError, NetError } from "./errors.ts";
import { EXCHANGE_PROTOCOL, makeExchangeStreams, MAX_STREAMS } from "./exchange_streams_libp2p.ts";
import { fromLibp2pPeer, peerFromLibp2pText, toLibp2pPeer } from "./identity_libp2p.ts";
import type { Link, LinkServer } from "./link.ts";
import type { StartedNode } from "./node_libp2p.ts";
import { withDeadline } from "./timers.ts";
import { systemTimers } from "./timers_system.ts";
import type { PeerEvent, PeerId } from "./transport.ts";

/** Stopping takes 50 ms on an idle machine; what takes longer than this is left to the end of the process. */
const STOP_MS = 5_000;

interface Target {
  readonly address: Multiaddr;
  readonly peer: PeerId | undefined;
}

function readTarget(text: string, expected: PeerId | undefined): Target {
  let address: Multiaddr;
  try {
    address = multiaddr(text);
  } catch (thrown) {
    throw new NetError(
      "bad_address",
      `"${text.slice(0, 120)}" is not a multiaddr: ${messageOf(thrown)}`,
      {},
      thrown,
    );
  }
  if (!address.getComponents().some((part) => part.name === "webrtc-direct")) {
    throw new NetError("bad_address", `"${text.slice(0, 120)}" is not a webrtc-direct address.`);
  }
  const named = address.getComponents().findLast((part) => part.name === "p2p")?.value;
  const peer = named === undefined ? expected : peerFromLibp2pText(named);
  if (expected !== undefined && peer !== expected) {
    throw new NetError("wrong_identity", `${text} names another peer than ${expected.slice(0, 8)}….`);
  }
  const complete = named === undefined && expected !== undefined
    ? address.encapsulate(`/p2p/${toLibp2pPeer(expected)}`)
    : address;
  return { address: complete, peer };
}

/** libp2p reports what went wrong by the error's name. */
function dialError(text: string, thrown: unknown): NetError {
  const names = [thrown, ...(thrown instanceof AggregateError ? thrown.errors : [])].map((error) =>
    error instanceof Error ? error.name : ""
  );
  if (names.includes("UnexpectedPeerError")) {
    return new NetError(
      "wrong_identity",
      `Another peer than the address names answers at ${text}.`,
      {},
      thrown,
    );
  }
  if (names.includes("ConnectionInterceptedError") || names.includes("DialDeniedError")) {
    return new NetError("refused", `The peer at ${text} is shut out for misbehaving.`, {}, thrown);
  }
  return asNetError(thrown, "unreachable", `Nobody could be reached at ${text}: ${messageOf(thrown)}`);
}

function newest(connections: readonly Connection[]): Connection | undefined {
  // A peer that was restarted may still have its old, dead connection: the newest is the one it answers on.
  return connections.filter((connection) => connection.status === "open")
    .toSorted((a, b) => b.timeline.open - a.timeline.open)[0];
}

/**
 * Starts a libp2p node and makes a link of it.
 *
 * @param start Makes the node, which asks `admits` whether a proven peer may connect.
 * @throws what `start` throws.
 */
export async function linkOver(
  start: (admits: (peer: Libp2pPeerId) => boolean) => Promise<StartedNode>,
): Promise<Link> {
  let server: LinkServer | undefined;
  const closing = new AbortController();
  const listeners = new Set<(event: PeerEvent) => void>();
  const topics = new Map<string, Set<(from: PeerId, message: Uint8Array) => void>>();

  const admits = (peer: Libp2pPeerId) =>
    peer.type === "Ed25519" && server?.admits(fromLibp2pPeer(peer)) !== false;
  const { libp2p, stop } = await start(admits);
  const { pubsub } = libp2p.services;
  const streams = makeExchangeStreams(() => server, closing.signal);

  const onPeerEvent = (kind: PeerEvent["kind"]) => (event: CustomEvent<Libp2pPeerId>) => {
    if (event.detail.type !== "Ed25519") return; // the gater refuses such peers; their end is no news
    const peer = fromLibp2pPeer(event.detail);
    if (kind === "disconnected") streams.forget(peer);
    for (const listener of [...listeners]) listener({ kind, peer });
  };
  libp2p.addEventListener("peer:connect", onPeerEvent("connected"));
  libp2p.addEventListener("peer:disconnect", onPeerEvent("disconnected"));

  pubsub.addEventListener("message", (event: CustomEvent<Message>) => {
    const message = event.detail;
    if (message.type !== "signed" || message.from.type !== "Ed25519") return; // StrictSign lets none other through
    const from = fromLibp2pPeer(message.from);
    for (const listener of [...topics.get(message.topic) ?? []]) listener(from, new Uint8Array(message.data));
  });

  await libp2p.handle(EXCHANGE_PROTOCOL, (stream, connection) => streams.serve(connection, stream), {
    maxInboundStreams: MAX_STREAMS,
    maxOutboundStreams: MAX_STREAMS,
  });

  let stopped: Promise<void> | undefined;
  return {
    self: fromLibp2pPeer(libp2p.peerId),
    addresses: () => libp2p.getMultiaddrs().map(String),
    async dial(text, { expected, signal }) {
      const { address, peer } = readTarget(text, expected);
      try {
        const connection = await libp2p.dial(address, { signal });
        const proven = fromLibp2pPeer(connection.remotePeer);
        if (peer === undefined || proven === peer) return proven;
        throw new NetError("wrong_identity", `Another peer than the address names answers at ${text}.`);
      } catch (thrown) {
        if (signal.aborted) throw signal.reason;
        throw dialError(text, thrown);
      }
    },
    peers: () => libp2p.getPeers().map(fromLibp2pPeer),
    onPeer(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async exchange(peer, frame, signal) {
      const connection = newest(libp2p.getConnections(toLibp2pPeer(peer)));
      if (connection === undefined) {
        throw new NetError("unreachable", `Peer ${peer.slice(0, 8)}… is not connected.`, { peer });
      }
      return await streams.exchange(connection, frame, signal);
    },
    serve(theServer) {
      server = theServer;
    },
    drop: (peer) => libp2p.hangUp(toLibp2pPeer(peer)),
    async publish(topic, message) {
      try {
        await pubsub.publish(topic, message);
      } catch (thrown) {
        throw asNetError(
          thrown,
          "closed",
          `The message for ${topic} could not be published: ${messageOf(thrown)}`,
        );
      }
    },
    subscribe(topic, listener) {
      const subscribers = topics.get(topic) ?? new Set();
      if (subscribers.size === 0) pubsub.subscribe(topic);
      topics.set(topic, subscribers.add(listener));
      return () => {
        subscribers.delete(listener);
        if (subscribers.size > 0 || topics.get(topic) !== subscribers) return;
        topics.delete(topic);
        if (!closing.signal.aborted) pubsub.unsubscribe(topic);
      };
    },
    close() {
      closing.abort(new NetError("closed", "This transport has been closed."));
      stopped ??= withDeadline({ timers: systemTimers, timeoutMs: STOP_MS, what: "Stopping libp2p" }, stop)
        .catch((thrown) => {
          // It goes on by itself; nobody who closes a node can do anything about it, or needs to.
          if (!(thrown instanceof NetError && thrown.code === "timed_out")) throw thrown;
        });
      return stopped;
    },
  };
}
