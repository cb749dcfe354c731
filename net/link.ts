/**
 * What a kind of network must bring to become a {@link Transport}: connections to proven peers, one exchange of byte
 * strings at a time, and gossip. Everything above it (protocols, limits, scores, the address book, redialling) is the same for
 * all kinds and lives in `make_transport.ts`.
 *
 * @module
 */
import type { PeerEvent, PeerId } from "./transport.ts";

/** What a link cannot judge itself and reports to the layer above. */
export interface LinkServer {
  /** Answers one exchange. Never rejects. The reply is sent as it is. */
  answer(from: PeerId, frame: Uint8Array): Promise<Uint8Array>;
  /** A peer broke the framing. */
  fault(from: PeerId, fault: "broken_frame" | "oversized"): void;
  /** Whether a peer may connect. */
  admits(peer: PeerId): boolean;
}

/** One node's connections. */
export interface Link {
  readonly self: PeerId;
  addresses(): readonly string[];
  /**
   * One attempt to connect to `address`. If `expected` is given or the address names a peer, nobody else will do.
   *
   * @throws {NetError} `bad_address`, `wrong_identity`, `unreachable`, or whatever the signal was aborted with.
   */
  dial(
    address: string,
    options: { readonly expected?: PeerId; readonly signal: AbortSignal },
  ): Promise<PeerId>;
  peers(): readonly PeerId[];
  onPeer(listener: (event: PeerEvent) => void): () => void;
  /**
   * Sends a frame to a connected peer and returns its reply frame.
   *
   * @throws {NetError} `unreachable` if the peer is not connected, `closed` if the connection ends first, `protocol_error` or
   * `too_large` if the peer breaks the framing.
   */
  exchange(peer: PeerId, frame: Uint8Array, signal: AbortSignal): Promise<Uint8Array>;
  /** Starts serving. Called once, before anything arrives. */
  serve(server: LinkServer): void;
  /** Ends the connection to a peer. */
  drop(peer: PeerId): Promise<void>;
  publish(topic: string, message: Uint8Array): Promise<void>;
  subscribe(topic: string, listener: (from: PeerId, message: Uint8Array) => void): () => void;
  close(): Promise<void>;
}
