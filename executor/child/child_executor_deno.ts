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
  cancelMs: 5_000,
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
  let deaths = 0, closed = false;

  async function child(signal: AbortSignal): Promise<ChildProcess> {
    if (closed) throw new ExecutorError("bad_request", "This executor is closed.");
    const running = await current?.catch(() => undefined);
    if (running?.alive() === true) return running;
    if (running !== undefined || current === undefined) current = restart(running, signal);
    const starting = current;
    return await starting.catch((thrown) => {
      if (current === starting) current = undefined;
      throw thrown;
    });
  }

  async function restart(dead: ChildProcess | undefined, signal: AbortSignal): Promise<ChildProcess> {
    await dead?.close();
    loaded = new Map();
    if (deaths > 0) await pause(Math.min(BACK_OFF_MS.first * 2 ** (deaths - 1), BACK_OFF_MS.longest), signal);
    deaths++; // until a call succeeds
    return await startChild(limits, signal);
  }

  /** Loads a program into the child that runs now, once. */
  function ensureLoaded(process: ChildProcess, program: Hash, signal: AbortSignal): Promise<unknown> {
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
      done = parts.reduce<Promise<unknown>>(
        (before, part) => before.then(() => process.call("load", part, signal)),
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
    const process = await child(signal);
    if ("program" in request) await ensureLoaded(process, request.program, signal);
    const result = await process.call(method, request, signal, listener);
    deaths = 0;
    return result as ResultOf<M>; // the child answers with the same method's result: see `serve_executor.ts`
  }

  return {
    engine: async ({ signal }) => (await child(signal)).engine,
    async load(request, { signal }) {
      const description = await call("load", request, signal);
      const key = bytesToHex(description.id);
      files.set(key, [...files.get(key) ?? [], request]);
      loaded.set(key, Promise.resolve());
      return description;
    },
    async unload(request, { signal }) {
      await call("unload", request, signal);
      files.delete(bytesToHex(request.program));
      loaded.delete(bytesToHex(request.program));
    },
    run: (request, { signal }, listener) => call("run", request, signal, listener),
    async restore(request, { signal }) {
      await call("restore", request, signal);
    },
    state: (request, { signal }) => call("state", request, signal),
    output: (request, { signal }) => call("output", request, signal),
    steps: (request, { signal }) => call("steps", request, signal),
    trace: (request, { signal }) => call("trace", request, signal),
    nodeInputs: (request, { signal }) => call("nodeInputs", request, signal),
    executeNode: (request, { signal }) => call("executeNode", request, signal),
    async close() {
      closed = true;
      const process = await current?.catch(() => undefined); // a start that failed left nothing to close
      await process?.close();
    },
  };
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = () => {
      clearTimeout(timer);
      reject(interruption(signal));
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", onAbort);
      resolve();
    }, ms);
    signal.addEventListener("abort", onAbort, { once: true });
  });
}
