/**
 * Time that passes only when a test says so.
 *
 * @module
 */
import type { Timers } from "../../net/mod.ts";

/** A clock and timers in the hands of a test. */
export interface VirtualTimers extends Timers {
  /** Lets `ms` milliseconds pass, firing timers in order and letting everything they cause settle in between. */
  advance(ms: number): Promise<void>;
  /** Lets everything that waits for no timer run. */
  settle(): Promise<void>;
}

/** A clock that stands at `start` milliseconds. */
export function makeVirtualTimers(start = 1_000_000): VirtualTimers {
  let time = start;
  let order = 0;
  const pending = new Map<number, { readonly at: number; readonly callback: () => void }>();

  const settle = async () => {
    // Cryptography and codecs are synchronous, so a turn of the event loop empties every chain of microtasks.
    for (let i = 0; i < 3; i++) await new Promise<void>((resolve) => setTimeout(resolve, 0));
  };
  const earliest = (until: number) => {
    let found: { readonly id: number; readonly at: number } | undefined;
    for (const [id, { at }] of pending) {
      if (at <= until && (found === undefined || at < found.at)) found = { id, at };
    }
    return found;
  };

  return {
    now: () => time,
    after(ms, callback) {
      const id = order++;
      pending.set(id, { at: time + ms, callback });
      return () => void pending.delete(id);
    },
    settle,
    async advance(ms) {
      const until = time + ms;
      await settle();
      for (let next = earliest(until); next !== undefined; next = earliest(until)) {
        time = Math.max(time, next.at);
        const timer = pending.get(next.id);
        pending.delete(next.id);
        timer?.callback();
        await settle();
      }
      time = until;
    },
  };
}
