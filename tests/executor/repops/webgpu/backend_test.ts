/**
 * What the backend promises beside bits: no adapter is trusted blindly, nothing is silently wrong, everything else goes to the host.
 *
 * @module
 */
import { assert } from "@std/assert/assert.js";
import { assertEquals } from "@std/assert/equals.js";
import { assertRejects } from "@std/assert/rejects.js";
import { assertThrows } from "@std/assert/throws.js";
import { assertStringIncludes } from "@std/assert/string_includes.js";
import type { Tensors } from "../../../../executor/engine.ts";
import { ExecutorError } from "../../../../executor/errors.ts";
import type { TypedGraph } from "../../../../executor/graph.ts";
import { GraphBuilder } from "../../../../executor/onnx/mod.ts";
import { createRepopsEngine, operatorNames } from "../../../../executor/repops/mod.ts";
import { compileKernels, openSession, startMachine } from "../../../../executor/repops/wasm/mod.ts";
import { assignBuffers } from "../../../../executor/repops/webgpu/assign_buffers.ts";
import { openGpu } from "../../../../executor/repops/webgpu/gpu.ts";
import { shadersOf } from "../../../../executor/repops/webgpu/graph_runner.ts";
import { type Limits, lower, type Slot } from "../../../../executor/repops/webgpu/lower.ts";
import { coverage } from "../../../../executor/repops/webgpu/mod.ts";
import { createPipelines } from "../../../../executor/repops/webgpu/pipelines.ts";
import { probesOf } from "../../../../executor/repops/webgpu/probes.ts";
import { createTrustedPipelines } from "../../../../executor/repops/webgpu/self_test.ts";
import { MAPS } from "../../../../executor/repops/webgpu/shader/maps.ts";
import {
  GROUP_TREE,
  productShader,
  type Shape,
  TILES,
} from "../../../../executor/repops/webgpu/shader/products.ts";
import { STRIPS } from "../../../../executor/repops/webgpu/shader/strip_products.ts";
import {
  COLUMNS,
  LOG_SOFTMAX,
  MOMENTS,
  RUNNING_SUM,
  RUNNING_SUM_INT,
  SOFTMAX,
  SUM_ROWS,
  TOP,
  TOP_INT,
} from "../../../../executor/repops/webgpu/shader/rows.ts";
import { COUNTER_DROPOUT } from "../../../../executor/repops/webgpu/shader/random.ts";
import { SCATTER_ELEMENTS, SCATTER_ROWS } from "../../../../executor/repops/webgpu/shader/scatter.ts";
import type { Shader } from "../../../../executor/repops/webgpu/shader/shader.ts";
import { floats, randomNumbers } from "../random_values.ts";
import { firstDifference } from "../reference_run.ts";
import { gpu, testOnGpu } from "./adapter.ts";

/** A device that holds every graph of these tests. */
const AMPLE: Limits = { binding: 2 ** 27, buffer: 2 ** 28 };

/** A running sum along an axis that is known only as it runs has no shader; what stands around it has. */
function mixedGraph(): TypedGraph {
  const builder = new GraphBuilder();
  const x = builder.input("x", "float32", [6, 40]);
  const axis = builder.input("axis", "int64", []);
  builder.output(builder.add("Exp", [builder.add("CumSum", [builder.add("Tanh", [x]), axis])]), "y");
  return builder.finish();
}

const mixedInputs = (): Tensors => ({
  x: floats([6, 40], 1, "near"),
  axis: { dtype: "int64", shape: [], data: BigInt64Array.of(1n) },
});

Deno.test("without an entry point WebGPU is refused, and auto runs on WebAssembly", async () => {
  const error = await assertRejects(
    () => createRepopsEngine({ backend: "webgpu" }),
    ExecutorError,
  ) as ExecutorError;
  assertEquals(error.code, "engine_unavailable");
  const engine = await createRepopsEngine({ backend: "auto" });
  const session = await engine.load(mixedGraph());
  assertEquals(session.backend, "wasm");
  await session.close();
  await engine.close();
});

Deno.test("auto leaves an adapter that is software alone, and says so", async () => {
  const info = { description: "a rasterizer on the processor", vendor: "", isFallbackAdapter: true };
  const software = {
    requestAdapter: () => Promise.resolve({ info } as GPUAdapter),
  };
  const engine = await createRepopsEngine({ backend: "auto", gpu: software });
  assertStringIncludes(engine.computesOn, "WebAssembly (");
  assertStringIncludes(engine.computesOn, "a rasterizer on the processor, is software");
  await engine.close();
});

Deno.test("slots share a buffer only if their lives do not overlap, and constants never", () => {
  const random = randomNumbers(3);
  const slots = Array.from({ length: 200 }, (): Slot => {
    const from = Math.floor(random() * 50);
    const words = Math.floor(random() * 1000);
    const known = random() < 0.1 ? new Uint32Array(words) : undefined;
    return { words, from, to: from + Math.floor(random() * 10), known };
  });
  const { sizes, bufferOf } = assignBuffers(slots);
  assert(sizes.length < 150, "some are shared");
  slots.forEach((a, i) => {
    assert((sizes[bufferOf[i] ?? -1] ?? -1) >= a.words);
    slots.forEach((b, j) => {
      if (i === j || bufferOf[i] !== bufferOf[j]) return;
      assert(!a.known && !b.known && (a.to < b.from || b.to < a.from), `${i} and ${j}`);
    });
  });
});

