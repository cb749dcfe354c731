/**
 * The repops engine.
 *
 * @module
 */
import { type Hash, hash } from "../../ledger/primitives/mod.ts";
import type { Engine } from "../engine.ts";
import { ExecutorError } from "../errors.ts";
import type { TypedGraph } from "../graph.ts";
import type { Precision } from "./numbers/mod.ts";
import { SPEC_VERSION } from "./spec_version.ts";
import { compileKernels, createMachinePool, kernelBytes, openSession, type WasmSession } from "./wasm/mod.ts";

/** How an engine is made. */
export interface RepopsOptions {
  /**
   * `high` (the default, engine name `repops`) rounds the factors of products to 12 significant bits; `highest` (engine name
   * `repops-highest`) keeps all 24. The two are different engines: a program names one.
   */
  readonly precision?: Precision;
}

/** The engine, and how many nodes of a session had no kernel. */
export interface RepopsEngine extends Engine {
  load(graph: TypedGraph): Promise<WasmSession>;
}

/**
 * What defines the engine's bits: the version of the specification, and the kernels.
 *
 * Backends do not enter: they all have the bits of the specification.
 */
export function repopsKernelHash(): Hash {
  return hash("assay/repops/kernels", Uint8Array.of(SPEC_VERSION), kernelBytes());
}

/**
 * Makes the engine, on WebAssembly.
 *
 * @throws {ExecutorError} `engine_unavailable` where WebAssembly has no relaxed SIMD.
 */
export async function createRepopsEngine(options: RepopsOptions = {}): Promise<RepopsEngine> {
  const precision = options.precision ?? "high";
  const pool = createMachinePool(await compileKernels());
  let closed = false;
  return {
    name: precision === "high" ? "repops" : "repops-highest",
    kernelHash: repopsKernelHash(),
    load: (graph) => {
      if (closed) return Promise.reject(new ExecutorError("bad_request", "The repops engine is closed."));
      return attempt(() => {
        const machine = pool.take();
        return openSession(machine, graph, precision, () => pool.give(machine));
      });
    },
    close: () => {
      closed = true;
      return Promise.resolve();
    },
  };
}

/** A promise of what a function returns or throws. */
function attempt<T>(compute: () => T): Promise<T> {
  return new Promise((resolve) => resolve(compute()));
}
