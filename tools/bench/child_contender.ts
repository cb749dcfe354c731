/**
 * An entrant in a process of its own: what crashes, hangs or is not installed there is a reason in the report and nothing else.
 *
 * @module
 */
import { fromFileUrl } from "@std/path/mod.js";
import { TextLineStream } from "@std/streams/text_line_stream.js";
import { ToolError } from "../errors.ts";
import type { OpenContender } from "./bench.ts";
import { type Answer, MARK, SAMPLE } from "./serve_contender.ts";

/** A program that calls `serveContender`. */
export interface ChildProgram {
  readonly module: URL;
  readonly args: readonly string[];
  /** Permission flags, such as `--allow-read`. */
  readonly permissions: readonly string[];
}

/** Starts the program when it is opened. */
export function childContender({ module, args, permissions }: ChildProgram): OpenContender {
  return async (signal) => {
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--no-prompt", ...permissions, fromFileUrl(module), ...args],
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
      env: { NO_COLOR: "1" },
    }).spawn();
    const errors = lastLine(child.stderr);
    const answers = answersOf(child.stdout);
    const input = child.stdin.getWriter();
    const kill = () => {
      try {
        child.kill("SIGKILL");
      } catch (thrown) {
        if (!(thrown instanceof TypeError)) throw thrown; // a TypeError: it has ended already
      }
    };
    const close = async () => {
      kill();
      // What was on its way to a process that is gone is of no use to anybody.
      await input.abort().catch(() => undefined);
      await answers.return?.().catch(() => undefined);
      await Promise.all([child.status, errors]);
    };
    const next = async (): Promise<Exclude<Answer, { reason: string }>> => {
      const { value, done } = await answers.next();
      if (done === true || value === undefined) {
        const { code, signal } = await child.status;
        throw new ToolError("failed", `its process ended (${signal ?? code}): ${await errors}`);
      }
      if ("reason" in value) throw new ToolError("failed", value.reason);
      return value;
    };
    signal.addEventListener("abort", kill, { once: true });
    try {
      await next();
    } catch (thrown) {
      await close();
      signal.throwIfAborted();
      throw thrown;
    } finally {
      signal.removeEventListener("abort", kill);
    }
    return {
      async sample() {
        await input.write(new TextEncoder().encode(`${SAMPLE}\n`));
        const answer = await next();
        if ("figure" in answer) return answer.figure;
        throw new ToolError("failed", "its process started a second time");
      },
      close,
    };
  };
}

async function* answersOf(
  output: ReadableStream<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<Answer, void, void> {
  const lines: ReadableStream<string> = output.pipeThrough(new TextDecoderStream())
    .pipeThrough(new TextLineStream());
  for await (const line of lines) if (line.startsWith(MARK)) yield JSON.parse(line.slice(MARK.length));
}

/** The last line that says something, read to the end so that the process never waits. */
async function lastLine(output: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<string> {
  const lines: ReadableStream<string> = output.pipeThrough(new TextDecoderStream())
    .pipeThrough(new TextLineStream());
  let last = "it said nothing";
  for await (const line of lines) if (line.trim() !== "") last = line.trim();
  return last;
}
