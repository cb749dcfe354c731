/**
 * Tensors larger than one binding: the work is split, and the bits are the same.
 *
 * @module
 */
import { assert } from "@std/assert/assert.js";
import { assertEquals } from "@std/assert/equals.js";
import { createRepopsEngine } from "../../../../executor/repops/mod.ts";
import { lower } from "../../../../executor/repops/webgpu/lower.ts";
import { build, type Case, title } from "../kernel_cases.ts";
import { floats, integers } from "../random_values.ts";
import { firstDifference } from "../reference_run.ts";
import { claiming, testOnGpu } from "./adapter.ts";

/** A binding of 8192 words: every case below has an operand or an output with more. */
const NARROW = 2 ** 15;
const WIDE_BUFFER = 2 ** 28;

/** An adapter whose bindings are narrow. */
const narrowGpu = (isSoftware: boolean) => claiming({ isSoftware, binding: NARROW });

const places = (shape: readonly number[], size: number) => ({
  tensor: integers("int64", shape, 5, -size, size - 1),
});
const constants = (...values: readonly number[]) => ({
  tensor: { dtype: "int64", shape: [values.length], data: BigInt64Array.from(values, BigInt) } as const,
  constant: true,
});
const truths = (shape: readonly number[]) => ({ tensor: integers("bool", shape, 3, 0, 1) });

/** Products whose rows, columns, batches or images are apart, and some whose rows or columns do not lie together. */
const PRODUCTS: readonly Case[] = [
  { operator: "MatMul", inputs: [[150, 100], [100, 120]] },
  { operator: "MatMul", inputs: [[3, 300], [300, 90]] },
  { operator: "MatMul", inputs: [[2, 5000], [5000, 3]] },
  { operator: "MatMul", inputs: [[6, 40, 50], [6, 50, 40]] },
  { operator: "MatMul", inputs: [[2, 100, 90], [2, 90, 100]] },
  { operator: "MatMul", inputs: [[3, 1, 70, 60], [2, 60, 80]] },
  { operator: "Gemm", inputs: [[300, 70], [110, 300], [110]], attributes: { transA: 1, transB: 1 } },
  { operator: "Gemm", inputs: [[4200, 20], [4200, 13], [13]], attributes: { transA: 1 } },
  { operator: "Conv", inputs: [[4, 3, 40, 30], [5, 3, 3, 3], [5]], attributes: { pads: [1, 1, 1, 1] } },
  { operator: "Conv", inputs: [[2, 40, 6, 7], [120, 20, 2, 2], [120]], attributes: { group: 2 } },
  { operator: "Conv", inputs: [[3, 60, 9, 9], [20, 60, 6, 6], [20]] },
  {
    operator: "ConvTranspose",
    inputs: [[3, 8, 14, 13], [8, 5, 3, 3], [5]],
    attributes: { strides: [2, 2] },
  },
];

const OTHERS: readonly Case[] = [
  { operator: "Exp", inputs: [[100, 200]] },
  { operator: "Add", inputs: [[100, 200], [200]] },
  { operator: "Add", inputs: [[100, 1, 120], [2, 1]] },
  { operator: "Add", inputs: [[1, 9024], [3, 1]] },
  { operator: "Where", inputs: [truths([100, 1]), [100, 200], []] },
  { operator: "Softmax", inputs: [[100, 200]] },
  { operator: "LayerNormalization", inputs: [[100, 200], [200], [200]], outputs: 3 },
  { operator: "ReduceSum", inputs: [[3, 50, 200], constants(2)] },
  { operator: "ReduceSum", inputs: [[9, 50, 33], constants(1, 2)] },
  { operator: "ArgMax", inputs: [[400, 33]], attributes: { axis: 1 } },
  { operator: "Transpose", inputs: [[150, 130]] },
  { operator: "Expand", inputs: [[1, 130], constants(150, 130)] },
  { operator: "Concat", inputs: [[60, 70], [60, 90]], attributes: { axis: 1 } },
  { operator: "Split", inputs: [[60, 200], constants(150, 50)], attributes: { axis: 1 }, outputs: 2 },
  {
    operator: "Slice",
    inputs: [[100, 190], constants(99, 5), constants(-101, 180), constants(0, 1), constants(-1, 1)],
  },
  { operator: "Pad", inputs: [[100, 100], constants(1, 0, 2, 3)] },
  { operator: "Gather", inputs: [[500, 40], places([300], 500)] },
  { operator: "OneHot", inputs: [places([100], 120), constants(120), [2]] },
  {
    operator: "EmbeddingGradient",
    inputs: [places([30], 500), [30, 40]],
    attributes: { rows: 500 },
    own: true,
  },
  {
    operator: "CounterDropout",
    inputs: [[100, 200], { tensor: floats([], 2, "near") }, { tensor: integers("int64", [], 2, 0, 9) }],
    own: true,
  },
  { operator: "CumSum", inputs: [[9, 30, 40], constants(1)], attributes: { reverse: 1 } },
  { operator: "TopK", inputs: [[100, 200], constants(3)], outputs: 2 },
  {
    operator: "MaxPool",
    inputs: [[3, 5, 30, 28]],
    attributes: { kernel_shape: [2, 3], pads: [1, 1, 0, 1] },
    outputs: 2,
  },
  {
    operator: "AveragePool",
    inputs: [[3, 5, 30, 28]],
    attributes: { kernel_shape: [3, 3], strides: [2, 1] },
  },
  { operator: "ScatterElements", inputs: [[100, 200], places([20, 30], 100), [20, 30]] },
];

