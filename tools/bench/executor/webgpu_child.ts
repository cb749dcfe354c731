/**
 * A workload on this machine's WebGPU adapter, by the clock. Arguments: `repops`|`repops-highest`|`onnxruntime-web` WORKLOAD.
 *
 * On both sides weights and a training's state stay on the GPU; what goes in and comes out goes through the host, of a training
 * step its loss.
 *
 * @module
 */
import { buildModel, STEP_NAMES, type Tensor, type Tensors } from "../../../executor/mod.ts";
import { createRepopsEngine } from "../../../executor/repops/mod.ts";
import { ToolError } from "../../errors.ts";
import { clockSeconds } from "../repeat.ts";
import { serveContender } from "../serve_contender.ts";
import { figureOf } from "./figure.ts";
import { runsOf } from "./run_workload.ts";
import { type Workload, workloadNamed } from "./workloads.ts";

/** What ONNX Runtime is told to leave on the GPU and to read: of a training step all but the loss stays. */
function readOutputs({ graph, carry }: Workload): readonly string[] {
  const names = graph.outputs.map(({ name }) => name);
  return carry === undefined ? names : names.filter((name) => name === `${STEP_NAMES.next}loss`);
}

async function openRepops(precision: "high" | "highest", workload: Workload) {
  const engine = await createRepopsEngine({ precision, backend: "webgpu", gpu: navigator.gpu });
  const session = await engine.load(workload.graph, workload.carry);
  if (session.backend !== "webgpu") throw new ToolError("failed", "its session is not on WebGPU");
  const run = runsOf(session, workload);
  return {
    sample: () => figureOf(workload, run, clockSeconds),
    close: async () => {
      await session.close();
      await engine.close();
    },
  };
}

async function openOrt(workload: Workload) {
  const runtime = await import("onnxruntime-web/webgpu");
  runtime.env.logLevel = "error";
  runtime.env.wasm.numThreads = 1;
  const adapter = await navigator.gpu?.requestAdapter({ powerPreference: "high-performance" }) ?? null;
  if (adapter === null) throw new ToolError("failed", "this machine offers no WebGPU adapter");
  const { maxBufferSize, maxStorageBufferBindingSize, maxStorageBuffersPerShaderStage } = adapter.limits;
  const device = await adapter.requestDevice({
    requiredLimits: { maxBufferSize, maxStorageBufferBindingSize, maxStorageBuffersPerShaderStage },
  });
  const { carry = {} } = workload, read = readOutputs(workload);
  // Its buffers hold floats; counters are few and small.
  const isFloat = (name: string) => workload.graph.types.get(name)?.dtype === "float32";
  const staying = Object.values(carry).filter((name) => isFloat(name) && !read.includes(name));
  const session = await runtime.InferenceSession.create(buildModel(workload.graph), {
    executionProviders: [{ name: "webgpu", device }],
    graphOptimizationLevel: "all",
    logSeverityLevel: 3,
    preferredOutputLocation: Object.fromEntries(staying.map((name) => [name, "gpu-buffer" as const])),
  });
  const toOrt = ({ dtype, data, shape }: Tensor) => {
    if (dtype === "bfloat16") throw new TypeError("ONNX Runtime's JavaScript takes no bfloat16");
    return new runtime.Tensor(dtype, data, shape);
  };
  const convert = (tensors: Tensors) =>
    Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, toOrt(tensor)]));
  let feeds = convert(workload.inputs);
  const run = async () => {
    const outputs = await session.run(feeds);
    for (const [input, output] of Object.entries(carry)) {
      const before = feeds[input], after = outputs[output];
      if (after === undefined) continue;
      feeds = { ...feeds, [input]: after };
      if (before?.location === "gpu-buffer") before.dispose();
    }
  };
  return {
    sample: () => figureOf(workload, run, clockSeconds),
    close: async () => {
      await session.release();
      device.destroy();
      // The adapter must outlive the device: some hosts crash if it is collected before.
      void adapter.info;
    },
  };
}

if (import.meta.main) {
  await serveContender(([library = "", name = ""]) => {
    const workload = workloadNamed(name);
    if (library === "onnxruntime-web") return openOrt(workload);
    return openRepops(library === "repops-highest" ? "highest" : "high", workload);
  });
}
