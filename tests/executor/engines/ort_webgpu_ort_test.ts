import type { Tensor } from "../../../executor/tensor.ts";
import { assert } from "@std/assert/assert.js";
import { assertEquals } from "@std/assert/equals.js";
import { assertRejects } from "@std/assert/rejects.js";
import { createEngine } from "../../../executor/engines/create_engine_ort.ts";
import { ExecutorError } from "../../../executor/errors.ts";
import { attentionGraph, noise, visionGraph } from "./sample_graphs.ts";

const adapter = await globalThis.navigator?.gpu?.requestAdapter() ?? null;

/** float32 products of up to 288 terms whose magnitudes reach 10^5: their sums may differ by some 10^-6 of that. */
const TOLERANCE = 1e-3;

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
    const tokens = {
      dtype: "int64",
      shape: [2, 8],
      data: BigInt64Array.from({ length: 16 }, (_, i) => BigInt(i)),
    } as const;
    for (
      const [graph, inputs] of [[visionGraph(), { images: noise([4, 3, 12, 12], 8) }], [attentionGraph(), {
        tokens,
      }]] as const
    ) {
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
    }
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
