/**
 * Engines by name: the one place that knows them all. A leaf, since engines need packages and hardware.
 *
 * @module
 */
import type { Engine } from "../engine.ts";
import { ExecutorError } from "../errors.ts";
import { createRepopsEngine } from "../repops/mod.ts";
import { createOrtStrict, ORT_STRICT } from "./ort_strict_ort.ts";

/** Names that {@link createEngine} knows. */
export const ENGINE_NAMES = [ORT_STRICT, "ort", "repops", "repops-highest"] as const;

/**
 * Starts an engine.
 *
 * @param name One of {@link ENGINE_NAMES}.
 * @throws {ExecutorError} `engine_unavailable` for another name, or if this machine cannot run it.
 */
export async function createEngine(name: string): Promise<Engine> {
  switch (name) {
    case ORT_STRICT:
      return await createOrtStrict();
    case "ort": {
      // Loaded only when asked for: its module is large, and most machines never need it.
      const { createOrtWebgpu } = await import("./ort_webgpu_ort.ts");
      return await createOrtWebgpu();
    }
    case "repops":
      return await createRepopsEngine();
    case "repops-highest":
      return await createRepopsEngine({ precision: "highest" });
    default:
      throw new ExecutorError(
        "engine_unavailable",
        `There is no engine "${name}": this version has ${ENGINE_NAMES.join(", ")}.`,
      );
  }
}
