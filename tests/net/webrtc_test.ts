/**
 * Runs `webrtc_cases.ts` in a child process and reports each of its promises as a step. The native WebRTC library may be loaded
 * by one thread of a process only, its threads outlive that thread, and every test file is a thread of its own.
 */
import { assert } from "@std/assert/assert.js";
import { assertEquals } from "@std/assert/equals.js";
import { TextLineStream } from "@std/streams/mod.js";
import type { Outcome, Summary } from "./webrtc_cases.ts";

/** The whole program takes 20 s; a child that hangs is killed. */
const CHILD_MS = 180_000;

Deno.test("webrtc: the real network keeps its promises", async (t) => {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-check", "--allow-all", new URL("./webrtc_cases.ts", import.meta.url).href],
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const timer = setTimeout(() => child.kill("SIGKILL"), CHILD_MS);
  let reported = 0;
  let summary: Summary | undefined;
  try {
    const lines: ReadableStream<string> = child.stdout.pipeThrough(new TextDecoderStream()).pipeThrough(
      new TextLineStream(),
    );
    for await (const line of lines) {
      const message: Outcome | Summary = JSON.parse(line);
      if ("ran" in message) {
        summary = message;
        continue;
      }
      reported++;
      await t.step(message.name, () => {
        if (message.error !== null) throw new Error(message.error);
      });
    }
    const { code } = await child.status;
    assertEquals(code, 0, "the child ended by itself");
    assert(summary !== undefined && summary.ran === reported && reported > 25, "every promise was tried");
  } finally {
    clearTimeout(timer);
  }
});
