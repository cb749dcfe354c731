/**
 * One child process and the calls that it has not answered yet. It ends once: by closing, by dying, or by being killed; then every
 * pending call gets a typed error, and the object is of no more use.
 *
 * @module
 */
import { messageOf } from "../../ledger/primitives/mod.ts";
import { ExecutorError } from "../errors.ts";
import type { EngineIdentity, RunListener } from "../executor.ts";
import { interruption } from "../run/mod.ts";
import { createMessageWriter, receiveMessages } from "./message_stream.ts";
import type { ChildMessage, Failure, Method } from "./protocol.ts";

/** How to start a child, and when to give it up. */
export interface ChildLimits {
  /** Program and arguments, for example this runtime with `main_deno.ts`, or a compiled binary that starts itself again. */
  readonly command: string;
  readonly args: readonly string[];
  /** Milliseconds from spawning to `ready`. */
  readonly startMs: number;
  /** Milliseconds without any sign of life after which a child with pending calls counts as hung: longer than any single step. */
  readonly silenceMs: number;
  /** Milliseconds that a cancelled call may still take before the child counts as hung. */
  readonly cancelMs: number;
  /** Resident bytes above which the child is killed. */
  readonly memoryBytes: number;
}

/** A started child. */
export interface ChildProcess {
  readonly engine: EngineIdentity;
  readonly pid: number;
  /** Whether calls can still be made. */
  alive(): boolean;
  /** @throws {ExecutorError} what the child answered, `cancelled`, `timed_out` or `crashed`. */
  call(method: Method, request: unknown, signal: AbortSignal, listener?: RunListener): Promise<unknown>;
  /** Asks the child to end, kills it if it does not, and waits for its end. */
  close(): Promise<void>;
}

/** Characters of the child's last words that go into an error. */
const LAST_WORDS = 600;

/** Milliseconds that a child has to end by itself once its input is closed. */
const CLOSE_MS = 2000;

interface PendingCall {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: ExecutorError) => void;
  readonly listener: RunListener | undefined;
}

/**
 * Starts a child and waits until its engine is ready.
 *
 * @throws {ExecutorError} `engine_unavailable` if the command cannot be started or its engine is not to be had, `crashed` if it
 * died or did not get ready in time, `cancelled` or `timed_out` by the signal.
 */
