/**
 * Calls that a child has not answered yet, and calls that were cancelled but that it still works on.
 *
 * @module
 */
import { messageOf } from "../../ledger/primitives/mod.ts";
import { ExecutorError } from "../errors.ts";
import type { RunListener } from "../executor.ts";
import { interruption } from "../run/mod.ts";
import type { ChildMessage, Failure, HostMessage, Method } from "./protocol.ts";

/** What pending calls need of their child. */
export interface CallPorts {
  readonly send: (message: HostMessage) => void;
  /** Called when a cancelled call was not answered within `cancelMs` milliseconds. */
  readonly onStuck: () => void;
  readonly cancelMs: number;
}

/** The calls of one child. */
export interface PendingCalls {
  call(method: Method, request: unknown, signal: AbortSignal, listener?: RunListener): Promise<unknown>;
  /** Takes an answer or an event. What answers no call is left alone: its caller has given up. */
  take(message: Exclude<ChildMessage, { kind: "ready" | "unavailable" }>): void;
  /** Calls that somebody waits for. */
  count(): number;
  /** Resolves when the child works on no cancelled call any more, or has ended. */
  settled(): Promise<void>;
  /** Ends all calls with an error: the child is gone. */
  end(error: ExecutorError): void;
}

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: ExecutorError) => void;
  readonly listener: RunListener | undefined;
}

interface Cancelled {
  readonly timer: ReturnType<typeof setTimeout>;
  readonly answered: PromiseWithResolvers<void>;
}

/** Keeps the calls of a child that was just started. */
export function createPendingCalls({ send, onStuck, cancelMs }: CallPorts): PendingCalls {
  const waiting = new Map<number, Waiting>();
  const cancelled = new Map<number, Cancelled>();
  let nextId = 0;

  function finish(id: number): Waiting | undefined {
    const call = waiting.get(id);
    waiting.delete(id);
    return call;
  }

  function giveUp(id: number, error: ExecutorError): void {
    const call = finish(id);
    if (call === undefined) return;
    cancelled.set(id, { timer: setTimeout(onStuck, cancelMs), answered: Promise.withResolvers() });
    send({ kind: "cancel", id });
    call.reject(error);
  }

  function settle(id: number): void {
    const call = cancelled.get(id);
    if (call === undefined) return;
    clearTimeout(call.timer);
    cancelled.delete(id);
    call.answered.resolve();
  }

  return {
    call(method, request, signal, listener) {
      if (signal.aborted) return Promise.reject(interruption(signal));
      const id = nextId++;
      const { promise, resolve, reject } = Promise.withResolvers<unknown>();
      const onAbort = () => giveUp(id, interruption(signal));
      waiting.set(id, { resolve, reject, listener });
      signal.addEventListener("abort", onAbort, { once: true });
      send({ kind: "call", id, method, request });
      return promise.finally(() => signal.removeEventListener("abort", onAbort));
    },
    take(message) {
      if (message.kind === "event") {
        try {
          waiting.get(message.id)?.listener?.(message.event);
        } catch (thrown) {
          giveUp(message.id, listenerFailure(thrown)); // as in the same thread: it ends the run
        }
        return;
      }
      settle(message.id);
      const call = finish(message.id);
      if (message.kind === "result") call?.resolve(message.value);
      else call?.reject(errorOf(message.failure));
    },
    count: () => waiting.size,
    settled: async () => {
      await Promise.all([...cancelled.values()].map(({ answered }) => answered.promise));
    },
    end(error) {
      for (const id of [...cancelled.keys()]) settle(id);
      for (const id of [...waiting.keys()]) finish(id)?.reject(error);
    },
  };
}

/** The error that a failure stands for. */
export function errorOf({ code, message, fields }: Failure): ExecutorError {
  return new ExecutorError(code, message, fields);
}

function listenerFailure(thrown: unknown): ExecutorError {
  return thrown instanceof ExecutorError
    ? thrown
    : new ExecutorError("cancelled", `The run's listener ended it: ${messageOf(thrown)}`, {}, thrown);
}
