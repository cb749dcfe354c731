/**
 * The one interface between Assay and a network: who am I, whom do I know, send, ask, publish.
 *
 * What every implementation promises:
 *  - a peer is its key: whoever is connected has proved to hold it;
 *  - every wait has a deadline, every failure is a {@link NetError};
 *  - a handler that throws answers its caller with a typed error and hurts nobody else;
 *  - nothing a peer sends can exceed the stated bounds, and a peer that tries loses points until it is shut out;
 *  - messages may be lost, delayed, and delivered in another order than they were sent; never twice, never altered.
 *
 * @module
 */

/** A peer: the hex of its 32-byte Ed25519 public key (64 digits). Node, account and libp2p identity are the same key. */
export type PeerId = string;

/** Largest message in bytes, one way or as request or reply: what one canonical encoding may have (codec.ts). */
export const MAX_TRANSPORT_BYTES = 4 * 1024 * 1024;

/** Largest gossip message in bytes. Every peer receives it several times over, so blocks and blobs go by request. */
export const MAX_GOSSIP_BYTES = 256 * 1024;

/** Longest protocol or topic name in bytes: they travel with every message. */
export const MAX_PROTOCOL_BYTES = 128;

/** A peer came or went. */
export interface PeerEvent {
  readonly kind: "connected" | "disconnected";
  readonly peer: PeerId;
}

/** How long a request may take, and who may call it off. */
export interface RequestOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** What a handler returns is the reply; nothing is an empty reply. What it throws reaches the caller as `remote_error`. */
export type Handler = (from: PeerId, message: Uint8Array) => Promise<Uint8Array | void>;

/** One node's access to the network. */
export interface Transport {
  readonly self: PeerId;

  /** Addresses that others can dial; multiaddrs for libp2p. */
  addresses(): readonly string[];

  /**
   * Connects to whoever answers at `address`, who must be the peer that the address names, if it names one.
   *
   * @throws {NetError} `bad_address`, `wrong_identity`, `unreachable`, `timed_out`, `cancelled`, `refused` or `closed`.
   */
  dial(address: string, options?: { readonly signal?: AbortSignal }): Promise<PeerId>;

  /** The peers connected now. */
  peers(): readonly PeerId[];

  /** Calls `listener` whenever a peer connects or disconnects. Returns a function that stops it. */
  onPeer(listener: (event: PeerEvent) => void): () => void;

  /**
   * Hands a message to a peer. Resolves when the peer has taken it, before it is handled. A peer that is not connected is
   * dialled at the addresses known for it.
   *
   * @throws {NetError} `unreachable`, `timed_out`, `unknown_protocol`, `busy`, `too_large`, `refused` or `closed`.
   */
  send(peer: PeerId, protocol: string, message: Uint8Array): Promise<void>;

  /**
   * Asks a peer and waits for its reply. A peer that is not connected is dialled at the addresses known for it.
   *
   * @throws {NetError} as `send`, or `remote_error` (with `fields.remoteCode`), `protocol_error` or `cancelled`.
   */
  request(peer: PeerId, protocol: string, message: Uint8Array, options: RequestOptions): Promise<Uint8Array>;

  /**
   * Serves a protocol: both what is sent and what is asked arrives here. One handler a protocol.
   *
   * @returns A function that stops serving it.
   * @throws {NetError} `bad_options` if the protocol has a handler, or its name is empty or too long.
   */
  handle(protocol: string, handler: Handler): () => void;

  /**
   * Spreads a message of at most {@link MAX_GOSSIP_BYTES} to all subscribers of a topic, over any number of hops. Not to
   * this node's own listeners. Resolves when the neighbours have it; nobody confirms.
   */
  publish(topic: string, message: Uint8Array): Promise<void>;

  /** Listens to a topic. `from` is the proven author, not the neighbour it came through. Returns a function that stops it. */
  subscribe(topic: string, listener: (from: PeerId, message: Uint8Array) => void): () => void;

  /** Disconnects from everybody, stops listening, and fails what is under way with `closed`. May be called twice. */
  close(): Promise<void>;
}
