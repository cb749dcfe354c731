/**
 * Named timers: setting one again replaces it.
 *
 * @module
 */
import type { Timers } from "../../net/mod.ts";

/** The timers of one incarnation. */
export interface TimerTable {
  set(name: string, delayMs: number): void;
  clear(name: string): void;
  clearAll(): void;
}

/** No timers yet. `fire` is called with the name of each that runs out. */
export function makeTimerTable(timers: Timers, fire: (name: string) => void): TimerTable {
  const pending = new Map<string, () => void>();
  const clear = (name: string) => {
    pending.get(name)?.();
    pending.delete(name);
  };
  return {
    set(name, delayMs) {
      clear(name);
      const cancel = timers.after(delayMs, () => {
        pending.delete(name);
        fire(name);
      });
      pending.set(name, cancel);
    },
    clear,
    clearAll() {
      for (const cancel of pending.values()) cancel();
      pending.clear();
    },
  };
}
