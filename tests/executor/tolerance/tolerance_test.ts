/**
 * Bounds of device-dependent results, from both sides: no honest device is beyond them, and ten times as much always is.
 *
 * @module
 */
import { assert } from "@std/assert/assert.js";
import { assertEquals } from "@std/assert/equals.js";
import { assertThrows } from "@std/assert/throws.js";
import { createEngine } from "../../../executor/engines/create_engine_ort.ts";
import { ExecutorError } from "../../../executor/errors.ts";
import type { TypedGraph } from "../../../executor/graph.ts";
import { GraphBuilder } from "../../../executor/onnx/mod.ts";
import type { Tensor } from "../../../executor/tensor.ts";
import { boundOf, firstBeyond, requireTolerable, withinBound } from "../../../executor/tolerance/mod.ts";
import { must } from "../must.ts";
import { isSimulated, runHonest } from "./noise_runs.ts";
import { graphOf, inputsOf, NOISE_CASES, requestOf } from "./tolerance_cases.ts";

const adapter = await globalThis.navigator?.gpu?.requestAdapter() ?? null;

/** Few shaders: a software adapter takes seconds to compile each one the first time. */
const ON_GPU = ["MatMul", "Softmax", "LayerNormalization", "Tanh", "Conv", "Transpose"];

Deno.test({
  name: `what WebGPU computes honestly is within the bound${
    adapter === null ? " (skipped: no adapter here)" : ""
  }`,
  ignore: adapter === null,
  fn: async () => {
    const [gpu, arbiter] = [await createEngine("ort"), await createEngine("ort-strict")];
    const slashed: string[] = [];
    for (const operator of ON_GPU) {
      const each = must(NOISE_CASES.find((known) => known.operator === operator));
      slashed.push(...(await runHonest(each, gpu, arbiter, 12, 1)).slashed);
    }
    await gpu.close();
    await arbiter.close();
    assertEquals(slashed, []);
  },
});

Deno.test("a device that rounds, reorders, fuses and flushes as it may is within the bound", async () => {
  const arbiter = await createEngine("ort-strict");
  const slashed: string[] = [];
  for (const [i, each] of NOISE_CASES.filter(isSimulated).entries()) {
    slashed.push(...(await runHonest(each, undefined, arbiter, 20, 100 * i)).slashed);
  }
  await arbiter.close();
  assertEquals(slashed, []);
});

Deno.test("an error of ten times the bound in any one element is found, and so is any error where results are exact", async () => {
  const arbiter = await createEngine("ort-strict");
  for (const [i, each] of NOISE_CASES.entries()) {
    const graph = graphOf(each);
    const inputs = inputsOf(each, i);
    const session = await arbiter.load(graph);
    const recomputed = must((await session.run(Object.fromEntries(inputs.map((x, n) => [`x${n}`, x]))))["y"]);
    await session.close();
    const [bound] = boundOf(requestOf(graph, inputs));
    assert(withinBound(recomputed, recomputed, must(bound)));
    let judged = 0;
    const step = Math.max(1, Math.floor(recomputed.data.length / 25));
    for (let at = 0; at < recomputed.data.length; at += step) {
      const value = Number(recomputed.data[at]);
      const off = bound === "exact" ? 0 : 10 * Number(must(bound)[at]);
      // A quotient by zero is not judged.
      if (!Number.isFinite(value) || !Number.isFinite(off)) continue;
      judged++;
      for (const sign of [1, -1]) {
        const data = Float32Array.from(recomputed.data as Float32Array);
        // Where binary32 has no number so near, the next one is further off.
        data[at] = value + sign * Math.max(off, Math.abs(value) * 2 ** -23, 2 ** -100);
        assertEquals(
          firstBeyond({ ...recomputed, data }, recomputed, must(bound)),
          at,
          `${each.operator} ${at}`,
        );
      }
    }
    assert(judged > 0, each.operator);
  }
  await arbiter.close();
});

Deno.test("bounds follow the condition, not the output: a sum that cancels has the bound of its terms", () => {
  const graph = graphOf({ operator: "MatMul", shapes: [[1, 2], [2, 1]] });
  const of = (...data: readonly number[]): readonly Tensor[] => [
    { dtype: "float32", shape: [1, 2], data: Float32Array.from(data) },
    { dtype: "float32", shape: [2, 1], data: Float32Array.of(1, 1) },
  ];
  const bound = (inputs: readonly Tensor[]) =>
    must((boundOf(requestOf(graph, inputs))[0] as Float64Array)[0]);
  assertEquals(bound(of(1000, -1000)), bound(of(1000, 1000)));
  assert(bound(of(1000, -1000)) > 1000 * bound(of(0.5, -0.5)));
});

Deno.test("a claim of another shape, and NaN for a number, are beyond any bound; what is not finite is not judged", () => {
  const tensor = (...data: readonly number[]): Tensor => ({
    dtype: "float32",
    shape: [data.length],
    data: Float32Array.from(data),
  });
  const wide = new Float64Array([1e9, 1e9]);
  assertEquals(firstBeyond(tensor(1), tensor(1, 2), wide), 0);
  assertEquals(firstBeyond(tensor(1, NaN), tensor(1, 2), wide), 1);
  assertEquals(firstBeyond(tensor(1, 5), tensor(1, Infinity), wide), undefined);
  assertEquals(firstBeyond(tensor(0, NaN), tensor(-0, NaN), "exact"), undefined);
});

Deno.test("operators without a bound, training, and nodes too large to recompute are refused at admission, by name", () => {
  const sine = new GraphBuilder();
  sine.output(sine.add("Sin", [sine.input("x", "float32", [4])]), "y");
  const normalise: TypedGraph = graphOf({
    operator: "BatchNormalization",
    shapes: [[2, 3], [3], [3], [3], [3]],
    attributes: { training_mode: 1 },
  });
  for (const graph of [sine.finish(), normalise]) {
    const error = assertThrows(() => requireTolerable(graph, 1e6), ExecutorError);
    assertEquals(error.code, "unsupported_operator");
  }
  const product = graphOf({ operator: "MatMul", shapes: [[64, 64], [64, 64]] });
  requireTolerable(product, 3 * 64 * 64);
  assertEquals(
    assertThrows(() => requireTolerable(product, 3 * 64 * 64 - 1), ExecutorError).code,
    "bad_request",
  );
});
