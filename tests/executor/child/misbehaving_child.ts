/**
 * A child whose engine misbehaves in training steps, as its argument says, and is honest in everything else:
 * `die` is killed in the middle, `hang` never returns, `hog` takes ever more memory, `heap` exhausts its heap, `chatter` prints.
 */
import { createOrtStrict } from "../../../executor/engines/ort_strict_ort.ts";
import { serveExecutor } from "../../../executor/child/mod.ts";
import type { Engine, Session } from "../../../executor/engine.ts";
import { createLocalExecutor } from "../../../executor/local_executor.ts";

const hoard: unknown[] = [];

const MISDEEDS: Readonly<Record<string, () => void>> = {
  die: () => Deno.kill(Deno.pid, "SIGKILL"),
  hang: () => {
    for (;;);
  },
  hog: () => {
    for (let i = 0; i < 8; i++) hoard.push(new Uint8Array(8 << 20).fill(1));
    const until = performance.now() + 300; // a heartbeat is due between two steps
    while (performance.now() < until);
  },
  heap: () => {
    for (;;) hoard.push({ more: hoard.length });
  },
};

async function misbehavingEngine(misdeed: () => void): Promise<Engine> {
  const honest = await createOrtStrict();
  let steps = 0;
  return {
    ...honest,
    async load(graph): Promise<Session> {
      const session = await honest.load(graph);
      if (graph.name !== "regress") return session;
      return {
        ...session,
        run(inputs) {
          if (++steps > 2) misdeed();
          return session.run(inputs);
        },
      };
    },
  };
}

await serveExecutor({
  readable: Deno.stdin.readable,
  writable: Deno.stdout.writable,
  start: async () => createLocalExecutor(await misbehavingEngine(MISDEEDS[Deno.args[0] ?? ""] ?? (() => {}))),
  everyHeartbeat: (beat) => {
    const timer = setInterval(() => beat(Deno.memoryUsage().rss), 100);
    return () => clearInterval(timer);
  },
});
