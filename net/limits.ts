/**
 * How much one peer may ask of a node. Every peer has its own budget, so that one cannot use up another's.
 *
 * @module
 */
import type { PeerId } from "./transport.ts";

/** Bounds per peer. */
export interface Limits {
  /** Messages of one peer handled at once; the next is answered `busy`. */
  readonly inFlight: number;
  /** Messages a second of one peer, in the long run; above, they are answered `busy` and cost it points. */
  readonly messagesPerSecond: number;
  /** Messages that may come at once after a quiet time. */
  readonly burst: number;
  /** Messages to one peer under way at once; the next waits for its turn. Below `inFlight`, so that we never hear `busy`. */
  readonly outFlight: number;
}

/**
 * Defaults: a peer that fetches blobs at 100 MB/s in 64 KiB chunks asks 1,600 times a second; nobody honest needs twice that.
 * 64 handlers at once keep a peer with 100 ms delay busy at 640 messages a second.
 */
export const DEFAULT_LIMITS: Limits = { inFlight: 64, messagesPerSecond: 4_000, burst: 8_000, outFlight: 32 };

/** Whether a message may come in. */
export type Admission = "admitted" | "busy" | "flood";

/** The intake of all peers. */
export interface Intake {
  /** Asks for one message of `peer`. After `admitted`, `done` must be called once. */
  admit(peer: PeerId): Admission;
  done(peer: PeerId): void;
}

/** Counts messages under way and a token bucket per peer. `now` in milliseconds. */
export function makeIntake(limits: Limits, now: () => number): Intake {
  const peers = new Map<PeerId, { inFlight: number; tokens: number; at: number }>();

  // A peer with nothing in hand and a full bucket is the same as one never seen: the map holds active peers only.
  const forgetIdle = () => {
    for (const [peer, entry] of peers) {
      const refilled = entry.tokens + (now() - entry.at) * limits.messagesPerSecond / 1000;
      if (entry.inFlight === 0 && refilled >= limits.burst) peers.delete(peer);
    }
  };

  return {
    admit(peer) {
      let entry = peers.get(peer);
      if (entry === undefined) {
        forgetIdle();
        entry = { inFlight: 0, tokens: limits.burst, at: now() };
        peers.set(peer, entry);
      }
      const elapsed = Math.max(0, now() - entry.at);
      entry.tokens = Math.min(limits.burst, entry.tokens + elapsed * limits.messagesPerSecond / 1000);
      entry.at = now();
      if (entry.tokens < 1) return "flood";
      if (entry.inFlight >= limits.inFlight) return "busy";
      entry.tokens--;
      entry.inFlight++;
      return "admitted";
    },
    done(peer) {
      const entry = peers.get(peer);
      if (entry !== undefined) entry.inFlight--;
    },
  };
}
