/**
 * The options of commands that compute.
 *
 * @module
 */
import type { Arguments, OptionSpec } from "../cli/command.ts";
import type { EngineChoice } from "./open_engine.ts";

/** See {@link EngineChoice}. */
export const ENGINE_OPTIONS: Readonly<Record<"engine" | "backend" | "precision" | "threads", OptionSpec>> = {
  engine: { kind: "text", value: "NAME", description: "repops (default), ort-strict, ort" },
  backend: { kind: "text", value: "NAME", description: "of repops: wasm (default), webgpu, auto" },
  precision: { kind: "text", value: "NAME", description: "of repops: high (default), highest" },
  threads: {
    kind: "text",
    value: "N",
    description: "of repops on wasm: threads that share what is large (default 1)",
  },
};

/** What the command line says about the engine. */
export function engineChoice(args: Arguments, otherwise?: string): EngineChoice {
  return {
    engine: args.text("engine") ?? otherwise,
    backend: args.text("backend"),
    precision: args.text("precision"),
    threads: args.text("threads"),
  };
}
