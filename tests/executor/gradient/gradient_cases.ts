/**
 * Operators whose gradients are tested, each with shapes and ranges in which it is smooth.
 *
 * @module
 */
import { floatValue, GraphBuilder } from "../../../executor/onnx/mod.ts";
import { elementCount, type Tensor } from "../../../executor/tensor.ts";
import { uniform } from "../models.ts";

/** Random floats between two numbers. */
export function floats(shape: readonly number[], seed: number, low = -1, high = 1): Tensor {
  const draw = uniform(seed);
  const data = Float32Array.from(
    { length: elementCount(shape) },
    () => low + (high - low) * (draw() + 1) / 2,
  );
  return { dtype: "float32", shape, data };
}

/** An operator, or a few, from inputs of these shapes. */
export interface Case {
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
/** Every operator that has a gradient, in the forms that its rule distinguishes. */
export const CASES: readonly Case[] = [
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
