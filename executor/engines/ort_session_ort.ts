/**
 * An engine session over ONNX Runtime, for any execution provider.
 *
 * @module
 */
import type { InferenceSession, Tensor as OrtTensor } from "onnxruntime-web/wasm";
import type { Session, Tensors } from "../engine.ts";
import { ExecutorError } from "../errors.ts";
import type { Graph, TypedGraph } from "../graph.ts";
import { buildModel } from "../onnx/mod.ts";
import type { Tensor } from "../tensor.ts";
import { canonicalizeNan } from "./canonical_nan.ts";
import { fits, showInfo, takeTensor } from "./check_tensors.ts";
import { liftGraph } from "./lifted_graph.ts";
import { loadFailure, runFailure } from "./ort_failure.ts";
import { keepingWorker, oneAtATime, type OrtRuntime } from "./ort_runtime_ort.ts";

/** Severity from which the runtime prints by itself: what goes wrong is in the exception, and standard error stays readable. */
const FATAL = 4;

/**
 * Prepares a graph on one execution provider. Nothing is optimised and nothing repacked, so that bits depend on the operators
 * alone.
 *
 * @throws {ExecutorError} `unsupported_operator`, `bad_shape`, `engine_failed`.
 */
export async function openOrtSession(
  runtime: OrtRuntime,
  graph: TypedGraph,
  provider: InferenceSession.ExecutionProviderConfig,
): Promise<Session> {
  const { model, constants, passedThrough } = liftGraph(graph);
  // A graph whose outputs are all inputs or constants has nothing to compute.
  const inner = model.outputs.length === 0 ? undefined : await createInner(runtime, model, provider);

  async function compute(inputs: Tensors): Promise<Record<string, Tensor>> {
    if (inner === undefined) return {};
    const values = { ...inputs, ...constants };
    const feeds = Object.fromEntries(
      model.inputs.map(({ name }) => [name, toOrt(runtime, takeTensor(values, name, typeOf(graph, name)))]),
    );
    const results = await oneAtATime(() => inner.run(feeds, { logSeverityLevel: FATAL })).catch((thrown) => {
      throw runFailure(thrown, graph);
    });
    return Object.fromEntries(
      model.outputs.map(({ name }) => [name, fromOrt(graph, name, results[name])]),
    );
  }

  return {
    async run(inputs) {
      const outputs = await compute(inputs);
      for (const name of passedThrough) {
        outputs[name] = constants[name] ?? takeTensor(inputs, name, typeOf(graph, name));
      }
      return outputs;
    },
    close: async () => await oneAtATime(async () => await inner?.release()),
  };
}

async function createInner(
  runtime: OrtRuntime,
  model: Graph,
  provider: InferenceSession.ExecutionProviderConfig,
): Promise<InferenceSession> {
  const options: InferenceSession.SessionOptions = {
    executionProviders: [provider],
    graphOptimizationLevel: "disabled",
    logSeverityLevel: FATAL,
    extra: { session: { disable_prepacking: "1" } },
  };
  try {
    return await oneAtATime(() =>
      keepingWorker(() => runtime.InferenceSession.create(buildModel(model), options))
    );
  } catch (thrown) {
    throw thrown instanceof ExecutorError ? thrown : loadFailure(thrown, model);
  }
}

function typeOf(graph: TypedGraph, name: string) {
  const info = graph.types.get(name);
  if (info === undefined) {
    throw new ExecutorError("bad_shape", `The value "${name}" has no inferred type.`, { value: name });
  }
  return info;
}

function toOrt(runtime: OrtRuntime, tensor: Tensor): OrtTensor {
  const { dtype, data } = tensor;
  if (dtype === "bfloat16") {
    throw new ExecutorError(
      "bad_tensor",
      "ONNX Runtime takes no bfloat16 tensors: cast the model to float32 or float16.",
    );
  }
  return new runtime.Tensor(dtype, data, tensor.shape);
}

/** The runtime's result as a tensor. Its data is the runtime's copy out of WebAssembly memory, so it is ours to keep. */
function fromOrt(graph: TypedGraph, name: string, value: OrtTensor | undefined): Tensor {
  const info = typeOf(graph, name);
  const tensor = value === undefined ? undefined : plainTensor(value);
  if (tensor === undefined || !fits(tensor, info)) {
    throw new ExecutorError(
      "engine_failed",
      `ONNX Runtime gave ${
        tensor === undefined ? "no numbers" : showInfo(tensor)
      } for "${name}", which should be ` +
        `${showInfo(info)}: the graph's shapes depend on its data.`,
      { value: name },
    );
  }
  canonicalizeNan(tensor);
  return tensor;
}

function plainTensor(value: OrtTensor): Tensor | undefined {
  const { type, dims: shape, data } = value;
  switch (type) {
    case "float16": // a Float16Array where the host has one: hold its 16 bits
      return ArrayBuffer.isView(data)
        ? { dtype: type, shape, data: new Uint16Array(data.buffer, data.byteOffset, data.byteLength / 2) }
        : undefined;
    case "string":
    case "uint4":
    case "int4":
      return undefined;
    default:
      return data instanceof Array || data instanceof Uint8ClampedArray
        ? undefined
        : { dtype: type, shape, data };
  }
}
