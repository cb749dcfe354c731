/**
 * The engine `ort-strict`: ONNX Runtime's WebAssembly build on one thread, optimisation off, weights as inputs. WebAssembly
 * arithmetic is the same everywhere, so its bits are too: a node computed alone has the bits it has within its graph, and
 * making more values outputs changes none of them.
 *
 * @module
 */
import * as runtime from "onnxruntime-web/wasm";
import type { Engine } from "../engine.ts";
import type { Hash } from "../../ledger/primitives/mod.ts";
import { type OrtBuild, prepareBuild } from "./ort_runtime_ort.ts";
import { openOrtSession } from "./ort_session_ort.ts";

/** Name of the engine in programs and offers. */
export const ORT_STRICT = "ort-strict";

/** SHA-256 of `ort-wasm-simd-threaded.wasm` in onnxruntime-web 1.30.0. Another file is another engine. */
const WASM_SHA256 = "3398c10d07d229bd91b364548e130e0e51a8e5704b88c7c083ebbeb78842dee2";

/** The runtime is one per process: it is started once, by whoever comes first. */
let started: Promise<Hash> | undefined;

/**
 * Starts the engine. The first start compiles 14 MB of WebAssembly (under a second); later ones share it.
 *
 * @param options `wasm`: the WebAssembly file's bytes, where it does not lie beside the module.
 * @throws {ExecutorError} `engine_unavailable`.
 */
export async function createOrtStrict(options: { readonly wasm?: Uint8Array } = {}): Promise<Engine> {
  started ??= prepareBuild(build(), options.wasm);
  const kernelHash = await started.catch((error) => {
    started = undefined; // a later caller may bring the file
    throw error;
  });
  return {
    name: ORT_STRICT,
    kernelHash,
    load: (graph) => openOrtSession(runtime, graph, "wasm"),
    close: () => Promise.resolve(),
  };
}

function build(): OrtBuild {
  return {
    runtime,
    moduleUrl: import.meta.resolve("onnxruntime-web/wasm"),
    wasmFile: "ort-wasm-simd-threaded.wasm",
    wasmSha256: WASM_SHA256,
  };
}
