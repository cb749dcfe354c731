/** Gradients are the slopes that one measures: finite differences through ONNX Runtime are the oracle. */
import { assertEquals } from "@std/assert/equals.js";
import { assert } from "@std/assert/assert.js";
import { assertThrows } from "@std/assert/throws.js";
import { assertStringIncludes } from "@std/assert/string_includes.js";
import { ExecutorError } from "../../../executor/errors.ts";
import type { TypedGraph } from "../../../executor/graph.ts";
import {
  appendGradients,
  crossEntropy,
  differentiate,
  meanSquaredError,
} from "../../../executor/gradient/mod.ts";
import { GRADIENT_RULES } from "../../../executor/gradient/rules/mod.ts";
import { LISTED_OPERATORS } from "../../../tools/conformance/mod.ts";
import { GraphBuilder } from "../../../executor/onnx/mod.ts";
import { createRepopsEngine } from "../../../executor/repops/mod.ts";
import { elementCount, type Tensor } from "../../../executor/tensor.ts";
import { cnn, languageModel, mlp } from "../models.ts";
import { openOracle, type OracleSession } from "../ort.ts";
import { CASES, floats } from "./gradient_cases.ts";

function numbers(tensor: Tensor | undefined): number[] {
  return Array.from<number | bigint, number>(tensor?.data ?? [], Number);
}

/** Moves all elements of one input along a direction and back, and compares the slope with the gradient's. */
async function checkSlopes(
  graph: TypedGraph,
  loss: string,
  gradients: ReadonlyMap<string, string>,
  inputs: Readonly<Record<string, Tensor>>,
  options: { readonly step: number; readonly tolerance: number },
): Promise<void> {
  const session = await open(graph);
  try {
    const found = await session.run(inputs);
    for (const [name, gradient] of gradients) {
      const at = inputs[name], slope = numbers(found[gradient]);
      if (at === undefined) throw new Error(`no input "${name}"`);
      assertEquals(found[gradient]?.shape, [...at.shape], name);
      const norm = Math.sqrt(slope.reduce((sum, g) => sum + g * g, 0));
      const random = numbers(floats(at.shape, 99));
      const size = Math.sqrt(random.reduce((sum, g) => sum + g * g, 0));
      for (const direction of [random.map((d) => d / size), slope.map((g) => g / Math.max(norm, 1e-9))]) {
        const moved = async (sign: number) => {
          const data = Float32Array.from(
            numbers(at),
            (value, i) => value + sign * options.step * (direction[i] ?? 0),
          );
          return Number((await session.run({ ...inputs, [name]: { ...at, data } }))[loss]?.data[0]);
        };
        const measured = (await moved(1) - await moved(-1)) / (2 * options.step);
        const expected = slope.reduce((sum, g, i) => sum + g * (direction[i] ?? 0), 0);
        assert(
          Math.abs(measured - expected) <= options.tolerance * Math.max(norm, 0.01),
          `${graph.name}, ${name}: measured ${measured}, derived ${expected}, gradient's length ${norm}`,
        );
      }
    }
  } finally {
    await session.release();
  }
}

/** ONNX Runtime, or repops at full precision for what ONNX Runtime lacks. */
async function open(graph: TypedGraph): Promise<OracleSession> {
  const isForRepops = graph.opset > ORT_OPSET || graph.nodes.some(({ domain }) => domain !== "");
  if (!isForRepops) return await openOracle(graph);
  const engine = await createRepopsEngine({ precision: "highest" });
  const session = await engine.load(graph);
  return {
    run: (inputs) => session.run(inputs),
    release: async () => {
      await session.close();
      await engine.close();
    },
  };
}

/** Newest operator set whose operators all run in ONNX Runtime's WebAssembly build. */
const ORT_OPSET = 22;

/** A model whose float initializers named by the model are inputs, with a loss on its logits. */
function trainable(model: TypedGraph, labels: readonly number[], inputs: Readonly<Record<string, Tensor>>) {
  const builder = new GraphBuilder({ name: model.name, opset: model.opset });
  const parameters = new Map(
    [...model.initializers].filter(([name, { dtype }]) =>
      dtype === "float32" && /^(W|b)\d|\.|embedding|positions|head/.test(name)
    ),
  );
  const given: Record<string, Tensor> = { ...inputs };
  const substitutes = new Map<string, string>();
  for (const { name, dtype, shape } of model.inputs) {
    substitutes.set(name, builder.input(name, dtype, shape.map(Number)));
  }
  for (const [name, tensor] of parameters) {
    substitutes.set(name, builder.input(name, "float32", tensor.shape));
    given[name] = tensor;
  }
  const names = builder.embed(model, { prefix: "model.", substitutes });
  const logits = names.get("logits") ?? "", rows = builder.type(logits).shape.slice(0, -1);
  given["labels"] = { dtype: "int64", shape: rows, data: BigInt64Array.from(labels, BigInt) };
  const loss = builder.output(crossEntropy(builder, logits, builder.input("labels", "int64", rows)), "loss");
  const gradients = appendGradients(builder, loss, [...parameters.keys()]);
  for (const gradient of new Set(gradients.values())) builder.output(gradient);
  return { graph: builder.finish(), gradients, inputs: given };
}

const ids = BigInt64Array.of(0n, 1n, 2n, 3n, 4n, 6n, 5n, 4n, 4n, 1n);
for (
  const { model, labels, inputs } of [
    { model: mlp(4, [4, 8, 6, 3]), labels: [0, 1, 2, 1], inputs: { x: floats([4, 4], 5) } },
    { model: cnn(3), labels: [1, 7, 3], inputs: { x: floats([3, 1, 8, 8], 6) } },
    {
      model: languageModel(2),
      labels: [1, 2, 3, 4, 5, 6, 0, 1, 2, 3],
      inputs: { ids: { dtype: "int64", shape: [2, 5], data: ids } as Tensor },
    },
  ]
) {
  Deno.test(`gradients of the ${model.name} are its slopes`, async () => {
    const { graph, gradients, inputs: all } = trainable(model, labels, inputs);
    assert(gradients.size >= 4);
    await checkSlopes(graph, "loss", gradients, all, { step: 4e-3, tolerance: 0.01 });
  });
}

