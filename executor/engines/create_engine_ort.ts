/**
 * Engines by name: the one place that knows them all. A leaf, since engines need packages and hardware.
 *
 * @module
 */
import type { Engine } from "../engine.ts";
import { ExecutorError } from "../errors.ts";
import { createRepopsEngine, type RepopsOptions } from "../repops/mod.ts";
import { hasThreads, startMember } from "../repops/wasm/threads/crew_worker.ts";
import { findGpu } from "../repops/webgpu/find_gpu_webgpu.ts";
import { createOrtStrict, ORT_STRICT } from "./ort_strict_ort.ts";

/** Names that {@link createEngine} knows. */
export const ENGINE_NAMES = [ORT_STRICT, "ort", "repops", "repops-highest"] as const;

/**
 * Starts an engine.
 *
 * @param name One of {@link ENGINE_NAMES}.
 * @param options `backend`: what `repops` runs on, `wasm` by default, and `wasm` lets `ort` do without a GPU; `threads`: how many
 * `repops` computes on there, 1 by default. Its bits depend on neither.
 * @throws {ExecutorError} `engine_unavailable` for another name, or if this machine cannot run it.
 */
export async function createEngine(
  name: string,
  options: Pick<RepopsOptions, "backend" | "threads"> = {},
): Promise<Engine> {
  switch (name) {
    case ORT_STRICT:
      return await createOrtStrict();
    case "ort": {
      // Loaded only when asked for: its module is large, and most machines never need it.
      const { createOrtWebgpu } = await import("./ort_webgpu_ort.ts");
      return await createOrtWebgpu(options.backend === "wasm" ? { backend: "wasm" } : {});
    }
    case "repops":
      return await createRepopsEngine({ ...options, ...host() });
    case "repops-highest":
      return await createRepopsEngine({ ...options, ...host(), precision: "highest" });
    default:
      throw new ExecutorError(
        "engine_unavailable",
        `There is no engine "${name}": this version has ${ENGINE_NAMES.join(", ")}.`,
      );
  }
}

/** What the host offers `repops` beside WebAssembly. */
function host(): Pick<RepopsOptions, "gpu" | "startMember"> {
  return { gpu: findGpu(), startMember: hasThreads() ? startMember : undefined };
}
