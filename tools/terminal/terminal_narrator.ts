/**
 * A narrator on standard output.
 *
 * @module
 */
import { makeNarrator, type Narrator } from "./narrator.ts";

/** Tells on standard output; what moves, moves only where that is a terminal. */
export function terminalNarrator(): Narrator {
  const encoder = new TextEncoder();
  const write = (text: string) => {
    const bytes = encoder.encode(text);
    for (let at = 0; at < bytes.length;) at += Deno.stdout.writeSync(bytes.subarray(at));
  };
  return makeNarrator({ write, interactive: Deno.stdout.isTerminal() }, () => performance.now());
}
