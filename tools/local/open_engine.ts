/**
 * The engine that a command line asks for.
 *
 * @module
 */
import { createEngine, ENGINE_NAMES } from "../../executor/engines/create_engine_ort.ts";
import type { Engine } from "../../executor/mod.ts";
import { threadsOf } from "../cli/threads_option.ts";
import { ToolError } from "../errors.ts";

/** What a command line says about the engine; nothing of it has to be said. */
export interface EngineChoice {
  /** A name that `createEngine` knows. Default `repops`. */
  readonly engine?: string | undefined;
  /** Precision of repops: `high` (default) or `highest`. */
  readonly precision?: string | undefined;
  /**
   * Where it computes: `wasm` (default for repops), `webgpu`, or `auto`, which is WebGPU where this machine's adapter gives the
   * same bits. The bits do not depend on it.
   */
  readonly backend?: string | undefined;
  /** Threads that share what is large in repops on WebAssembly: a number, 1 by default. The bits do not depend on it. */
  readonly threads?: string | undefined;
}

/** Engines with one precision or one backend only; those of repops are chosen. */
const REPOPS = ["repops", "repops-highest"];

/** Where each engine computes. */
const BACKENDS: Readonly<Record<string, readonly string[]>> = {
  "ort-strict": ["wasm"],
  ort: ["webgpu"],
  repops: ["wasm", "webgpu"],
  "repops-highest": ["wasm", "webgpu"],
};

function oneOf(option: string, value: string, known: readonly string[]): string {
  if (known.includes(value)) return value;
  throw new ToolError("usage", `--${option} is one of ${known.join(", ")}: got "${value}".`);
}

/**
 * The name of the engine that is meant.
 *
 * @throws {ToolError} `usage` for a name, precision or backend that there is not, or that do not go together.
 */
export function engineNameOf(choice: EngineChoice): string {
  const name = oneOf("engine", choice.engine || "repops", ENGINE_NAMES);
  const { precision = "", backend: asked = "" } = choice;
  if (asked !== "" && oneOf("backend", asked, ["auto", "wasm", "webgpu"]) !== "auto") {
    const has = BACKENDS[name] ?? [];
    if (!has.includes(asked)) {
      throw new ToolError("usage", `The engine ${name} computes on ${has.join(" and ")}, not on ${asked}.`);
    }
  }
  if (precision === "") return name;
  if (!REPOPS.includes(name)) {
    throw new ToolError("usage", `--precision is for the engine repops: ${name} has one precision.`);
  }
  return oneOf("precision", precision, ["high", "highest"]) === "highest" ? "repops-highest" : name;
}

/**
 * Starts the engine that is meant. Close it when done.
 *
 * @throws {ToolError} as {@link engineNameOf} does.
 * @throws {ExecutorError} `engine_unavailable` if this machine cannot run it.
 */
export async function openEngine(choice: EngineChoice): Promise<Engine> {
  const name = engineNameOf(choice), { backend } = choice, threads = threadsOf(choice.threads ?? "1");
  if (threads > 1 && !REPOPS.includes(name)) {
    throw new ToolError("usage", `--threads is for the engine repops: ${name} computes on one.`);
  }
  const chosen = backend === "webgpu" || backend === "auto" ? { backend } as const : {};
  return await createEngine(name, { threads, ...chosen });
}

/** The engine's name and, if it says so, what it computes on. */
export function describeEngine(engine: Engine): string {
  return "computesOn" in engine ? `${engine.name}, ${engine.computesOn}` : engine.name;
}
