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
import { floatValue, GraphBuilder } from "../../../executor/onnx/mod.ts";
import { elementCount, type Tensor } from "../../../executor/tensor.ts";
import { cnn, languageModel, mlp, uniform } from "../models.ts";
import { openOracle } from "../ort.ts";

function floats(shape: readonly number[], seed: number, low = -1, high = 1): Tensor {
  const draw = uniform(seed);
  const data = Float32Array.from(
    { length: elementCount(shape) },
    () => low + (high - low) * (draw() + 1) / 2,
  );
  return { dtype: "float32", shape, data };
}

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
  const session = await openOracle(graph);
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

interface Case {
  readonly what: string;
  readonly shapes: readonly (readonly number[])[];
  readonly low?: number;
  readonly high?: number;
  readonly opset?: number;
  readonly build: (builder: GraphBuilder, inputs: readonly string[]) => string;
}

/** A case of one operator on inputs of these shapes. */
function one(
  operator: string,
  shapes: Case["shapes"],
  attributes: Parameters<GraphBuilder["add"]>[2] = {},
  range: Partial<Case> = {},
): Case {
  const what = `${operator} ${shapes.map((s) => `[${s}]`).join(" ")} ${JSON.stringify(attributes)}`;
  return { what, shapes, ...range, build: (builder, inputs) => builder.add(operator, inputs, attributes) };
}

