/**
 * The child's side: answers calls that arrive on a stream from an executor, until the stream ends.
 *
 * @module
 */
import { messageOf } from "../../ledger/primitives/mod.ts";
import { ExecutorError } from "../errors.ts";
import type { CallOptions, Executor, RunListener } from "../executor.ts";
import { createMessageWriter, type MessageWriter, receiveMessages } from "./message_stream.ts";
import { type ChildMessage, type Failure, type HostMessage, type Method, METHODS } from "./protocol.ts";

/** What the server needs of its host. */
export interface ServerPorts {
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Uint8Array>;
  /** Makes the executor; its failure is reported to the host. */
  readonly start: () => Promise<Executor>;
  /** Calls `beat` now and then, with the resident memory in bytes. Returns how to stop. */
  readonly everyHeartbeat: (beat: (residentBytes: number) => void) => () => void;
}

/**
 * Serves one executor. Resolves when the host has closed the stream and the executor is closed, or when the engine broke so
 * that its memory can no longer be trusted: the process should end then.
 */
export async function serveExecutor(
  { readable, writable, start, everyHeartbeat }: ServerPorts,
): Promise<void> {
  const writer = createMessageWriter(writable);
  const say = (message: ChildMessage) => writer.send(message);
  let executor: Executor;
  try {
    executor = await start();
    await say({ kind: "ready", engine: await executor.engine({ signal: new AbortController().signal }) });
  } catch (thrown) {
    await say({ kind: "unavailable", failure: failureOf(thrown) });
    return;
  }
  // A failed write means that the host is gone; the loop below notices by the end of its stream.
  const stop = everyHeartbeat((residentBytes) => void writer.heartbeat(residentBytes).catch(() => undefined));
  try {
    await answerCalls(executor, readable, writer);
  } finally {
    stop();
    await executor.close();
  }
}

async function answerCalls(
  executor: Executor,
  readable: ReadableStream<Uint8Array>,
  writer: MessageWriter,
): Promise<void> {
  const running = new Map<number, AbortController>();
  const { promise: broken, resolve: giveUp } = Promise.withResolvers<{ done: true }>();
  const incoming = receiveMessages(readable);

  async function answer(id: number, method: Method, request: unknown, signal: AbortSignal): Promise<void> {
    const listener: RunListener = (event) => writer.send({ kind: "event", id, event }).catch(() => undefined);
    try {
      const value = await invoke(executor, method, request, { signal }, listener);
      await writer.send({ kind: "result", id, value: value ?? null });
    } catch (thrown) {
      const failure = failureOf(thrown);
      await writer.send({ kind: "failure", id, failure }).catch(() => undefined);
      if (failure.fields["fatal"] === true) giveUp({ done: true });
    } finally {
      running.delete(id);
    }
  }

  for (;;) {
    const next = await Promise.race([incoming.next(), broken]);
    if (next.done === true) break;
    if (next.value.kind !== "message") continue;
    const message = next.value.message as HostMessage; // the host is our own parent process
    if (message.kind === "cancel") {
      running.get(message.id)?.abort();
    } else {
      const controller = new AbortController();
      running.set(message.id, controller);
      void answer(message.id, message.method, message.request, controller.signal);
    }
  }
  for (const controller of running.values()) controller.abort();
}

/** Calls a method by name. The request has the method's type because the host's side is typed by the same interface. */
function invoke(
  executor: Executor,
  method: Method,
  request: unknown,
  options: CallOptions,
  listener: RunListener,
): Promise<unknown> {
  if (!METHODS.includes(method)) {
    throw new ExecutorError("bad_request", `An executor has no method "${String(method)}".`);
  }
  const call = executor[method] as (
    request: unknown,
    options: CallOptions,
    listener: RunListener,
  ) => Promise<unknown>;
  return call(request, options, listener);
}

function failureOf(thrown: unknown): Failure {
  return thrown instanceof ExecutorError
    ? { code: thrown.code, message: thrown.message, fields: thrown.fields }
    : { code: "engine_failed", message: `The executor failed: ${messageOf(thrown)}`, fields: {} };
}
