/** Runs graphs on ONNX Runtime's WebAssembly build, one thread, as an oracle for tests. */
import * as ort from "onnxruntime-web/wasm";
import type { Tensors } from "../../executor/engine.ts";
import type { TypedGraph } from "../../executor/graph.ts";
import { buildModel } from "../../executor/onnx/mod.ts";
import { type Tensor, tensorBytes, tensorFromBytes } from "../../executor/tensor.ts";

ort.env.wasm.numThreads = 1;
ort.env.logLevel = "fatal";

/** A graph that can be run several times. */
export interface OracleSession {
  run(inputs: Tensors): Promise<Tensors>;
  release(): Promise<void>;
}

/** Loads a graph. ONNX Runtime replaces `globalThis.Worker`: it is put back. */
export async function openOracle(graph: TypedGraph): Promise<OracleSession> {
  const worker = Object.getOwnPropertyDescriptor(globalThis, "Worker");
  const session = await ort.InferenceSession.create(buildModel(graph), {
    executionProviders: ["wasm"],
    graphOptimizationLevel: "disabled",
  });
  if (worker !== undefined) Object.defineProperty(globalThis, "Worker", worker);
  return {
    async run(inputs) {
      const feeds = Object.fromEntries(graph.inputs.map(({ name }) => [name, toOrt(inputs[name])]));
      const results = await session.run(feeds);
      return Object.fromEntries(Object.entries(results).map(([name, result]) => [name, fromOrt(result)]));
    },
    release: () => session.release(),
  };
}

/** Runs a graph once. */
export async function runGraph(graph: TypedGraph, inputs: Tensors): Promise<Tensors> {
  const session = await openOracle(graph);
  try {
    return await session.run(inputs);
  } finally {
    await session.release();
  }
}

function toOrt(tensor: Tensor | undefined): ort.Tensor {
  if (tensor === undefined) throw new Error("an input is missing");
  return new ort.Tensor(tensor.dtype as "float32", tensor.data as Float32Array, tensor.shape);
}

function fromOrt(result: ort.Tensor): Tensor {
  const data = result.data as Float32Array;
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return tensorFromBytes({ dtype: result.type as Tensor["dtype"], shape: [...result.dims] }, bytes);
}

/** Bytes of a tensor, for comparison. */
export function bytesOf(tensor: Tensor | undefined): Uint8Array {
  if (tensor === undefined) throw new Error("a tensor is missing");
  return tensorBytes(tensor);
}