const image = [2, 2, 6, 6];
const CASES: readonly Case[] = [
  one("Add", [[2, 3], [3]]),
  one("Sub", [[3], [2, 3]]),
  one("Mul", [[2, 1, 3], [4, 1]]),
  one("Div", [[2, 3], [2, 1]], {}, { low: 0.5, high: 2 }),
  one("Max", [[2, 3], [3]]),
  one("Min", [[2, 3], [2, 1]]),
  one("Sum", [[2, 3], [3], [1]]),
  {
    what: "Pow",
    shapes: [[2, 3]],
    low: 0.5,
    high: 2,
    build: (b, [x = ""]) => b.add("Pow", [x, b.float(2.5)]),
  },
  ...[
    "Exp",
    "Tanh",
    "Sigmoid",
    "Softplus",
    "Erf",
    "Sin",
    "Cos",
    "Neg",
    "Relu",
    "LeakyRelu",
    "Elu",
    "Abs",
    "HardSwish",
    "Identity",
  ].map((name) => one(name, [[2, 5]])),
  ...["Log", "Sqrt", "Reciprocal"].map((name) => one(name, [[2, 5]], {}, { low: 0.5, high: 2 })),
  one("HardSigmoid", [[2, 5]], { alpha: floatValue(0.3) }, { low: -1, high: 1 }),
  one("Gelu", [[2, 5]], {}, { opset: 20 }),
  one("Gelu", [[2, 5]], { approximate: "tanh" }, { opset: 20 }),
  { what: "Clip", shapes: [[3, 5]], build: (b, [x = ""]) => b.add("Clip", [x, b.float(-0.5), b.float(0.5)]) },
  one("Softmax", [[3, 4]], { axis: 0 }),
  one("LogSoftmax", [[3, 4]], { axis: -1 }),
  one("Softmax", [[3, 4]], { axis: 1 }, { opset: 11 }),
  one("MatMul", [[2, 3, 4], [4, 5]]),
  one("MatMul", [[2, 1, 3, 4], [3, 4, 2]]),
  one("MatMul", [[4], [2, 4, 3]]),
  one("MatMul", [[2, 3, 4], [4]]),
  one("Gemm", [[3, 2], [4, 3], [4]], { transA: 1, transB: 1, alpha: floatValue(0.5), beta: floatValue(2) }),
  one("Gemm", [[2, 3], [4, 3]], { transB: 1 }),
  one("Gemm", [[3, 2], [3, 4]], { transA: 1 }),
  one("Conv", [image, [4, 2, 3, 3], [4]], { strides: [2, 1], pads: [1, 0, 1, 2], dilations: [1, 2] }),
  one("Conv", [image, [4, 1, 3, 3]], { group: 2, strides: [2, 2] }),
  one("Conv", [image, [3, 2, 1, 1], [3]]),
  one("Conv", [[2, 3, 7], [2, 3, 3]], { strides: [2], pads: [1, 1] }),
  one("ConvTranspose", [[2, 2, 4, 4], [2, 3, 3, 3], [3]], {
    strides: [2, 2],
    pads: [1, 1, 1, 1],
    output_padding: [1, 1],
  }),
  one("MaxPool", [image], { kernel_shape: [2, 3], strides: [2, 3] }),
  one("MaxPool", [image], { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] }),
  one("MaxPool", [image], { kernel_shape: [2, 2], strides: [1, 2], dilations: [2, 1] }),
  one("AveragePool", [image], { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] }),
  one("AveragePool", [image], {
    kernel_shape: [3, 2],
    strides: [2, 1],
    pads: [1, 0, 0, 1],
    count_include_pad: 1,
  }),
  one("GlobalAveragePool", [image]),
  one("LayerNormalization", [[2, 3, 4], [3, 4], [3, 4]], { axis: 1, epsilon: floatValue(1e-3) }),
  one("InstanceNormalization", [[2, 3, 5], [3], [3]]),
  {
    what: "BatchNormalization",
    shapes: [[2, 3, 4], [3], [3]],
    build: (b, inputs) => {
      const mean = b.constant(floats([3], 1)), variance = b.constant(floats([3], 2, 0.5, 1));
      return b.add("BatchNormalization", [...inputs, mean, variance]);
    },
  },
  {
    what: "ReduceSum of opset 11",
    shapes: [[2, 3, 4]],
    opset: 11,
    build: (b, [x = ""]) => b.add("ReduceSum", [x], { axes: [0, 2], keepdims: 0 }),
  },
  {
    what: "ReduceMean",
    shapes: [[2, 3, 4]],
    opset: 18,
    build: (b, [x = ""]) => b.add("ReduceMean", [x, b.ints([-1])], { keepdims: 0 }),
  },
  ...["ReduceMax", "ReduceMin", "ReduceL2", "ReduceSumSquare"].map((name): Case => ({
    what: name,
    shapes: [[2, 3, 4]],
    build: (b, [x = ""]) => b.add(name, [x], { axes: [1] }),
  })),
  one("Transpose", [[2, 3, 4]], { perm: [2, 0, 1] }),
  one("Flatten", [[2, 3, 4]], { axis: 2 }),
  one("Concat", [[2, 3], [2, 1], [2, 2]], { axis: -1 }),
  { what: "Expand", shapes: [[3, 1]], build: (b, [x = ""]) => b.add("Expand", [x, b.ints([2, 3, 4])]) },
  {
    what: "Squeeze and Unsqueeze",
    shapes: [[3, 1]],
    build: (b, [x = ""]) => b.add("Unsqueeze", [b.add("Squeeze", [x, b.ints([1])]), b.ints([0, 2])]),
  },
  {
    what: "Slice with steps",
    shapes: [[5, 7]],
    build: (b, [x = ""]) =>
      b.add("Slice", [x, b.ints([1, 1]), b.ints([100, -1]), b.ints([0, 1]), b.ints([1, 3])]),
  },
  { what: "Pad", shapes: [[2, 3]], build: (b, [x = ""]) => b.add("Pad", [x, b.ints([1, 0, 0, 2])]) },
  {
    what: "Split used in part",
    shapes: [[5, 2]],
    build: (b, [x = ""]) => b.addMany("Split", [x, b.ints([2, 3])], 2, { axis: 0 })[1] ?? "",
  },
  {
    what: "Where",
    shapes: [[2, 3], [3]],
    build: (b, [x = "", y = ""]) =>
      b.add("Where", [b.constant({ dtype: "bool", shape: [2, 1], data: Uint8Array.of(0, 1) }), x, y]),
  },
  ...[0, 1, -1].map((axis): Case => ({
    what: `Gather along ${axis}`,
    shapes: [[3, 4, 5]],
    build: (b, [x = ""]) =>
      b.add("Gather", [
        x,
        b.constant({ dtype: "int64", shape: [2, 2], data: BigInt64Array.of(0n, 2n, 2n, -1n) }),
      ], { axis }),
  })),
  {
    what: "GatherElements",
    shapes: [[3, 4]],
    build: (b, [x = ""]) =>
      b.add("GatherElements", [
        x,
        b.constant({ dtype: "int64", shape: [2, 2], data: BigInt64Array.of(0n, 3n, 3n, 1n) }),
      ], { axis: 1 }),
  },
];

Deno.test("gradients of every operator are its slopes", async (t) => {
  for (const { what, shapes, low = -1, high = 1, opset = 17, build } of CASES) {
    await t.step(what, async () => {
      const builder = new GraphBuilder({ name: what, opset });
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
      const { graph, gradients } = differentiate(builder.finish(), "loss", inputs);
      await checkSlopes(graph, "loss", gradients, given, { step: 2e-3, tolerance: 0.01 });
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
