import type { Tensor } from "../../../executor/tensor.ts";
import { assert } from "@std/assert/assert.js";
import { assertEquals } from "@std/assert/equals.js";
import { assertRejects } from "@std/assert/rejects.js";
import { createEngine } from "../../../executor/engines/create_engine_ort.ts";
import { ExecutorError } from "../../../executor/errors.ts";
import type { TypedGraph } from "../../../executor/graph.ts";
import { GraphBuilder } from "../../../executor/onnx/mod.ts";
import { noise } from "./sample_graphs.ts";

const adapter = await globalThis.navigator?.gpu?.requestAdapter() ?? null;

/** Sums of 32 float32 products differ by less than 32 roundings of 2^-24 each; softmax and tanh on a GPU add some 2^-20. */
const TOLERANCE = 1e-4;

/** Few operators: a software adapter takes seconds to compile each one's shader the first time. */
function perceptron(): TypedGraph {
  const builder = new GraphBuilder({ name: "perceptron" });
  const product = builder.add("MatMul", [
    builder.input("x", "float32", [4, 32]),
    builder.constant(noise([32, 10], 1), "w"),
  ]);
  const hidden = builder.add("Tanh", [builder.add("Add", [product, builder.constant(noise([10], 2), "b")])]);
  builder.output(hidden, "hidden");
  builder.output(builder.add("Softmax", [hidden], { axis: -1 }), "probabilities");
  return builder.finish();
}

function floats(tensor: Tensor | undefined): Float32Array {
  if (!(tensor?.data instanceof Float32Array)) throw new TypeError("the output must be float32");
  return tensor.data;
}

Deno.test({
  name: `inference on WebGPU agrees with WebAssembly within tolerance${
    adapter === null ? " (skipped: no adapter here)" : ""
  }`,
  ignore: adapter === null,
  async fn() {
    const gpu = await createEngine("ort");
    const wasm = await createEngine("ort-strict");
    const graph = perceptron(), inputs = { x: noise([4, 32], 8) };
    const [fast, exact] = [await gpu.load(graph), await wasm.load(graph)];
    const [ours, reference] = [await fast.run(inputs), await exact.run(inputs)];
    for (const { name } of graph.outputs) {
      const expected = floats(reference[name]), seen = floats(ours[name]);
      assertEquals(seen.length, expected.length);
      const scale = Math.max(...expected.map(Math.abs));
      seen.forEach((value, i) => {
        assert(
          Math.abs(value - (expected[i] ?? NaN)) <= TOLERANCE * scale,
          `${name}[${i}]: ${value} for ${expected[i]}`,
        );
      });
    }
    await fast.close();
    await exact.close();
    await gpu.close();
    await wasm.close();
  },
});

Deno.test("without a WebGPU adapter the engine says so", async () => {
  const original = Object.getOwnPropertyDescriptor(globalThis, "navigator");
  Object.defineProperty(globalThis, "navigator", { value: {}, configurable: true });
  try {
    const error = await assertRejects(() => createEngine("ort"), ExecutorError) as ExecutorError;
    assertEquals(error.code, "engine_unavailable");
  } finally {
    if (original !== undefined) Object.defineProperty(globalThis, "navigator", original);
  }
});
