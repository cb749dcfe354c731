/**
 * Waiting, never for ever.
 *
 * @module
 */
import type { Timers } from "../../net/mod.ts";
import { ActorError } from "./errors.ts";

/** How long something may take, who may call it off, and what it is (the subject of the error sentence). */
export interface Wait {
  readonly timers: Timers;
  readonly timeoutMs: number;
  readonly what: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The value of `work`, if it comes in time.
 *
 * @throws {ActorError} `timed_out` or `cancelled` (the reason of the signal if it is an `ActorError`), else what `work` throws.
 */
export async function within<T>(wait: Wait, work: Promise<T>): Promise<T> {
  const { timers, timeoutMs, what, signal } = wait;
  const { promise: ended, reject } = Promise.withResolvers<never>();
  const cancelTimer = timers.after(timeoutMs, () => {
    reject(new ActorError("timed_out", `${what} did not end within ${timeoutMs} ms.`, { timeoutMs }));
  });
  const onAbort = () => reject(cancellation(signal, what));
  if (signal?.aborted) onAbort();
  signal?.addEventListener("abort", onAbort);
  // Whichever loses the race has nobody left to tell.
  work.catch(() => {});
  ended.catch(() => {});
  try {
    return await Promise.race([work, ended]);
  } finally {
    cancelTimer();
    signal?.removeEventListener("abort", onAbort);
  }
}

/** Waits for `ms`. Rejects as {@link within} does when `signal` fires first. */
export function sleep(timers: Timers, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(cancellation(signal, "A wait"));
    const onAbort = () => {
      cancel();
      reject(cancellation(signal, "A wait"));
    };
    const cancel = timers.after(ms, () => {
      signal.removeEventListener("abort", onAbort);
      resolve();
    });
    signal.addEventListener("abort", onAbort, { once: true });
  });
}

/** The error that a fired signal stands for. */
export function cancellation(signal: AbortSignal | undefined, what: string): ActorError {
  const reason: unknown = signal?.reason;
  return reason instanceof ActorError ? reason : new ActorError("cancelled", `${what} was called off.`);
}