export async function startChild(limits: ChildLimits, signal: AbortSignal): Promise<ChildProcess> {
  const process = spawn(limits);
  const writer = createMessageWriter(process.stdin);
  const pending = new Map<number, PendingCall>();
  const ready = Promise.withResolvers<EngineIdentity>();
  let lastWords = "", verdict: string | undefined, ended = false, lastSign = performance.now();
  let nextId = 0;

  /** Kills the child. The first reason counts: what follows is its consequence. */
  function kill(reason: string): void {
    verdict ??= reason;
    if (!ended) process.kill("SIGKILL");
  }

  function take(message: ChildMessage): void {
    if (message.kind === "ready") return ready.resolve(message.engine);
    if (message.kind === "unavailable") return ready.reject(errorOf(message.failure));
    const call = pending.get(message.id);
    if (call === undefined) return; // its caller has given up
    if (message.kind === "event") {
      try {
        call.listener?.(message.event);
      } catch (thrown) {
        // As in the same thread: what the listener throws ends the run.
        finish(message.id)?.reject(asExecutorError(thrown));
        cancel(message.id);
      }
    } else if (message.kind === "result") finish(message.id)?.resolve(message.value);
    else finish(message.id)?.reject(errorOf(message.failure));
  }

  function finish(id: number): PendingCall | undefined {
    const call = pending.get(id);
    pending.delete(id);
    return call;
  }

  /** Ids of cancelled calls that the child still works on, with the timers that give it up. */
  const cancelled = new Map<number, ReturnType<typeof setTimeout>>();

  function cancel(id: number): void {
    cancelled.set(
      id,
      setTimeout(
        () => kill(`did not stop within ${limits.cancelMs} ms when it was told to`),
        limits.cancelMs,
      ),
    );
    send({ kind: "cancel", id });
  }

  function send(message: unknown): void {
    writer.send(message).catch((thrown) => kill(`could not be written to: ${messageOf(thrown)}`));
  }

  async function listen(): Promise<void> {
    try {
      for await (const received of receiveMessages(process.stdout)) {
        lastSign = performance.now();
        if (received.kind === "heartbeat") {
          if (received.residentBytes > limits.memoryBytes) {
            kill(
              `used ${mebibytes(received.residentBytes)} MiB of memory, more than its ${
                mebibytes(limits.memoryBytes)
              } MiB`,
            );
          }
          continue;
        }
        const message = received.message as ChildMessage; // the child is our own program, started by us
        if ("id" in message && message.kind !== "event") {
          clearTimeout(cancelled.get(message.id));
          cancelled.delete(message.id);
        }
        take(message);
      }
    } catch (thrown) {
      kill(`spoke garbage: ${messageOf(thrown)}`);
    }
  }

  async function collectLastWords(): Promise<void> {
    for await (const text of process.stderr.pipeThrough(new TextDecoderStream())) {
      lastWords = (lastWords + text).slice(-LAST_WORDS);
    }
  }

  const watch = setInterval(() => {
    const silence = performance.now() - lastSign;
    if (pending.size > 0 && silence > limits.silenceMs) {
      kill(`gave no sign of life for ${Math.round(silence)} ms`);
    }
  }, Math.max(10, limits.silenceMs / 4));

  const end = Promise.all([process.status, listen(), collectLastWords()]).then(([status]) => {
    ended = true;
    clearInterval(watch);
    for (const timer of cancelled.values()) clearTimeout(timer);
    const how = verdict ??
      (status.signal === null ? `ended with exit code ${status.code}` : `was ended by ${status.signal}`);
    const error = new ExecutorError(
      "crashed",
      `The executor's process ${how}. Nothing of the caller is lost: call again.${
        lastWords === "" ? "" : ` It said: ${lastWords.trim()}`
      }`,
      { exitCode: status.code, signal: status.signal ?? undefined },
    );
    ready.reject(error);
    for (const id of [...pending.keys()]) finish(id)?.reject(error);
  });

  async function close(): Promise<void> {
    writer.close().catch(() => kill("was closed")); // already broken: it will not end by itself
    const timer = setTimeout(() => kill(`did not end within ${CLOSE_MS} ms`), CLOSE_MS);
    await end;
    clearTimeout(timer);
  }

  const startTimer = setTimeout(() => kill(`was not ready within ${limits.startMs} ms`), limits.startMs);
  const onAbort = () => {
    ready.reject(interruption(signal));
    kill("was cancelled while it started");
  };
  signal.addEventListener("abort", onAbort, { once: true });
  if (signal.aborted) onAbort();
  let engine: EngineIdentity;
  try {
    engine = await ready.promise;
  } catch (thrown) {
    await close();
    throw thrown;
  } finally {
    clearTimeout(startTimer);
    signal.removeEventListener("abort", onAbort);
  }

  return {
    engine,
    pid: process.pid,
    alive: () => !ended && verdict === undefined,
    call(method, request, signal, listener) {
      const id = nextId++;
      const { promise, resolve, reject } = Promise.withResolvers<unknown>();
      const onAbort = () => {
        finish(id)?.reject(interruption(signal));
        cancel(id);
      };
      if (signal.aborted) return Promise.reject(interruption(signal));
      if (pending.size === 0) lastSign = performance.now(); // an idle child owes no sign of life
      pending.set(id, { resolve, reject, listener });
      signal.addEventListener("abort", onAbort, { once: true });
      send({ kind: "call", id, method, request });
      return promise.finally(() => signal.removeEventListener("abort", onAbort));
    },
    close,
  };
}

function spawn({ command, args }: ChildLimits): Deno.ChildProcess {
  try {
    return new Deno.Command(command, { args: [...args], stdin: "piped", stdout: "piped", stderr: "piped" })
      .spawn();
  } catch (thrown) {
    throw new ExecutorError(
      "engine_unavailable",
      `The executor "${command}" cannot be started: ${messageOf(thrown)}`,
      {},
      thrown,
    );
  }
}

function errorOf({ code, message, fields }: Failure): ExecutorError {
  return new ExecutorError(code, message, fields);
}

function asExecutorError(thrown: unknown): ExecutorError {
  return thrown instanceof ExecutorError
    ? thrown
    : new ExecutorError("cancelled", messageOf(thrown), {}, thrown);
}

function mebibytes(bytes: number): number {
  return Math.ceil(bytes / 2 ** 20);
}
