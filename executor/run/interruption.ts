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

/** Lets the host's events in, again and again. Close it when done: it keeps the host from ending. */
export interface EventGate {
  /**
   * Resolves after one turn of the event loop. An engine computes synchronously: without this, a loop over steps would keep every timer and
   * message waiting until its end.
   */
  letIn(): Promise<void>;
  close(): void;
}

/** A gate for one loop. It sends messages to itself because timers have a floor of milliseconds; making a channel costs as much as several. */
export function openEventGate(): EventGate {
  const { port1, port2 } = new MessageChannel();
  let entered: () => void = () => {};
  port1.onmessage = () => entered();
  return {
    letIn: () =>
      new Promise((resolve) => {
        entered = resolve;
        port2.postMessage(null);
      }),
    close: () => {
      port1.close();
      port2.close();
    },
  };
}
