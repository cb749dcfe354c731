/**
 * Runs tests in a process of their own, which may crash or hang without ending the run.
 *
 * @module
 */
import { TextLineStream } from "@std/streams/text_line_stream.js";
import { deadline } from "@std/async/deadline.js";
import { ToolError } from "../errors.ts";
import type { Outcome } from "./outcome.ts";

/** A line that the child writes. */
export type ChildAnswer =
  | { readonly kind: "ready" }
  | { readonly kind: "unavailable"; readonly reason: string }
  | { readonly kind: "outcome"; readonly outcome: Outcome };

/** How the child is started, and how long it may take. */
export interface ChildOptions {
  /** Program and arguments: what they start speaks as `child_main.ts` does. */
  readonly command: string;
  readonly args: readonly string[];
  /** Milliseconds for one test. */
  readonly testMs: number;
}

/** Runs tests by the path of their folder. */
export interface ChildRunner {
  /**
   * The outcome of a test: `failed` if the child dies of it or is not done in time.
   *
   * @throws {ToolError} `failed` if no child can be started, or its engine is not to be had.
   */
  run(path: string): Promise<Outcome>;
  /** Ends the child. */
  close(): Promise<void>;
}

/** Milliseconds from spawning to `ready`: compiling kernels on a busy machine takes seconds. */
const START_MS = 60_000;

/** Characters of the child's last words that go into a reason. */
const LAST_WORDS = 400;

interface Child {
  ask(path: string, ms: number): Promise<ChildAnswer | undefined>;
  /** Kills it and gives its last words. */
  end(): Promise<string>;
}

/** Makes a runner. A child is started with the first test, and again after one was lost. */
export function createChildRunner(options: ChildOptions): ChildRunner {
  let child: Child | undefined;

  /** Gives the child up. */
  async function giveUp(): Promise<string> {
    const words = await child?.end();
    child = undefined;
    return words ?? "";
  }

  return {
    async run(path) {
      child ??= await startChild(options);
      let answer: ChildAnswer | undefined;
      try {
        answer = await child.ask(path, options.testMs);
      } catch (thrown) {
        if (!(thrown instanceof DOMException && thrown.name === "TimeoutError")) throw thrown;
        await giveUp();
        return lost(`It was not done after ${options.testMs / 1000} s.`);
      }
      if (answer?.kind === "outcome") return answer.outcome;
      const words = await giveUp();
      return lost(`The process that ran it died${words === "" ? "." : `: ${words}`}`);
    },
    async close() {
      await giveUp();
    },
  };
}

function lost(reason: string): Outcome {
  return { kind: "failed", operators: [], operator: "(process)", reason };
}

async function startChild({ command, args }: ChildOptions): Promise<Child> {
  const process = new Deno.Command(command, {
    args: [...args],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const input = process.stdin.getWriter();
  const text: ReadableStream<string> = process.stdout.pipeThrough(new TextDecoderStream())
    .pipeThrough(new TextLineStream());
  const lines = text.getReader();
  // Read as it comes: a child that waits for its errors to be read would hang.
  const words = new Response(process.stderr).text();

  async function receive(ms: number): Promise<ChildAnswer | undefined> {
    const { value } = await deadline<ReadableStreamReadResult<string>>(lines.read(), ms);
    return value === undefined ? undefined : JSON.parse(value);
  }

  async function end(): Promise<string> {
    try {
      process.kill("SIGKILL");
    } catch (thrown) {
      if (!(thrown instanceof TypeError)) throw thrown; // it has ended by itself
    }
    await process.status;
    await input.abort().catch(() => undefined); // a dead process's input is closed already
    await lines.cancel();
    return (await words).trim().slice(-LAST_WORDS);
  }

  const first = await receive(START_MS).catch(async (thrown) => {
    await end();
    throw new ToolError("failed", `The process that runs tests did not get ready.`, {}, thrown);
  });
  if (first?.kind !== "ready") {
    const said = await end();
    throw new ToolError(
      "failed",
      first?.kind === "unavailable" ? first.reason : `The tests cannot be run: ${said}`,
    );
  }
  return {
    async ask(path, ms) {
      try {
        await input.write(new TextEncoder().encode(`${path}\n`));
      } catch {
        return undefined; // it died between two tests: as good as dying of this one
      }
      return await receive(ms);
    },
    end,
  };
}
