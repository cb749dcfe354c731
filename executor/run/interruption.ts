/**
 * Stopping long work: between steps the runner lets the host's events in (a deadline, a cancel, a heartbeat) and then looks at
 * the caller's signal.
 *
 * @module
 */
import { ExecutorError } from "../errors.ts";

/**
 * Throws if the signal has fired.
 *
 * @throws {ExecutorError} `timed_out` if a deadline fired it (`AbortSignal.timeout`), `cancelled` otherwise.
 */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw interruption(signal);
}

/** The typed error that a fired signal stands for. */
export function interruption(signal: AbortSignal): ExecutorError {
  const timedOut = signal.reason instanceof DOMException && signal.reason.name === "TimeoutError";
  return timedOut
    ? new ExecutorError(
      "timed_out",
      "The execution did not end before its deadline: allow more time or smaller segments.",
    )
    : new ExecutorError("cancelled", "The execution was cancelled by its caller.");
}

/**
 * Resolves after one turn of the event loop. An engine computes synchronously: without this, a loop over steps would keep
 * every timer and message waiting until its end. A message to oneself is used because timers have a floor of milliseconds.
 */
export function letEventsIn(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      port2.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
