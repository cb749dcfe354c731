/**
 * Virtual time for code that waits on promises: after every event all that it set going runs to its end before the clock moves.
 *
 * @module
 */
import { setImmediate } from "node:timers";
import type { Timers } from "../../../net/mod.ts";
import { createClock } from "../clock.ts";

/** Timers of a simulated host. */
export interface VirtualTimers extends Timers {
  /** Lets time pass until `isDone`, at most until `untilMs`. Returns whether it is done. */
  run(isDone: () => boolean, untilMs: number): Promise<boolean>;
}

/** A turn of the host's event loop: every chain of microtasks has come to its end by then. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Timers at 0. */
export function makeVirtualTimers(): VirtualTimers {
  const clock = createClock();
  return {
    now: () => clock.now,
    after(ms, callback) {
      let isCancelled = false;
      clock.after(ms, () => isCancelled || callback());
      return () => {
        isCancelled = true;
      };
    },
    async run(isDone, untilMs) {
      await turn();
      while (!isDone() && clock.now < untilMs && clock.tick()) await turn();
      return isDone();
    },
  };
}
