/**
 * One child process. It ends once: by closing, by dying, or by being killed; then every pending call gets a typed error, and
 * the object is of no more use.
 *
 * @module
 */
import { messageOf } from "../../ledger/primitives/mod.ts";
import { ExecutorError } from "../errors.ts";
import type { EngineIdentity } from "../executor.ts";
import { createMessageWriter, receiveMessages } from "./message_stream.ts";
import { createPendingCalls, errorOf, type PendingCalls } from "./pending_calls_deno.ts";
import type { ChildMessage } from "./protocol.ts";

/** How to start a child, and when to give it up. */
export interface ChildLimits {
  /** Program and arguments, for example this runtime with `main_deno.ts`, or a compiled binary that starts itself again. */
  readonly command: string;
  readonly args: readonly string[];
  /** Milliseconds from spawning to `ready`. */
  readonly startMs: number;
  /** Milliseconds without any sign of life after which a child with pending calls counts as hung: longer than any single step. */
  readonly silenceMs: number;
  /** Milliseconds that a cancelled call may still take before the child counts as hung: longer than any single step, or it is lost. */
  readonly cancelMs: number;
  /** Resident bytes above which the child is killed. */
  readonly memoryBytes: number;
}

/** A started child. */
export interface ChildProcess {
  readonly engine: EngineIdentity;
  /** Whether calls can still be made. */
  readonly alive: () => boolean;
  /** See {@link PendingCalls}. Throws what the child answered, `cancelled`, `timed_out` or `crashed`. */
  readonly call: PendingCalls["call"];
  readonly settled: PendingCalls["settled"];
  /** Asks the child to end, kills it if it does not, and waits for its end. */
  readonly close: () => Promise<void>;
}

/** Characters of the child's last words that go into an error. */
const LAST_WORDS = 600;

/** Milliseconds that a child has to end by itself once its input is closed. */
const CLOSE_MS = 2000;

/**
 * Starts a child and waits until its engine is ready.
 *
 * @throws {ExecutorError} `engine_unavailable` if the command cannot be started or its engine is not to be had, `crashed` if it
 * died or did not get ready in time.
 */
export async function startChild(limits: ChildLimits): Promise<ChildProcess> {
  const process = spawn(limits);
  const writer = createMessageWriter(process.stdin);
  const ready = Promise.withResolvers<EngineIdentity>();
  let lastSign = performance.now(), verdict: string | undefined, ended = false;

  /** Kills the child. The first reason counts: what follows is its consequence. */
  function kill(reason: string): void {
    verdict ??= reason;
    try {
      if (!ended) process.kill("SIGKILL");
    } catch (thrown) {
      if (!(thrown instanceof TypeError)) throw thrown; // it has died in this very moment, which is as good
    }
  }

  const calls = createPendingCalls({
    send: (message) =>
      void writer.send(message).catch((thrown) => kill(`could not be written to: ${messageOf(thrown)}`)),
    onStuck: () => kill(`did not stop within ${limits.cancelMs} ms when it was told to`),
    cancelMs: limits.cancelMs,
  });

  function take(message: ChildMessage): void {
    if (message.kind === "ready") ready.resolve(message.engine);
    else if (message.kind === "unavailable") ready.reject(errorOf(message.failure));
    else calls.take(message);
  }

  async function listen(): Promise<void> {
    try {
      for await (const received of receiveMessages(process.stdout)) {
        lastSign = performance.now();
        if (received.kind === "message") take(received.message as ChildMessage); // the child is our own program
        else if (received.residentBytes > limits.memoryBytes) {
          kill(excess(received.residentBytes, limits.memoryBytes));
        }
      }
    } catch (thrown) {
      kill(`spoke garbage: ${messageOf(thrown)}`);
    }
  }

  const watch = setInterval(() => {
    if (calls.count() === 0) lastSign = performance.now(); // an idle child owes no sign of life
    const silence = performance.now() - lastSign;
    if (silence > limits.silenceMs) kill(`gave no sign of life for ${Math.round(silence)} ms`);
  }, limits.silenceMs / 8);
  const startTimer = setTimeout(() => kill(`was not ready within ${limits.startMs} ms`), limits.startMs);

  const end = Promise.all([process.status, listen(), lastWords(process.stderr)]).then(([status, , words]) => {
    ended = true;
    clearInterval(watch);
    const error = death(verdict, status, words);
    ready.reject(error);
    calls.end(error);
  });

  async function close(): Promise<void> {
    writer.close().catch(() => kill("was closed")); // the pipe is broken: it will not notice by itself
    const timer = setTimeout(() => kill(`did not end within ${CLOSE_MS} ms`), CLOSE_MS);
    await end;
    clearTimeout(timer);
  }

  try {
    const engine = await ready.promise;
    return {
      engine,
      alive: () => !ended && verdict === undefined,
      call: calls.call,
      settled: calls.settled,
      close,
    };
  } catch (thrown) {
    await close();
    throw thrown;
  } finally {
    clearTimeout(startTimer);
  }
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

/** The end of what a stream says. */
async function lastWords(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<string> {
  let words = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    words = (words + text).slice(-LAST_WORDS);
  }
  return words.trim();
}

function death(verdict: string | undefined, status: Deno.CommandStatus, words: string): ExecutorError {
  const end = status.signal === null ? `exit code ${status.code}` : status.signal;
  const how = verdict === undefined ? `ended with ${end}` : `${verdict} (it ended with ${end})`;
  const said = words === "" ? "" : ` It said: ${words}`;
  return new ExecutorError(
    "crashed",
    `The executor's process ${how}. Nothing of the caller is lost: call again.${said}`,
    { exitCode: status.code, signal: status.signal ?? undefined },
  );
}

function excess(used: number, allowed: number): string {
  const mebibytes = (bytes: number) => Math.ceil(bytes / 2 ** 20);
  return `used ${mebibytes(used)} MiB of memory, more than its ${mebibytes(allowed)} MiB`;
}
