/**
 * Questions that wait for their answer. Each is answered once: by a reply, a refusal, or its deadline.
 *
 * @module
 */
import type { Timers } from "../../net/mod.ts";
import { ActorError, type ActorErrorCode, type Failure } from "./errors.ts";

/** Open questions of one node. */
export interface PendingRequests {
  open(what: string, timeoutMs: number): { readonly id: number; readonly answer: Promise<Uint8Array> };
  /** Answers a question; one that has been answered, or is too late, is left alone. */
  resolve(id: number, body: Uint8Array): void;
  refuse(id: number, failure: Failure): void;
  /** Refuses all with `stopped`. */
  close(): void;
}

const OWN_CODES: ReadonlySet<string> = new Set<ActorErrorCode>([
  "mailbox_full",
  "no_such_actor",
  "timed_out",
  "cancelled",
  "stopped",
  "restarted",
  "silent",
  "crashed",
  "bad_message",
  "bad_options",
  "rejected",
  "unavailable",
  "mismatch",
]);

function isOwnCode(code: string): code is ActorErrorCode {
  return OWN_CODES.has(code);
}

/** The error a failure stands for: an `ActorError` of its own code where it is one of ours, else `refused` with `remoteCode`. */
export function errorOf(failure: Failure): ActorError {
  return isOwnCode(failure.code)
    ? new ActorError(failure.code, failure.message)
    : new ActorError("refused", failure.message, { remoteCode: failure.code });
}

/** No open questions. */
export function makePendingRequests(timers: Timers): PendingRequests {
  const open = new Map<
    number,
    { resolve(body: Uint8Array): void; reject(error: Error): void; cancel(): void }
  >();
  let nextId = 1;
  const take = (id: number) => {
    const question = open.get(id);
    question?.cancel();
    open.delete(id);
    return question;
  };
  return {
    open(what, timeoutMs) {
      const id = nextId++;
      const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
      const cancel = timers.after(timeoutMs, () => {
        open.delete(id);
        reject(new ActorError("timed_out", `${what} had no answer within ${timeoutMs} ms.`, { timeoutMs }));
      });
      open.set(id, { resolve, reject, cancel });
      return { id, answer: promise };
    },
    resolve: (id, body) => take(id)?.resolve(body),
    refuse: (id, failure) => take(id)?.reject(errorOf(failure)),
    close() {
      for (const id of [...open.keys()]) {
        take(id)?.reject(new ActorError("stopped", "The node is being stopped."));
      }
    },
  };
}
