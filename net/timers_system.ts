/**
 * The host's clock and timers. A leaf: import it by its path.
 *
 * @module
 */
import type { Timers } from "./timers.ts";

/** See {@link Timers}. */
export const systemTimers: Timers = {
  now: () => Date.now(),
  after(ms, callback) {
    const handle = setTimeout(callback, ms);
    return () => clearTimeout(handle);
  },
};
