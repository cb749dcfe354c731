/**
 * Who misbehaves, and for how long we want nothing to do with them. Points are given per fault and fade with time, so that an
 * honest peer on a bad day is forgiven and a hostile one is shut out after a few frames.
 *
 * @module
 */
import type { PeerId } from "./transport.ts";

/** What a peer can be blamed for. */
export type Fault = "broken_frame" | "oversized" | "flood" | "lie";

/**
 * Points per fault. A broken frame or an oversized one cannot come from our own code over a reliable connection; a flood can,
 * for a moment; a lie (a blob that is not what it says) is deliberate or a broken disk.
 */
const POINTS: Readonly<Record<Fault, number>> = { broken_frame: 40, oversized: 40, flood: 2, lie: 40 };

/** From here on a peer is shut out: the third broken frame in a minute. */
const SHUT_OUT_POINTS = 100;

/** Half of the points are gone after a minute. */
const HALF_LIFE_MS = 60_000;

/** Long enough to end an attack, short enough for an honest node that was fixed and restarted. */
const SHUT_OUT_MS = 60_000;

/** Peers remembered; beyond, the longest untouched is forgotten. Bounds memory against made-up identities. */
const MAX_PEERS = 4096;

/** Points per peer. */
export interface PeerScores {
  /** Adds a fault. Returns whether the peer is shut out from now on. */
  blame(peer: PeerId, fault: Fault): boolean;
  /** Points now. 0 for strangers. */
  points(peer: PeerId): number;
  isShutOut(peer: PeerId): boolean;
}

/**
 * An empty book of scores.
 *
 * @param now Milliseconds since some fixed time.
 */
export function makePeerScores(now: () => number): PeerScores {
  const entries = new Map<PeerId, { points: number; at: number; shutOutUntil: number }>();
  const faded = (entry: { points: number; at: number }) =>
    entry.points * 0.5 ** ((now() - entry.at) / HALF_LIFE_MS);
  const isShutOut = (peer: PeerId) => (entries.get(peer)?.shutOutUntil ?? 0) > now();
  return {
    blame(peer, fault) {
      const before = entries.get(peer);
      const points = (before === undefined ? 0 : faded(before)) + POINTS[fault];
      const shutOut = points >= SHUT_OUT_POINTS;
      entries.delete(peer); // to the young end of the map
      entries.set(peer, {
        points: shutOut ? 0 : points,
        at: now(),
        shutOutUntil: shutOut ? now() + SHUT_OUT_MS : before?.shutOutUntil ?? 0,
      });
      const oldest = entries.keys().next().value;
      if (entries.size > MAX_PEERS && oldest !== undefined) entries.delete(oldest);
      return isShutOut(peer);
    },
    points(peer) {
      const entry = entries.get(peer);
      return entry === undefined ? 0 : faded(entry);
    },
    isShutOut,
  };
}
