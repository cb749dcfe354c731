/**
 * Exchanges of frames over libp2p streams, one at a time on each stream. Opening a stream costs several round trips (7 ms
 * against 1.5 ms on loopback, measured), so streams are kept and used again for a while.
 *
 * @module
 */
import type { Connection, Stream } from "@libp2p/interface";
import { messageOf } from "../ledger/primitives/mod.ts";
import { asNetError, NetError } from "./errors.ts";
import { type FrameStream, makeFrameStream, type ReceiveBudget } from "./frame_stream_libp2p.ts";
import { fromLibp2pPeer } from "./identity_libp2p.ts";
import type { LinkServer } from "./link.ts";
import { makeSemaphore, type Semaphore } from "./semaphore.ts";
import { withDeadline } from "./timers.ts";
import { systemTimers } from "./timers_system.ts";
import type { PeerId } from "./transport.ts";

/** The stream protocol of libp2p that carries all of ours; the number changes with the framing. */
export const EXCHANGE_PROTOCOL = "/assay/exchange/1";

/** Streams of one peer open at once, each way. Twice what `DEFAULT_LIMITS.outFlight` ever uses: some may be closing. */
export const MAX_STREAMS = 64;

/** A server waits this long for the next frame on a stream. */
const SERVER_IDLE_MS = 120_000;

/** A client uses no stream that was idle for longer: well below the server's patience, so that they never race. */
const CLIENT_IDLE_MS = 60_000;

/** From its first byte to its last, a frame may take this long: 4 MiB at 1 Mbit/s. */
const FRAME_MS = 35_000;

/** Frames above this are large: only a few of them are under way at once, which bounds memory on both sides. */
const LARGE_FRAME_BYTES = 256 * 1024;

/** Large frames under way to one peer. Two keep a fast line busy; four hide a long delay. */
const LARGE_FRAMES = 4;

/**
 * Bytes of one peer in our buffers or handlers. An honest peer has at most 32 frames of 256 KiB and four of 4 MiB each in
 * requests and in replies: 48 MiB.
 */
const RECEIVE_BUDGET_BYTES = 64 * 1024 * 1024;

/** Exchanges with any number of peers. */
export interface ExchangeStreams {
  /** One exchange on a connection. Throws {@link NetError}, or the signal's reason. */
  exchange(connection: Connection, frame: Uint8Array, signal: AbortSignal): Promise<Uint8Array>;
  /** Serves a stream that a peer has opened, until it ends. Never rejects. */
  serve(connection: Connection, stream: Stream): Promise<void>;
  /** Forgets a peer that has gone. */
  forget(peer: PeerId): void;
}

interface PeerState {
  readonly budget: ReceiveBudget;
  readonly large: Semaphore;
}

interface IdleStream {
  readonly stream: FrameStream;
  readonly since: number;
}

/**
 * Makes the exchanges of one node.
 *
 * @param server Answers what peers ask; read when needed, since a link learns it after it is made.
 * @param closing Fires when the node closes.
 */
export function makeExchangeStreams(
  server: () => LinkServer | undefined,
  closing: AbortSignal,
): ExchangeStreams {
  const peers = new Map<PeerId, PeerState>();
  const idleStreams = new WeakMap<Connection, IdleStream[]>();

  const stateOf = (peer: PeerId): PeerState => {
    let state = peers.get(peer);
    if (state === undefined) {
      state = { budget: { used: 0, limit: RECEIVE_BUDGET_BYTES }, large: makeSemaphore(LARGE_FRAMES) };
      peers.set(peer, state);
    }
    return state;
  };

  const within = <T>(
    timeoutMs: number,
    what: string,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> => withDeadline({ timers: systemTimers, timeoutMs, signal: closing, what }, work);

  const turnOf = async (peer: PeerId, frame: Uint8Array, signal: AbortSignal): Promise<() => void> => {
    if (frame.length <= LARGE_FRAME_BYTES) return () => {};
    const { large } = stateOf(peer);
    await large.acquire(signal);
    return () => large.release();
  };

  const open = async (connection: Connection, signal: AbortSignal): Promise<FrameStream> => {
    const idle = idleStreams.get(connection) ?? [];
    while (true) {
      const last = idle.pop();
      if (last === undefined) break;
      const usable = last.stream.open && !last.stream.pending &&
        performance.now() - last.since < CLIENT_IDLE_MS;
      if (usable) return last.stream;
      last.stream.abort(new NetError("closed", "The stream was idle for too long."));
    }
    try {
      const stream = await connection.newStream(EXCHANGE_PROTOCOL, {
        signal,
        maxOutboundStreams: MAX_STREAMS,
      });
      return makeFrameStream(stream, stateOf(fromLibp2pPeer(connection.remotePeer)).budget);
    } catch (thrown) {
      if (signal.aborted) throw signal.reason;
      throw asNetError(thrown, "closed", `The connection takes no new stream: ${messageOf(thrown)}`);
    }
  };

  const keep = (connection: Connection, stream: FrameStream) => {
    const idle = idleStreams.get(connection) ?? [];
    idle.push({ stream, since: performance.now() });
    idleStreams.set(connection, idle);
  };

  const answerNext = async (from: PeerId, stream: FrameStream): Promise<void> => {
    await within(SERVER_IDLE_MS, "Waiting for a frame", (signal) => stream.whenPending(signal));
    const frame = await within(FRAME_MS, "Receiving a frame", (signal) => stream.read(signal));
    const { budget } = stateOf(from);
    budget.used += frame.length;
    try {
      const reply = await server()?.answer(from, frame);
      if (reply === undefined) throw new NetError("closed", "This node does not serve yet.");
      await within(FRAME_MS, "Sending a reply", async (signal) => {
        const done = await turnOf(from, reply, signal);
        try {
          await stream.write(reply, signal);
        } finally {
          done();
        }
      });
    } finally {
      budget.used -= frame.length;
    }
  };

  return {
    async exchange(connection, frame, signal) {
      const peer = fromLibp2pPeer(connection.remotePeer);
      const done = await turnOf(peer, frame, signal);
      try {
        const stream = await open(connection, signal);
        try {
          await stream.write(frame, signal);
          const reply = await stream.read(signal);
          keep(connection, stream);
          return reply;
        } catch (thrown) {
          stream.abort(asNetError(thrown, "closed", "The exchange was given up."));
          throw thrown;
        }
      } finally {
        done();
      }
    },
    async serve(connection, rawStream) {
      const from = fromLibp2pPeer(connection.remotePeer);
      const stream = makeFrameStream(rawStream, stateOf(from).budget);
      try {
        while (true) await answerNext(from, stream);
      } catch (thrown) {
        const error = asNetError(thrown, "closed", "The stream ended.");
        if (error.code === "too_large") server()?.fault(from, "oversized");
        if (error.code === "protocol_error") server()?.fault(from, "broken_frame");
        stream.abort(error);
      }
    },
    forget: (peer) => peers.delete(peer),
  };
}