Deno.test("no dispatch binds more than one binding, and windows start where WebGPU lets them", () => {
  for (const each of [...PRODUCTS, ...OTHERS]) {
    const { graph } = build(each, "near", 1);
    const { slots, steps, incoming } = lower(graph, "high", { binding: NARROW, buffer: WIDE_BUFFER });
    const dispatches = [...incoming, ...steps.flatMap((step) => step.dispatches ?? [])];
    assert(steps.every((step) => step.dispatches), `${title(each)} has a shader`);
    assert(dispatches.some(({ windows }) => windows), `${title(each)} is larger than a binding`);
    for (const { shader, inputs, outputs, windows } of dispatches) {
      [...inputs, ...outputs].forEach((slot, i) => {
        const all = slots[slot]?.words ?? 0, { first = 0, words = all, at = first } = windows?.[i] ?? {};
        assert(words * 4 <= NARROW && at + words <= all && at % 64 === 0, `${shader.name} of ${title(each)}`);
      });
    }
  }
});

for (const [precision, isSoftware] of [["high", false], ["high", true], ["highest", false]] as const) {
  const kind = isSoftware ? "software" : "hardware";
  testOnGpu(
    `tensors larger than a binding have the same bits, precision ${precision} on ${kind}`,
    async () => {
      const onGpu = await createRepopsEngine({ precision, backend: "webgpu", gpu: narrowGpu(isSoftware) });
      const onWasm = await createRepopsEngine({ precision });
      const failures: string[] = [];
      // What is split is split alike in both: one kind of tile shows that the other text is split too. Only products are shaped by the kind.
      const others = isSoftware ? [] : OTHERS;
      const cases = precision === "high" ? [...PRODUCTS, ...others] : PRODUCTS.slice(0, 1);
      for (const [seed, each] of cases.entries()) {
        const { graph, tensors } = build(each, seed % 2 ? "wide" : "cancel", seed);
        const [ours, theirs] = [await onGpu.load(graph), await onWasm.load(graph)];
        const [got, wanted] = [await ours.run(tensors), await theirs.run(tensors)];
        assertEquals(ours.withoutKernel, [], title(each));
        await ours.close();
        await theirs.close();
        for (const { name } of graph.outputs) {
          const [a, b] = [got[name], wanted[name]];
          const difference = a && b ? firstDifference(a, b) : "it is missing";
          if (difference) failures.push(`${title(each)}: ${name}: ${difference}`);
        }
      }
      await onGpu.close();
      await onWasm.close();
      assertEquals(failures, []);
    },
  );
}

testOnGpu(
  "what no shader does on stretches of its operands goes to the host, with the same bits",
  async () => {
    const { graph, tensors } = build(
      { operator: "ReduceSum", inputs: [[200, 100], constants(0)] },
      "near",
      1,
    );
    const results = [];
    for (const options of [{}, { backend: "webgpu", gpu: narrowGpu(false) }] as const) {
      const engine = await createRepopsEngine(options);
      const session = await engine.load(graph);
      if ("backend" in options) assertEquals(session.withoutKernel, ["ReduceSum"]);
      results.push(await session.run(tensors));
      await session.close();
      await engine.close();
    }
    assertEquals(results[0], results[1]);
  },
);
