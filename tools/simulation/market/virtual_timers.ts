/**
 * Virtual time for code that waits on promises: after every moment all that it set going runs to its end before the clock moves. Moments are
 * whole milliseconds, and what falls on one happens in one turn of the host: turns cost more than most events do.
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
      // Never early: whoever waits for a deadline must find that it has passed.
      clock.after(Math.ceil(ms), () => isCancelled || callback());
      return () => {
        isCancelled = true;
      };
    },
    async run(isDone, untilMs) {
      await turn();
      while (!isDone() && clock.now < untilMs && clock.tick()) {
        while (clock.next === clock.now) clock.tick();
        await turn();
      }
      return isDone();
    },
  };
}
