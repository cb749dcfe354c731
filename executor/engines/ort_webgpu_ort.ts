/**
 * The engine `ort`: ONNX Runtime on WebGPU. Its bits depend on the device, so it serves inference only, and a dispute compares
 * within a bound instead of bit for bit. Operators without a GPU kernel fall back to the runtime's WebAssembly ones.
 *
 * @module
 */
import * as runtime from "onnxruntime-web/webgpu";
import { type Hash, messageOf } from "../../ledger/primitives/mod.ts";
import type { Engine, Session } from "../engine.ts";
import { ExecutorError } from "../errors.ts";
import type { TypedGraph } from "../graph.ts";
import { type OrtBuild, prepareBuild } from "./ort_runtime_ort.ts";
import { openOrtSession } from "./ort_session_ort.ts";

/** Name of the engine in programs and offers. */
export const ORT_TOLERANT = "ort";

/** SHA-256 of `ort-wasm-simd-threaded.asyncify.wasm` in onnxruntime-web 1.30.0. */
const WASM_SHA256 = "39f9f0894d478800487ed9f7dbe92618498db320cf55c8e3d89adff8dce658da";

let started: Promise<Hash> | undefined;

/** How the engine is started. */
export interface OrtWebgpuOptions {
  /** The WebAssembly file's bytes, where it does not lie beside the module. */
  readonly wasm?: Uint8Array;
  /**
   * `webgpu` (the default), on this machine's preferred GPU; or `wasm`, the same build on the processor: what arbiters recompute with, and who
   * has no GPU runs.
   */
  readonly backend?: "webgpu" | "wasm";
}

/**
 * Starts the engine.
 *
 * @throws {ExecutorError} `engine_unavailable` for backend `webgpu` without WebGPU or without an adapter.
 */
export async function createOrtWebgpu(options: OrtWebgpuOptions = {}): Promise<Engine> {
  const gpu = options.backend === "wasm" ? undefined : await openGpu();
  started ??= prepareBuild(build(), options.wasm);
  const kernelHash = await started.catch((error) => {
    started = undefined;
    gpu?.close();
    throw error;
  });
  // The runtime keeps one command queue for all sessions: one thing at a time.
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = last.then(work);
    last = mine.catch(() => undefined);
    return mine;
  };
  const loadOn = async (graph: TypedGraph, device: Gpu | undefined): Promise<Session> => {
    const session = await inTurn(() =>
      openOrtSession(runtime, graph, device ? { name: "webgpu", device: device.device } : { name: "wasm" })
    );
    return {
      run: (inputs) =>
        inTurn(async () => {
          const outputs = await session.run(inputs);
          await device?.throwIfBroken();
          return outputs;
        }),
      close: () => inTurn(() => session.close()),
    };
  };
  return {
    name: ORT_TOLERANT,
    kernelHash,
    load: (graph) => loadOn(graph, gpu),
    recompute: { load: (graph) => loadOn(graph, undefined) },
    close: () => inTurn(() => Promise.resolve(gpu?.close())),
  };
}

interface Gpu {
  readonly device: GPUDevice;
  /** Throws what the device complained of since it was opened: WebGPU reports errors aside and goes on with wrong data. */
  throwIfBroken(): Promise<void>;
  close(): void;
}

async function openGpu(): Promise<Gpu> {
  const adapter = await globalThis.navigator?.gpu?.requestAdapter({ powerPreference: "high-performance" }) ??
    null;
  if (adapter === null) {
    throw new ExecutorError(
      "engine_unavailable",
      "This machine offers no WebGPU adapter: use an engine that runs on WebAssembly.",
    );
  }
  const { maxBufferSize, maxStorageBufferBindingSize, maxStorageBuffersPerShaderStage } = adapter.limits;
  const device = await adapter.requestDevice({
    // The defaults (128 MiB a binding, 8 storage buffers) are below what weights need; the adapter says what it can.
    requiredLimits: { maxBufferSize, maxStorageBufferBindingSize, maxStorageBuffersPerShaderStage },
    requiredFeatures: adapter.features.has("shader-f16") ? ["shader-f16"] : [],
  }).catch((cause) => {
    throw new ExecutorError(
      "engine_unavailable",
      `The WebGPU adapter gives no device: ${messageOf(cause)}`,
      {},
      cause,
    );
  });
  let complaint: string | undefined;
  device.addEventListener("uncapturederror", (event) => {
    complaint ??= event instanceof GPUUncapturedErrorEvent ? event.error.message : "unknown error";
  });
  // Deno crashes if the adapter is collected before the device: the closure below keeps it.
  const held: { adapter: GPUAdapter | undefined } = { adapter };
  return {
    device,
    async throwIfBroken() {
      await device.queue.onSubmittedWorkDone();
      if (complaint !== undefined || held.adapter === undefined) {
        throw new ExecutorError("engine_failed", `The GPU reported: ${complaint ?? "closed"}`, {
          fatal: true,
        });
      }
    },
    close() {
      device.destroy();
      held.adapter = undefined;
    },
  };
}

function build(): OrtBuild {
  return {
    runtime,
    moduleUrl: import.meta.resolve("onnxruntime-web/webgpu"),
    wasmFile: "ort-wasm-simd-threaded.asyncify.wasm",
    wasmSha256: WASM_SHA256,
  };
}
