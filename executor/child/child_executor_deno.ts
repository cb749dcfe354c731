/**
 * An executor in a child process: what runs other people's models can be killed, and takes nothing with it.
 *
 * A child is started by the first call, and by the first call after one died. It is told about programs when it needs
 * them, so a restart is invisible but for the time it takes.
 *
 * @module
 */
import { bytesToHex, type Hash } from "../../ledger/primitives/mod.ts";
import { ExecutorError } from "../errors.ts";
import type { Executor, ProgramFiles, RunListener } from "../executor.ts";
import { interruption } from "../run/mod.ts";
import { type ChildLimits, type ChildProcess, startChild } from "./child_process_deno.ts";
import type { Method, RequestOf, ResultOf } from "./protocol.ts";

/** Limits that suit models which a node without a GPU can train. */
export const DEFAULT_LIMITS: Omit<ChildLimits, "command" | "args"> = {
  startMs: 30_000, // starting takes one second; a busy machine may take ten times that
  silenceMs: 60_000, // no step of a model that is worth training on one thread takes a minute
  cancelMs: 10_000, // a step of a few seconds may end in peace
  memoryBytes: 3 * 2 ** 30, // beyond this WebAssembly's 4 GiB are about to be exceeded anyway
};

/** First and longest pause before a child that died is replaced, in milliseconds; it doubles with each death in a row. */
const BACK_OFF_MS = { first: 50, longest: 5_000 };

/** How to start the child; limits that are left out are {@link DEFAULT_LIMITS}. */
export type ChildExecutorOptions = Pick<ChildLimits, "command" | "args"> & Partial<ChildLimits>;

/** Makes an executor whose work is done in a child process. Nothing is started before the first call. */
export function createChildExecutor(options: ChildExecutorOptions): Executor {
  const limits: ChildLimits = { ...DEFAULT_LIMITS, ...options };
  /** What was loaded, to be loaded again into the next child. */
  const files = new Map<string, ProgramFiles[]>();
  let current: Promise<ChildProcess> | undefined;
  let loaded = new Map<string, Promise<unknown>>();
  /** Children started since the last call that succeeded. */
  let starts = 0, closed = false;

  /** The child that runs, or a new one. Starting is shared by all callers, so it heeds no single caller's signal. */
  async function child(): Promise<ChildProcess> {
    for (;;) {
      if (closed) throw new ExecutorError("bad_request", "This executor is closed.");
      const awaited = current ??= restart(undefined);
      const process = await awaited.catch((thrown) => {
        if (current === awaited) current = undefined; // the next call tries again
        throw thrown;
      });
      await process.settled(); // or a call would fail with the one before it that did not heed its cancellation
      if (process.alive()) return process;
      // Whoever notices first replaces it; the others find the replacement in the next round.
      if (current === awaited) current = restart(process);
    }
  }

  async function restart(dead: ChildProcess | undefined): Promise<ChildProcess> {
    await dead?.close();
    loaded = new Map();
    if (starts > 0) await pause(Math.min(BACK_OFF_MS.first * 2 ** (starts - 1), BACK_OFF_MS.longest));
    starts++;
    return await startChild(limits);
  }

  /** Loads a program into the child that runs now, once, and for all callers. */
  function ensureLoaded(process: ChildProcess, program: Hash): Promise<unknown> {
    const key = bytesToHex(program);
    let done = loaded.get(key);
    if (done === undefined) {
      const parts = files.get(key);
      if (parts === undefined) {
        throw new ExecutorError(
          "bad_request",
          `The program ${key} is not loaded: call load with its files first.`,
        );
      }
      const never = new AbortController().signal; // a child that hangs over it is killed for its silence
      done = parts.reduce<Promise<unknown>>(
        (before, part) => before.then(() => process.call("load", part, never)),
        Promise.resolve(),
      );
      const into = loaded;
      into.set(key, done);
      done.catch(() => into.delete(key));
    }
    return done;
  }

  async function call<M extends Method>(
    method: M,
    request: RequestOf<M>,
    signal: AbortSignal,
    listener?: RunListener,
  ): Promise<ResultOf<M>> {
    if (signal.aborted) throw interruption(signal);
    const process = await unlessAborted(child(), signal);
    if ("program" in request) await unlessAborted(ensureLoaded(process, request.program), signal);
    const result = await process.call(method, request, signal, listener);
    starts = 0;
    return result as ResultOf<M>; // the child answers with the same method's result: see `serve_executor.ts`
  }

  return {
    engine: async ({ signal }) => (await unlessAborted(child(), signal)).engine,
    async load(request, { signal }) {
      const description = await call("load", request, signal);
      const key = bytesToHex(description.id);
      files.set(key, [...files.get(key) ?? [], request]);
      loaded.set(key, Promise.resolve());
      return description;
    },
    async unload(request, { signal }) {
      await call("unload", request, signal);
      if (request.apart) return;
      files.delete(bytesToHex(request.program));
      loaded.delete(bytesToHex(request.program));
    },
    run: (request, { signal }, listener) => call("run", request, signal, listener),
    async rehearse(request, { signal }, listener) {
      await call("rehearse", request, signal, listener);
    },
    async restore(request, { signal }) {
      await call("restore", request, signal);
    },
    state: (request, { signal }) => call("state", request, signal),
    output: (request, { signal }) => call("output", request, signal),
    steps: (request, { signal }) => call("steps", request, signal),
    trace: (request, { signal }) => call("trace", request, signal),
    nodeInputs: (request, { signal }) => call("nodeInputs", request, signal),
    executeNode: (request, { signal }) => call("executeNode", request, signal),
    nodeOutput: (request, { signal }) => call("nodeOutput", request, signal),
    chunkNeeds: (request, { signal }) => call("chunkNeeds", request, signal),
    executeChunk: (request, { signal }) => call("executeChunk", request, signal),
    nodeChunk: (request, { signal }) => call("nodeChunk", request, signal),
    dearestUnit: (request, { signal }) => call("dearestUnit", request, signal),
    sumNeeds: (request, { signal }) => call("sumNeeds", request, signal),
    executeSums: (request, { signal }) => call("executeSums", request, signal),
    async close() {
      closed = true;
      const process = await current?.catch(() => undefined); // a start that failed left nothing to close
      await process?.close();
    },
  };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** The promise's outcome, or the interruption if the signal fires first; the work itself goes on for others. */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(interruption(signal));
  if (signal.aborted) onAbort();
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