Deno.test("every pipeline has a probe that reaches it, with many outputs", () => {
  const products = (shapes: Readonly<Record<string, Shape>>) =>
    Object.values(shapes).flatMap((shape) =>
      (["strides", "taps", "spread"] as const).map((layout) => productShader("high", shape, layout))
    );
  const forms = [MOMENTS, SOFTMAX, LOG_SOFTMAX];
  const lines = [RUNNING_SUM, RUNNING_SUM_INT, TOP, TOP_INT];
  const scatters = [...SCATTER_ELEMENTS.values(), ...SCATTER_ROWS.values()];
  const onEither = [
    ...MAPS.values(),
    ...COLUMNS.values(),
    GROUP_TREE,
    ...lines,
    ...scatters,
    COUNTER_DROPOUT,
  ];
  const ofRows = [...SUM_ROWS.values(), ...forms.map(({ byWorkgroup }) => byWorkgroup)];
  const ofThreads = forms.map(({ byThread }) => byThread);
  const expectReached = (shaders: readonly Shader[], limits: Limits) => {
    for (const { name } of shaders) {
      const probes = probesOf(name);
      assert(probes.length > 0, name);
      for (const { graph } of probes) {
        const used = shadersOf(lower(graph, "high", limits));
        assert(used.some((shader) => shader.name === name), `${name} is not reached by ${graph.name}`);
      }
    }
  };
  expectReached([...onEither, ...ofRows, ...products(TILES)], AMPLE);
  expectReached([...onEither, ...ofThreads, ...products(STRIPS)], { ...AMPLE, isSoftware: true });
});

Deno.test("a value that no buffer can hold is refused by name, with the limit", () => {
  const builder = new GraphBuilder();
  builder.output(builder.add("Exp", [builder.input("large", "float32", [1000])]), "y");
  const graph = builder.finish();
  const error = assertThrows(() => lower(graph, "high", { binding: 2048, buffer: 3999 }), ExecutorError);
  assertEquals(error.code, "engine_unavailable");
  assertStringIncludes(error.message, "large");
  assertStringIncludes(error.message, "3999");
});

Deno.test("coverage tells of every operator where it runs", () => {
  const { onGpu, free, composite, onHost } = coverage();
  assertEquals([...onGpu, ...free, ...composite, ...onHost].sort(), [...operatorNames()].sort());
  assertEquals(onHost, ["Constant", "ConstantOfShape", "Range", "Shape", "Size"]);
  assert(["MatMul", "Conv", "Softmax", "LayerNormalization"].every((name) => onGpu.includes(name)));
});

testOnGpu("a node without a shader runs on the host, with the same bits", async () => {
  const graph = mixedGraph();
  const inputs = mixedInputs();
  const results = [];
  for (const backend of ["wasm", "webgpu"] as const) {
    const engine = await createRepopsEngine({ backend, gpu });
    const session = await engine.load(graph);
    if (backend === "webgpu") assertEquals(session.withoutKernel, ["CumSum"]);
    results.push((await session.run(inputs))["y"]);
    await session.close();
    await engine.close();
  }
  const [a, b] = results;
  assertEquals(a && b ? firstDifference(a, b) : "missing", undefined);
});

testOnGpu("a closed engine refuses to go on instead of giving old data", async () => {
  const engine = await createRepopsEngine({ backend: "webgpu", gpu });
  const session = await engine.load(mixedGraph());
  await engine.close();
  const run = () => session.run(mixedInputs());
  const error = await assertRejects(run, ExecutorError) as ExecutorError;
  assertEquals(error.code, "engine_failed");
});

testOnGpu(
  "the first text with the bits is used, and an adapter on which none has them is refused",
  async () => {
    const device = await openGpu(gpu);
    const module = await compileKernels();
    const trusted = createTrustedPipelines(device, createPipelines(device), "high", async (graph, inputs) => {
      const session = openSession(startMachine(module), graph, "high", () => {});
      return await session.run(inputs).finally(() => session.close());
    });
    const right = MAPS.get("Mul");
    assert(right);
    const texts = right?.texts ?? [];
    // A product that saturates nowhere is right almost everywhere.
    const wrong = texts.map((text) => text.replace("bitcast<u32>(multiply(a, b))", "bitcast<u32>(a * b)"));
    const shader = (given: readonly string[]): Shader => ({
      name: "map Mul",
      inputs: 2,
      outputs: 1,
      texts: given,
    });
    const error = await assertRejects(
      () => trusted.prepare([shader(wrong)]),
      ExecutorError,
    ) as ExecutorError;
    assertEquals(error.code, "engine_unavailable");
    assertStringIncludes(error.message, "map Mul");
    assertStringIncludes(error.message, "element");
    await trusted.prepare([shader([...wrong, ...texts])]);
    assertEquals(trusted.passed().get("map Mul"), 1);
    device.close();
  },
);
