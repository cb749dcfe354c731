/**
 * Staying connected to the peers a node was told to know: dialled again, with growing pauses, for as long as the node lives.
 *
 * @module
 */
import { pause, type Timers } from "./timers.ts";
import type { Transport } from "./transport.ts";

/** First pause before dialling again: a restarted node is back within a second or two. */
const FIRST_PAUSE_MS = 250;

/** Longest pause: a node that comes back after hours is found within half a minute. */
const LONGEST_PAUSE_MS = 30_000;

/** What {@link keepConnected} needs. */
export interface KeepConnectedOptions {
  readonly transport: Pick<Transport, "dial" | "peers" | "onPeer">;
  readonly address: string;
  readonly timers: Timers;
  /** Ends it. */
  readonly signal: AbortSignal;
  /** Told of every failed attempt. */
  readonly report: (problem: string, error: unknown) => void;
}

function whenGone(
  transport: KeepConnectedOptions["transport"],
  peer: string,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve) => {
    const finish = () => {
      stop();
      signal.removeEventListener("abort", finish);
      resolve();
    };
    const stop = transport.onPeer((event) => {
      if (event.kind === "disconnected" && event.peer === peer) finish();
    });
    signal.addEventListener("abort", finish);
    if (signal.aborted || !transport.peers().includes(peer)) finish();
  });
}

/** Dials `address` until it answers, waits until the connection is lost, and starts again. Ends when the signal fires. */
export async function keepConnected(options: KeepConnectedOptions): Promise<void> {
  const { transport, address, timers, signal, report } = options;
  let pauseMs = FIRST_PAUSE_MS;
  while (!signal.aborted) {
    try {
      const peer = await transport.dial(address, { signal });
      pauseMs = FIRST_PAUSE_MS;
      await whenGone(transport, peer, signal);
    } catch (thrown) {
      if (signal.aborted) return;
      report(`The bootstrap peer at ${address} cannot be reached; trying again in ${pauseMs} ms.`, thrown);
    }
    await pause(timers, pauseMs, signal);
    pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
  }
}
