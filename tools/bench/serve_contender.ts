/**
 * The inside of an entrant that is a process of its own: reads one word a line, answers with one JSON object a line.
 *
 * It says `{"ready":true}` when it is, answers each `sample` with `{"figure":...}`, and ends with its input. Whatever goes wrong is
 * `{"reason":...}`. Answers begin with {@link MARK}, since libraries print what they like.
 *
 * @module
 */
import { TextLineStream } from "@std/streams/text_line_stream.js";
import { messageOf } from "../../ledger/primitives/mod.ts";
import type { Contender } from "./bench.ts";

/** Begins every line that is meant for the parent. */
export const MARK = "@bench ";

/** The request for one figure. */
export const SAMPLE = "sample";

/** An answer. */
export type Answer =
  | { readonly ready: true }
  | { readonly figure: number }
  | { readonly reason: string };

function say(answer: Answer): void {
  console.log(MARK + JSON.stringify(answer));
}

/** Serves an entrant made from the command line's arguments until standard input ends. Never returns. */
export async function serveContender(
  open: (args: readonly string[]) => Promise<Contender>,
): Promise<never> {
  try {
    const contender = await open(Deno.args);
    say({ ready: true });
    const lines: ReadableStream<string> = Deno.stdin.readable.pipeThrough(new TextDecoderStream())
      .pipeThrough(new TextLineStream());
    for await (const line of lines) if (line === SAMPLE) say({ figure: await contender.sample() });
    await contender.close();
    Deno.exit(0); // native add-ons keep a process alive
  } catch (thrown) {
    say({ reason: messageOf(thrown) });
    Deno.exit(1);
  }
}
