/**
 * Several seeds at a time, each in a worker: a seed is a whole world, and knows of no other.
 *
 * @module
 */
import { ToolError } from "../errors.ts";
import type { SeedOrder, SeedOutcome } from "./seed_worker.ts";
import type { TimedResult } from "./report.ts";

/** Workers that run seeds. */
export interface SeedPool {
  /** Runs a seed in the next free worker. Rejects if the scenario itself broke, not if a promise was not kept. */
  run(order: SeedOrder): Promise<TimedResult>;
  close(): void;
}

/** Starts workers; each lives until the pool is closed. */
export function makeSeedPool(size: number): SeedPool {
  const workers = Array.from(
    { length: size },
    () => new Worker(new URL("./seed_worker.ts", import.meta.url), { type: "module" }),
  );
  const free = [...workers];
  const waiting: ((worker: Worker) => void)[] = [];
  const release = (worker: Worker) => {
    const next = waiting.shift();
    if (next === undefined) free.push(worker);
    else next(worker);
  };
  const take = (): Promise<Worker> => {
    const worker = free.shift();
    return worker === undefined
      ? new Promise((resolve) => void waiting.push(resolve))
      : Promise.resolve(worker);
  };
  return {
    async run(order) {
      const worker = await take();
      const { promise, resolve } = Promise.withResolvers<SeedOutcome>();
      worker.onmessage = ({ data }: MessageEvent<SeedOutcome>) => resolve(data);
      worker.onerror = (event) => {
        event.preventDefault();
        resolve({ kind: "broken", message: event.message });
      };
      worker.postMessage(order);
      const outcome = await promise;
      release(worker);
      if (outcome.kind === "done") return outcome;
      throw new ToolError("failed", `Seed ${order.seed} could not be played: ${outcome.message}`);
    },
    close() {
      for (const worker of workers) worker.terminate();
    },
  };
}
