/**
 * The inner loop of products on operands that stay in the nearest cache, in workers that share nothing. Argument: THREADS.
 *
 * @module
 */
import { compileKernels } from "../../../executor/repops/wasm/mod.ts";
import { serveContender } from "../serve_contender.ts";
import type { Loop } from "./cores_worker.ts";

/** Long enough to make light of starting it. */
const SAMPLE_MS = 150;

async function open([threads = "1"]: readonly string[]) {
  const module = await compileKernels();
  const workers = Array.from(
    { length: Number(threads) },
    () => new Worker(new URL("./cores_worker.ts", import.meta.url), { type: "module" }),
  );
  const next = (worker: Worker) =>
    new Promise<number>((resolve) =>
      worker.addEventListener("message", ({ data }: MessageEvent<number>) => resolve(data), { once: true })
    );
  return {
    sample: async () => {
      const figures = workers.map(next);
      const loop: Loop = { module, milliseconds: SAMPLE_MS };
      for (const worker of workers) worker.postMessage(loop);
      return (await Promise.all(figures)).reduce((sum, figure) => sum + figure, 0);
    },
    close: () => {
      for (const worker of workers) worker.terminate();
      return Promise.resolve();
    },
  };
}

if (import.meta.main) await serveContender(open);
