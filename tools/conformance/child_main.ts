/**
 * The process that runs tests, one after another: reads the path of a test's folder from each line of standard input, and
 * answers each with a line of JSON, its {@link Outcome}. The first line it writes says that the engine is ready, or why not.
 *
 * @module
 */
import { TextLineStream } from "@std/streams/text_line_stream.js";
import { messageOf } from "../../ledger/primitives/mod.ts";
import { openEngine } from "../local/open_engine.ts";
import type { ChildAnswer } from "./child_runner.ts";
import { readTest } from "./find_tests.ts";
import { runTest } from "./run_test.ts";

const output = new TextEncoder();

function answer(message: ChildAnswer): void {
  Deno.stdout.writeSync(output.encode(`${JSON.stringify(message)}\n`));
}

async function main([engineName = "", backend = ""]: readonly string[]): Promise<void> {
  let engine;
  try {
    engine = await openEngine({ engine: engineName, backend });
  } catch (thrown) {
    answer({ kind: "unavailable", reason: messageOf(thrown) });
    return;
  }
  answer({ kind: "ready" });
  const lines: ReadableStream<string> = Deno.stdin.readable.pipeThrough(new TextDecoderStream())
    .pipeThrough(new TextLineStream());
  for await (const path of lines) {
    answer({ kind: "outcome", outcome: await runTest(engine, await readTest(path)) });
  }
  await engine.close();
}

if (import.meta.main) await main(Deno.args);
