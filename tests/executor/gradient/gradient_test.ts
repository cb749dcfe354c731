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
import { floatValue, GraphBuilder } from "../../../executor/onnx/mod.ts";
import { createRepopsEngine } from "../../../executor/repops/mod.ts";
import { elementCount, type Tensor } from "../../../executor/tensor.ts";
import { cnn, languageModel, mlp, uniform } from "../models.ts";
import { openOracle, type OracleSession } from "../ort.ts";

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

interface Case {
  readonly what: string;
  readonly shapes: readonly (readonly number[])[];
  readonly low?: number;
  readonly high?: number;
  readonly opset?: number;
  /** Whether operators of our own may be used. */
  readonly extended?: boolean;
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

/** An int64 constant. */
function indices(builder: GraphBuilder, shape: readonly number[], ...values: readonly number[]): string {
  return builder.constant({ dtype: "int64", shape, data: BigInt64Array.from(values, BigInt) });
}

/** A reduction along axis 1, as operator set 18 has it. */
function reduced(operator: string, range: Partial<Case> = {}): Case {
  return {
    what: operator,
    shapes: [[2, 3, 4]],
    opset: 18,
    ...range,
    build: (b, [x = ""]) => b.add(operator, [x, b.ints([1])]),
  };
}

/** A resize of the last two axes. */
function resized(mode: string, transformation: string, sizes: readonly number[]): Case {
  const attributes = { mode, coordinate_transformation_mode: transformation };
  return {
    what: `Resize ${mode} ${transformation} to [${sizes}]`,
    shapes: [[2, 2, 4, 5]],
    build: (b, [x = ""]) => b.add("Resize", [x, "", "", b.ints([2, 2, ...sizes])], attributes),
  };
}

/** A loss on scores [2, 3, 4] with an ignored label and, if asked for, weights. */
function loss(operator: string, reduction: string, weighted: boolean): Case {
  return {
    what: `${operator} ${reduction}${weighted ? " with weights" : ""}`,
    shapes: [[2, 3, 4]],
    build: (b, [x = ""]) => {
      const labels = indices(b, [2, 4], 0, 2, -7, 1, 1, 1, 0, 2);
      const weights = weighted ? [b.constant(floats([3], 5, 0.5, 2))] : [];
      return b.add(operator, [x, labels, ...weights], { reduction, ignore_index: -7 });
    },
  };
}

/** Heads turned by a cache of six positions. */
function rotary(shape: readonly number[], attributes: Parameters<GraphBuilder["add"]>[2]): Case {
  return {
    what: `RotaryEmbedding ${JSON.stringify(attributes)}`,
    shapes: [shape],
    opset: 23,
    build: (b, [x = ""]) => {
      const [cosines, sines] = [b.constant(floats([6, 2], 3)), b.constant(floats([6, 2], 4))];
      return b.add("RotaryEmbedding", [x, cosines, sines, indices(b, [2, 3], 0, 1, 2, 5, 4, 3)], attributes);
    },
  };
}

const image = [2, 2, 6, 6];
const CASES: readonly Case[] = [
  ...["Softsign", "Mish"].map((name) => one(name, [[2, 5]], {}, { opset: 18 })),
  ...["Celu", "ThresholdedRelu", "Selu"].map((name) => one(name, [[2, 5]], { alpha: floatValue(0.4) })),
  one("Shrink", [[2, 5]], { lambd: floatValue(0.3), bias: floatValue(0.1) }),
  one("Swish", [[2, 5]], {}, { opset: 24 }),
  one("Swish", [[2, 5]], { alpha: floatValue(1.7) }, { opset: 24 }),
  one("PRelu", [[2, 3, 4], [3, 1]]),
  one("Mean", [[2, 3], [3], [2, 1]]),
  one("Max", [[2, 3], [3], [2, 1]]),
  one("Min", [[2, 3], [3], [2, 3]]),
  one("Pow", [[2, 3], [3]], {}, { low: 0.5, high: 2 }),
  {
    what: "Mod",
    shapes: [[2, 3]],
    build: (b, [x = ""]) => b.add("Mod", [x, b.float(0.75)], { fmod: 1 }),
  },
  {
    what: "a rounded value has no slope",
    shapes: [[2, 3]],
    build: (b, [x = ""]) => b.add("Add", [x, b.add("Floor", [x])]),
    low: 0.1,
    high: 0.9,
  },
  ...["ReduceL1", "ReduceLogSumExp", "ReduceProd"].map((name) => reduced(name)),
  reduced("ReduceLogSum", { low: 0.5, high: 2 }),
  ...[0, 1].flatMap((exclusive) =>
    [0, 1].map((reverse): Case => ({
      what: `CumSum, exclusive ${exclusive}, reverse ${reverse}`,
      shapes: [[3, 4]],
      build: (b, [x = ""]) => b.add("CumSum", [x, b.int(1)], { exclusive, reverse }),
    }))
  ),
  one("GlobalMaxPool", [image]),
  one("MaxPool", [[1, 2, 6, 7]], { kernel_shape: [3, 2], strides: [2, 2], ceil_mode: 1 }),
  one("AveragePool", [[1, 2, 6, 7]], { kernel_shape: [3, 2], strides: [2, 2], ceil_mode: 1 }),
  {
    what: "MaxPool whose indices are asked for",
    shapes: [image],
    build: (b, [x = ""]) => b.addMany("MaxPool", [x], 2, { kernel_shape: [2, 3], strides: [2, 3] })[0] ?? "",
  },
  one("GroupNormalization", [[2, 4, 5], [4], [4]], { num_groups: 2 }, { opset: 21 }),
  one("GroupNormalization", [[2, 4, 5], [2], [2]], { num_groups: 2 }, { opset: 18 }),
  one("RMSNormalization", [[2, 3, 4], [4]], {}, { opset: 23 }),
  {
    what: "BatchNormalization in training",
    shapes: [[3, 2, 4], [2], [2]],
    opset: 23,
    build: (b, inputs) => {
      const running = [b.constant(floats([2], 1)), b.constant(floats([2], 2, 0.5, 1))];
      return b.addMany("BatchNormalization", [...inputs, ...running], 3, { training_mode: 1 })[0] ?? "";
    },
  },
  ...["none", "sum", "mean"].flatMap((reduction) =>
    [false, true].flatMap((weighted) => [
      loss("SoftmaxCrossEntropyLoss", reduction, weighted),
      loss("NegativeLogLikelihoodLoss", reduction, weighted),
    ])
  ),
  rotary([2, 2, 3, 4], {}),
  rotary([2, 3, 12], { interleaved: 1, num_heads: 2, rotary_embedding_dim: 4 }),
  ...[
    { equation: "bij,bjk->bik", shapes: [[2, 3, 4], [2, 4, 2]] },
    { equation: "bhid,bhjd->bhij", shapes: [[2, 2, 3, 4], [2, 2, 5, 4]] },
    { equation: "...ij,jk->...ik", shapes: [[2, 2, 3, 4], [4, 2]] },
    { equation: "ij,kl->il", shapes: [[2, 3], [2, 4]] },
    { equation: "ijk->ki", shapes: [[2, 3, 4]] },
    { equation: "i,j", shapes: [[3], [4]] },
  ].map(({ equation, shapes }) => one("Einsum", shapes, { equation })),
  { what: "Tile", shapes: [[2, 3]], build: (b, [x = ""]) => b.add("Tile", [x, b.ints([3, 2])]) },
  { what: "Trilu", shapes: [[2, 4, 3]], build: (b, [x = ""]) => b.add("Trilu", [x, b.int(1)], { upper: 0 }) },
  one("DepthToSpace", [[2, 8, 2, 3]], { blocksize: 2 }),
  one("DepthToSpace", [[2, 8, 2, 3]], { blocksize: 2, mode: "CRD" }),
  one("SpaceToDepth", [[2, 2, 4, 6]], { blocksize: 2 }),
  resized("linear", "half_pixel", [6, 5]),
  resized("linear", "align_corners", [3, 9]),
  resized("nearest", "asymmetric", [8, 10]),
  {
    what: "Resize by scales",
    shapes: [[1, 2, 4, 4]],
    build: (b, [x = ""]) =>
      b.add("Resize", [
        x,
        "",
        b.constant({ dtype: "float32", shape: [4], data: Float32Array.of(1, 1, 2, 1.6) }),
      ], { mode: "linear" }),
  },
  ...["reflect", "edge"].map((mode): Case => ({
    what: `Pad, mode ${mode}`,
    shapes: [[3, 4]],
    build: (b, [x = ""]) => b.add("Pad", [x, b.ints([1, 2, 2, 3])], { mode }),
  })),
  {
    what: "Pad that cuts away",
    shapes: [[3, 4]],
    build: (b, [x = ""]) => b.add("Pad", [x, b.ints([-1, 1, 0, -2])]),
  },
  {
    what: "Slice backwards",
    shapes: [[5, 7]],
    build: (b, [x = ""]) =>
      b.add("Slice", [x, b.ints([3, 6]), b.ints([0, -100]), b.ints([0, 1]), b.ints([-1, -2])]),
  },
  {
    what: "TopK",
    shapes: [[3, 5]],
    build: (b, [x = ""]) => b.addMany("TopK", [x, b.ints([2])], 2, { axis: 1 })[0] ?? "",
  },
  {
    what: "GatherND",
    shapes: [[3, 4, 5]],
    build: (b, [x = ""]) => b.add("GatherND", [x, indices(b, [3, 2], 0, 1, 2, -1, 0, 1)]),
  },
  {
    what: "GatherND in batches",
    shapes: [[2, 4, 5]],
    build: (b, [x = ""]) => b.add("GatherND", [x, indices(b, [2, 2, 1], 0, 3, -1, 3)], { batch_dims: 1 }),
  },
  ...["none", "add"].flatMap((reduction): Case[] => [{
    what: `ScatterElements ${reduction}`,
    shapes: [[3, 4], [2, 2]],
    opset: 18,
    build: (b, [x = "", u = ""]) =>
      b.add("ScatterElements", [x, indices(b, [2, 2], 0, 3, 2, -3), u], { axis: 1, reduction }),
  }, {
    what: `ScatterND ${reduction}`,
    shapes: [[3, 4], [2, 4]],
    opset: 18,
    build: (b, [x = "", u = ""]) => b.add("ScatterND", [x, indices(b, [2, 1], 2, 0), u], { reduction }),
  }]),
  {
    what: "Gather with repeated rows, in the engine's own form",
    shapes: [[3, 4]],
    extended: true,
    build: (b, [x = ""]) => b.add("Gather", [x, indices(b, [2, 2], 0, 2, 2, -1)]),
  },
  {
    what: "CounterDropout",
    shapes: [[4, 5]],
    extended: true,
    build: (b, [x = ""]) =>
      b.addOwn("CounterDropout", [x, b.float(0.25), b.int(3)], { seed: 7, stream: 1 })[0] ?? "",
  },
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
