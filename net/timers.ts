/**
 * Time, as the network sees it: injected, so that a simulation can run it on a virtual clock.
 *
 * @module
 */
import { asNetError, NetError } from "./errors.ts";

/** A clock and timers. */
export interface Timers {
  /** Milliseconds since 1970, never running backwards by much: it orders address records across restarts. */
  now(): number;
  /** Calls `callback` once after `ms` milliseconds. Returns a function that prevents it. */
  after(ms: number, callback: () => void): () => void;
}

/** Resolves after `ms` milliseconds, or at once when `signal` fires. Never rejects. */
export function pause(timers: Timers, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const finish = () => {
      cancel();
      signal?.removeEventListener("abort", finish);
      resolve();
    };
    const cancel = timers.after(ms, finish);
    signal?.addEventListener("abort", finish);
  });
}

/** How long work may take, and who may call it off. */
export interface Deadline {
  readonly timers: Timers;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** What is being done, for the error: `The request "/x/1" to ab12...`. */
  readonly what: string;
}

/**
 * Runs `work` under a deadline. The signal given to `work` fires when the deadline passes or the caller cancels; the
 * promise is rejected then even if `work` pays no attention to it.
 *
 * @throws {NetError} `timed_out`; the signal's reason if that is a NetError, else `cancelled`; else what `work` throws.
 */
export async function withDeadline<T>(
  deadline: Deadline,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { timers, timeoutMs, signal, what } = deadline;
  const cancelled = () => asNetError(signal?.reason, "cancelled", `${what} was cancelled by its caller.`);
  if (signal?.aborted) throw cancelled();
  const controller = new AbortController();
  const ended = Promise.withResolvers<never>();
  const end = (error: NetError) => {
    ended.reject(error);
    controller.abort(error);
  };
  const cancelTimer = timers.after(timeoutMs, () => {
    end(new NetError("timed_out", `${what} had no answer within ${timeoutMs} ms.`, { timeoutMs }));
  });
  const onAbort = () => end(cancelled());
  signal?.addEventListener("abort", onAbort);
  const working = work(controller.signal);
  // The loser of the race has nobody left to tell.
  working.catch(() => {});
  try {
    return await Promise.race([working, ended.promise]);
  } catch (thrown) {
    controller.abort(thrown); // what `work` started has nobody waiting for it any more
    throw thrown;
  } finally {
    cancelTimer();
    signal?.removeEventListener("abort", onAbort);
  }
}
