/**
 * Frames over one libp2p stream: `u32 length (big-endian) || frame`, alternating between the two sides.
 *
 * WebRTC streams cannot be paused: what the other side sends arrives. So bytes are counted as they come, per stream and per
 * peer, and a stream that exceeds its bound is ended.
 *
 * @module
 */
import type { Stream } from "@libp2p/interface";
import { messageOf } from "../ledger/primitives/mod.ts";
import { NetError } from "./errors.ts";
import { MAX_FRAME_BYTES } from "./frames.ts";

/** What an incoming chunk is: plain bytes, or libp2p's list of them. */
type Chunk = Stream extends AsyncIterable<infer T> ? T : never;

/** Bytes that one peer has in our buffers, over all its streams. */
export interface ReceiveBudget {
  used: number;
  readonly limit: number;
}

/** One side of a stream. */
export interface FrameStream {
  /** Whether another frame can be exchanged. */
  readonly open: boolean;
  /** Whether bytes have arrived that nobody has read. */
  readonly pending: boolean;
  /**
   * Waits for the next frame.
   *
   * @throws {NetError} `closed`, `too_large`, `protocol_error`, or the signal's reason.
   */
  read(signal: AbortSignal): Promise<Uint8Array>;
  /** Sends one frame, and waits until there is room for more. */
  write(frame: Uint8Array, signal: AbortSignal): Promise<void>;
  /** Resolves when bytes are there to read; rejects as `read`. */
  whenPending(signal: AbortSignal): Promise<void>;
  /** Ends the stream at once. */
  abort(error: Error): void;
}

/** Wraps a stream just opened or accepted. `budget` is shared by all streams of the peer. */
export function makeFrameStream(stream: Stream, budget: ReceiveBudget): FrameStream {
  const chunks: Uint8Array[] = [];
  let buffered = 0;
  let ended: NetError | undefined;
  const waiting = new Set<() => void>();
  const wake = () => {
    for (const notify of [...waiting]) notify();
  };

  const end = (error: NetError) => {
    ended ??= error;
    budget.used -= buffered;
    buffered = 0;
    chunks.length = 0;
    wake();
  };

  const fail = (error: NetError) => {
    end(error);
    stream.abort(error);
  };

  const take = (count: number): Uint8Array => {
    const taken = new Uint8Array(count);
    let filled = 0;
    while (filled < count) {
      const first = chunks.shift();
      if (first === undefined) break;
      const part = first.subarray(0, count - filled);
      taken.set(part, filled);
      filled += part.length;
      if (part.length < first.length) chunks.unshift(first.subarray(part.length));
    }
    buffered -= filled;
    budget.used -= filled;
    return taken;
  };

  let expected: number | undefined;

  stream.addEventListener("message", (event) => {
    if (ended !== undefined) return;
    const data: Chunk = event.data;
    const bytes = data instanceof Uint8Array ? data : data.subarray();
    chunks.push(bytes);
    buffered += bytes.length;
    budget.used += bytes.length;
    if (buffered > 4 + MAX_FRAME_BYTES) {
      return fail(
        new NetError("protocol_error", "The peer sent more than one frame at a time.", { buffered }),
      );
    }
    if (budget.used > budget.limit) {
      return fail(
        new NetError("too_large", "The peer has too many bytes under way.", { limit: budget.limit }),
      );
    }
    wake();
  });
  const onEnd = () => end(new NetError("closed", "The stream ended."));
  stream.addEventListener("close", onEnd);
  stream.addEventListener("remoteCloseWrite", onEnd);

  const until = (ready: () => boolean, signal: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      const finish = (settle: () => void) => {
        waiting.delete(check);
        signal.removeEventListener("abort", check);
        settle();
      };
      const check = () => {
        if (ready()) finish(resolve);
        else if (ended !== undefined) finish(() => reject(ended));
        else if (signal.aborted) finish(() => reject(signal.reason));
      };
      waiting.add(check);
      signal.addEventListener("abort", check);
      check();
    });

  return {
    get open() {
      return ended === undefined && stream.status === "open" && stream.writeStatus === "writable";
    },
    get pending() {
      return buffered > 0 || expected !== undefined;
    },
    async read(signal) {
      await until(() => expected !== undefined || buffered >= 4, signal);
      const length = expected ?? new DataView(take(4).buffer).getUint32(0);
      expected = length;
      if (length > MAX_FRAME_BYTES) {
        const sentence =
          `The peer announces a frame of ${length} bytes; at most ${MAX_FRAME_BYTES} are allowed.`;
        const error = new NetError("too_large", sentence, { length });
        fail(error);
        throw error;
      }
      await until(() => buffered >= length, signal);
      expected = undefined;
      return take(length);
    },
    async write(frame, signal) {
      const prefix = new Uint8Array(4);
      new DataView(prefix.buffer).setUint32(0, frame.length);
      try {
        stream.send(prefix);
        if (!stream.send(frame)) await stream.onDrain({ signal });
      } catch (thrown) {
        if (signal.aborted) throw signal.reason;
        throw new NetError("closed", `The stream ended while sending: ${messageOf(thrown)}`, {}, thrown);
      }
    },
    whenPending: (signal) => until(() => buffered > 0, signal),
    abort(error) {
      end(new NetError("closed", "The stream was ended by this node.", {}, error));
      stream.abort(error);
    },
  };
}
