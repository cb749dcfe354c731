/**
 * A bound on how much goes on at once. Waiters are served in the order they came.
 *
 * @module
 */

/** Permits to take and give back. */
export interface Semaphore {
  /** Permits free now. */
  readonly free: number;
  /** Takes a permit if one is free. */
  tryAcquire(): boolean;
  /** Waits for a permit. Rejects with the signal's reason if it fires first. */
  acquire(signal: AbortSignal): Promise<void>;
  /** Gives a permit back. */
  release(): void;
}

/** A semaphore of `permits` permits. */
export function makeSemaphore(permits: number): Semaphore {
  let free = permits;
  const waiting = new Set<() => void>();
  const tryAcquire = () => {
    if (free === 0) return false;
    free--;
    return true;
  };
  return {
    get free() {
      return free;
    },
    tryAcquire,
    acquire(signal) {
      return new Promise((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason);
        if (tryAcquire()) return resolve();
        const grant = () => {
          signal.removeEventListener("abort", onAbort);
          resolve();
        };
        const onAbort = () => {
          waiting.delete(grant);
          reject(signal.reason);
        };
        signal.addEventListener("abort", onAbort, { once: true });
        waiting.add(grant);
      });
    },
    release() {
      const next = waiting.values().next().value;
      if (next === undefined) {
        free++;
        return;
      }
      waiting.delete(next);
      next();
    },
  };
}