Deno.test("gradients of every operator are its slopes", async (t) => {
  for (const { what, shapes, low = -1, high = 1, opset = 17, extended = false, build } of CASES) {
    await t.step(what, async () => {
      const builder = new GraphBuilder({ name: what, opset, extended });
      const given = Object.fromEntries(shapes.map((shape, i) => [`x${i}`, floats(shape, 10 + i, low, high)]));
      const inputs = shapes.map((shape, i) => builder.input(`x${i}`, "float32", shape));
      const y = build(builder, inputs), { shape } = builder.type(y);
      // Weights make every element count differently, so that a gradient in the wrong place shows.
      const weighted = builder.add("Mul", [y, builder.constant(floats(shape, 77))]);
      const flat = builder.add("Reshape", [weighted, builder.ints([1, -1])]);
      const ones = builder.constant({
        dtype: "float32",
        shape: [elementCount(shape), 1],
        data: new Float32Array(elementCount(shape)).fill(1),
      });
      builder.output(builder.add("MatMul", [flat, ones]), "loss");
      const gradients = appendGradients(builder, "loss", inputs);
      for (const gradient of new Set(gradients.values())) builder.output(gradient);
      await checkSlopes(builder.finish(), "loss", gradients, given, { step: 2e-3, tolerance: 0.01 });
    });
  }
});

Deno.test("the mean squared error is the mean of squares, and its gradient its slope", async () => {
  const builder = new GraphBuilder();
  const a = builder.input("a", "float32", [2, 3]), b = builder.input("b", "float32", [2, 3]);
  builder.output(meanSquaredError(builder, a, b), "loss");
  const { graph, gradients } = differentiate(builder.finish(), "loss", ["a", "b"]);
  const inputs = { a: floats([2, 3], 1), b: floats([2, 3], 2) };
  const session = await openOracle(graph);
  const loss = Number((await session.run(inputs))["loss"]?.data[0]);
  await session.release();
  const expected =
    numbers(inputs.a).reduce((sum, value, i) => sum + (value - (numbers(inputs.b)[i] ?? 0)) ** 2, 0) / 6;
  assert(Math.abs(loss - expected) < 1e-6);
  await checkSlopes(graph, "loss", gradients, inputs, { step: 1e-2, tolerance: 0.01 });
});

Deno.test("the gradient of a tied maximum goes to the first of overlapping windows and is shared in tiled ones", async () => {
  for (
    const [attributes, expected] of [
      [{ kernel_shape: [2], strides: [2] }, [0.5, 0.5, 0.5, 0.5]],
      [{ kernel_shape: [2], strides: [1] }, [1, 1, 1, 0]],
    ] as const
  ) {
    const builder = new GraphBuilder();
    const x = builder.input("x", "float32", [1, 1, 4]);
    const y = builder.add("MaxPool", [x], attributes);
    builder.output(builder.add("ReduceSum", [y], { keepdims: 0 }), "loss");
    const { graph, gradients } = differentiate(builder.finish(), "loss", ["x"]);
    const session = await openOracle(graph);
    const found = await session.run({
      x: { dtype: "float32", shape: [1, 1, 4], data: new Float32Array(4).fill(3) },
    });
    await session.release();
    assertEquals(numbers(found[gradients.get("x") ?? ""]), [...expected]);
  }
});

/** Operators of the promised list that have no gradient: their results are integers, or steps. */
const WITHOUT_GRADIENT = [
  ..."ArgMax ArgMin Equal Less LessOrEqual Greater GreaterOrEqual And Or Xor Not OneHot Shape Size Constant"
    .split(" "),
  ..."ConstantOfShape Range QuantizeLinear DequantizeLinear DynamicQuantizeLinear MatMulInteger".split(" "),
  ..."ConvInteger QLinearMatMul QLinearConv".split(" "),
  // Says what Resize says: models that have it are older than operator set 10.
  "Upsample",
];

Deno.test("every promised operator has a gradient, save those whose results are integers or constants", () => {
  const missing = [...LISTED_OPERATORS].filter((name) => !GRADIENT_RULES.has(name));
  assertEquals(missing.sort(), [...WITHOUT_GRADIENT].sort());
});

Deno.test("a missing gradient is refused, naming the node", () => {
  const builder = new GraphBuilder();
  const x = builder.input("x", "float32", [4]);
  const y = builder.add("Hardmax", [x], {}, "here");
  builder.output(builder.add("ReduceSum", [y], { keepdims: 0 }), "loss");
  const error = assertThrows(
    () => differentiate(builder.finish(), "loss", ["x"]),
    ExecutorError,
  ) as ExecutorError;
  assertEquals(error.code, "unsupported_operator");
  assertStringIncludes(error.message, '"here" (Hardmax)');
});

Deno.test("a loss that does not depend on a value is refused, naming it", () => {
  const builder = new GraphBuilder();
  const x = builder.input("x", "float32", [4]);
  builder.input("unused", "float32", [4]);
  builder.output(builder.add("ReduceSum", [x], { keepdims: 0 }), "loss");
  const error = assertThrows(
    () => differentiate(builder.finish(), "loss", ["unused"]),
    ExecutorError,
  ) as ExecutorError;
  assertEquals(error.code, "bad_request");
  assertStringIncludes(error.message, '"unused"');
});
