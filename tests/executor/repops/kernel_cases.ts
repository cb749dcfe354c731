/**
 * Operators in all forms that kernels distinguish: what every backend is tested on.
 *
 * @module
 */
import { type AttributeInputs, floatValue, GraphBuilder } from "../../../executor/onnx/mod.ts";
import type { TypedGraph } from "../../../executor/graph.ts";
import type { Tensor } from "../../../executor/tensor.ts";
import { type FloatKind, floats, integers } from "./random_values.ts";

export const KINDS: readonly FloatKind[] = ["near", "wide", "bits", "cancel"];

/** An input of a case: a float tensor of this shape, or a tensor as it is, either as a graph input or as a constant. */
type Given = readonly number[] | { readonly tensor: Tensor; readonly constant?: boolean } | undefined;

export interface Case {
  readonly operator: string;
  readonly inputs: readonly Given[];
  readonly attributes?: AttributeInputs;
  readonly outputs?: number;
  readonly opset?: number;
  /** Whether the operator is of our own domain. */
  readonly own?: true;
  /** Set if no kernel serves this form. */
  readonly reference?: true;
}

const constants = (...values: readonly number[]): Given => ({
  tensor: { dtype: "int64", shape: [values.length], data: BigInt64Array.from(values, BigInt) },
  constant: true,
});

const scalar = (value: number): Given => ({
  tensor: { dtype: "float32", shape: [], data: Float32Array.of(value) },
  constant: true,
});

const whole = (value: number): Given => ({
  tensor: { dtype: "int64", shape: [], data: BigInt64Array.of(BigInt(value)) },
  constant: true,
});

const one = (shape: readonly number[], ...operators: readonly string[]): readonly Case[] =>
  operators.map((operator) => ({ operator, inputs: [shape] }));

const two = (a: readonly number[], b: readonly number[], ...operators: readonly string[]): readonly Case[] =>
  operators.map((operator) => ({ operator, inputs: [a, b] }));

const words = (shape: readonly number[], seed: number): Given => ({
  tensor: integers("int32", shape, seed, -9, 9),
});
const truths = (shape: readonly number[], seed: number): Given => ({
  tensor: integers("bool", shape, seed, 0, 1),
});
const places = (shape: readonly number[], seed: number, size: number): Given => ({
  tensor: integers("int64", shape, seed, -size, size - 1),
});

/** Equations of Einsum with the shapes of their operands. */
const EQUATIONS: readonly (readonly [string, ...(readonly number[])[]])[] = [
  ["bij,bjk->bik", [2, 3, 4], [2, 4, 5]],
  ["bhid,bhjd->bhij", [2, 2, 3, 4], [2, 2, 5, 4]],
  ["...ij,jk->...ik", [2, 2, 3, 300], [300, 2]],
  ["ikj,jlk->li", [3, 5, 70], [70, 4, 5]],
  ["i,j->ji", [3], [4]],
  ["ij,ij", [3, 4], [3, 4]],
  ["ijk->ki", [2, 300, 4]],
  ["ijk->kij", [2, 3, 4]],
  ["iij->ji", [3, 3, 4]],
  ["ii", [5, 5]],
  ["ij,jj->i", [3, 4], [4, 4]],
  ["ijk,jl->il", [3, 20, 30], [20, 4]],
  ["ij,jk->ik", [3, 1], [5, 4]],
  ["i,jk->i", [3], [2, 300]],
];

/** Every transformation of Resize, up and down, by sizes and by scales. */
function resizes(): readonly Case[] {
  const transformations =
    "half_pixel asymmetric align_corners pytorch_half_pixel half_pixel_symmetric tf_half_pixel_for_nn".split(
      " ",
    );
  const modes = ["floor", "ceil", "round_prefer_floor", "round_prefer_ceil"];
  const bySizes = (attributes: AttributeInputs, ...sizes: readonly number[]): Case => ({
    operator: "Resize",
    inputs: [[1, 2, 4, 5], undefined, undefined, constants(1, 2, ...sizes)],
    attributes,
    opset: 19,
  });
  const scales = { dtype: "float32", shape: [4], data: Float32Array.of(1, 1, 0.7, 2.3) } as const;
  return [
    ...transformations.flatMap((coordinate_transformation_mode) => [
      bySizes({ mode: "linear", coordinate_transformation_mode }, 7, 3),
      bySizes({ mode: "nearest", coordinate_transformation_mode }, 3, 11),
    ]),
    ...modes.map((nearest_mode) => bySizes({ mode: "nearest", nearest_mode }, 6, 4)),
    ...["linear", "nearest"].map((mode): Case => ({
      operator: "Resize",
      inputs: [[1, 2, 4, 5], undefined, { tensor: scales, constant: true }],
      attributes: { mode },
      opset: 19,
    })),
    bySizes({ mode: "linear" }, 4, 5),
  ];
}

/** Rotary embeddings of heads apart and joined, of all features and of some, with positions and without. */
function rotations(): readonly Case[] {
  const cache = (seed: number): Given => ({ tensor: floats([6, 2], seed, "near"), constant: true });
  const perStep: Given = { tensor: floats([2, 3, 4], 5, "near") };
  return [
    {
      operator: "RotaryEmbedding",
      inputs: [[2, 2, 3, 4], cache(1), cache(2), places([2, 3], 3, 6)],
      opset: 23,
    },
    { operator: "RotaryEmbedding", inputs: [[2, 5, 3, 8], perStep, perStep], opset: 23 },
    {
      operator: "RotaryEmbedding",
      inputs: [[2, 3, 12], cache(1), cache(2), places([2, 3], 3, 9)],
      attributes: { interleaved: 1, num_heads: 2, rotary_embedding_dim: 4 },
      opset: 23,
    },
  ];
}

const ARITHMETIC = ["Add", "Sub", "Mul", "Div", "Max", "Min", "PRelu"];
const COMPARISON = ["Equal", "Less", "LessOrEqual", "Greater", "GreaterOrEqual"];

/** Every operator, in the forms that kernels take apart. */
export const CASES: readonly Case[] = [
  ...otherCases(),
  ...one([37], "Abs", "Neg", "Sign", "Floor", "Ceil", "Round", "Sqrt", "Reciprocal", "Exp", "Log"),
  ...one([5, 13], "Erf", "Sigmoid", "Tanh", "Softplus", "Softsign", "Relu", "LeakyRelu", "Identity"),
  { operator: "Mish", inputs: [[65]], opset: 18 },
  { operator: "Gelu", inputs: [[257]], opset: 20 },
  { operator: "Gelu", inputs: [[257]], attributes: { approximate: "tanh" }, opset: 20 },
  ...[2, 3, 0.5, -1].map((power) => ({ operator: "Pow", inputs: [[67], scalar(power)] })),
  ...[1.7, -0.5, 1.5, -2.5, 5, -3, 64, 100].map((power): Case => ({
    operator: "Pow",
    inputs: [[67], scalar(power)],
  })),
  ...["Elu", "Selu", "Celu", "ThresholdedRelu", "HardSigmoid"].map((operator): Case => ({
    operator,
    inputs: [[67]],
    attributes: { alpha: floatValue(0.3) },
  })),
  ...one([67], "Elu", "Selu", "Celu", "ThresholdedRelu", "HardSigmoid", "HardSwish"),
  ...["Sum", "Mean", "Max", "Min"].map((operator) => ({ operator, inputs: [[3, 7], [7], [3, 1]] })),
  { operator: "Mean", inputs: [[9]] },
  ...EQUATIONS.map(([equation, ...inputs]): Case => ({
    operator: "Einsum",
    inputs,
    attributes: { equation },
  })),
  { operator: "Einsum", inputs: [[3, 3]], attributes: { equation: "ii->i" } },
  { operator: "Einsum", inputs: [[2, 3], [2, 4]], attributes: { equation: "ij,kl->il" } },
  ...resizes(),
  ...rotations(),
  ...["ReduceL2", "ReduceLogSum", "ReduceLogSumExp"].flatMap((operator): Case[] => [
    { operator, inputs: [[3, 37, 21]], attributes: { axes: [1], keepdims: 0 } },
    { operator, inputs: [[3, 37, 21], constants(0, -1)], opset: 18 },
  ]),
  { operator: "LogSoftmax", inputs: [[3, 4, 5]], attributes: { axis: 0 } },
  { operator: "DepthToSpace", inputs: [[2, 8, 3, 5]], attributes: { blocksize: 2 } },
  { operator: "DepthToSpace", inputs: [[2, 8, 3, 5]], attributes: { blocksize: 2, mode: "CRD" } },
  { operator: "SpaceToDepth", inputs: [[2, 3, 4, 6]], attributes: { blocksize: 2 } },
  { operator: "Tile", inputs: [[2, 3, 4], constants(3, 1, 2)] },
  { operator: "Trilu", inputs: [[2, 5, 7], whole(1)], attributes: { upper: 0 } },
  { operator: "Trilu", inputs: [[2, 5, 7]] },
  ...["reflect", "edge", "wrap"].map((mode): Case => ({
    operator: "Pad",
    inputs: [[3, 4], constants(1, 0, 2, 3)],
    attributes: { mode },
    opset: 19,
  })),
  ...two([3, 7], [3, 7], ...ARITHMETIC, ...COMPARISON),
  ...two([3, 7], [7], ...ARITHMETIC, ...COMPARISON),
  ...two([3, 7], [3, 1], "Add", "Div", "PRelu", "Less"),
  ...two([1, 7], [3, 1], "Add", "Sub", "Div", "Less"),
  ...two([1], [2, 3, 5], "Sub", "Div", "Less"),
  ...two([2, 3, 4, 5], [3, 1, 5], "Add", "Sub"),
  ...two([2, 1, 4, 1], [1, 3, 1, 5], "Sub", "Mul"),
  ...["Add", "Sub", "Mul", ...COMPARISON].map((operator) => ({
    operator,
    inputs: [words([3, 5], 1), words([5], 2)],
  })),
  ...["And", "Or", "Xor"].map((operator) => ({ operator, inputs: [truths([3, 5], 1), truths([3, 1], 2)] })),
  { operator: "Not", inputs: [truths([19], 3)] },
  { operator: "Where", inputs: [truths([4, 5], 1), [4, 5], [4, 5]] },
  { operator: "Where", inputs: [truths([4, 1], 1), [5], []] },
  { operator: "Where", inputs: [truths([4, 5], 1), [], [4, 5]] },
  { operator: "Where", inputs: [truths([5], 1), [4, 1], [3, 1, 1]] },
  { operator: "OneHot", inputs: [places([3, 4], 9, 7), constants(6), [2]] },
  { operator: "OneHot", inputs: [places([3, 4], 9, 6), constants(6), [2]], attributes: { axis: 0 } },
  { operator: "OneHot", inputs: [places([3, 4], 9, 6), constants(6), [2]], attributes: { axis: 1 } },
  { operator: "ReduceSum", inputs: [[6, 4, 2, 5, 2], constants(2, 4)], attributes: { keepdims: 0 } },
  { operator: "ReduceMean", inputs: [[6, 40, 2, 50, 2]], attributes: { axes: [1, 3] } },
  { operator: "ReduceMax", inputs: [[6, 4, 2, 5, 2]], attributes: { axes: [2, 4] } },
  { operator: "Clip", inputs: [[33], scalar(-0.5), scalar(1.5)] },
  { operator: "Clip", inputs: [[33], undefined, scalar(1.5)] },
  { operator: "Cast", inputs: [[35]], attributes: { to: 6 } },
  { operator: "Cast", inputs: [[35]], attributes: { to: 7 } },
  { operator: "Cast", inputs: [[35]], attributes: { to: 9 } },
  { operator: "Cast", inputs: [words([35], 4)], attributes: { to: 1 } },
  { operator: "Cast", inputs: [truths([35], 4)], attributes: { to: 1 } },
  ...two([7, 19], [19, 11], "MatMul"),
  ...two([13], [13, 3], "MatMul"),
  ...two([3, 13], [13], "MatMul"),
  ...two([2, 3, 5, 9], [2, 3, 9, 4], "MatMul"),
  ...two([2, 3, 5, 9], [9, 4], "MatMul"),
  ...two([2, 1, 5, 9], [3, 9, 4], "MatMul"),
  ...two([3, 300], [300, 9], "MatMul"),
  ...two([2, 2048], [2048, 3], "MatMul"),
  ...two([2, 2049], [2049, 3], "MatMul"),
  ...two([3, 11000], [11000, 2], "MatMul"),
  ...two([101, 31], [31, 17], "MatMul"),
  { operator: "MatMul", inputs: [[3, 300], { tensor: floats([300, 19], 3, "wide"), constant: true }] },
  { operator: "Gemm", inputs: [[5, 9], [9, 6], [6]] },
  { operator: "Gemm", inputs: [[9, 15], [9, 6], [6]], attributes: { transA: 1 } },
  { operator: "Gemm", inputs: [[5, 9], [7, 9], [5, 1]], attributes: { transB: 1 } },
  {
    operator: "Gemm",
    inputs: [[9, 6], [10, 9], [1, 10]],
    attributes: { transA: 1, transB: 1, alpha: floatValue(0.3), beta: floatValue(0.7) },
  },
  { operator: "Gemm", inputs: [[5, 9], [9, 6]], attributes: { alpha: floatValue(2) } },
  { operator: "Conv", inputs: [[2, 3, 7, 9], [4, 3, 3, 3], [4]], attributes: { pads: [1, 1, 1, 1] } },
  { operator: "Conv", inputs: [[2, 4, 8, 9], [6, 2, 3, 2]], attributes: { group: 2, strides: [2, 1] } },
  {
    operator: "Conv",
    inputs: [[1, 3, 9, 9], [2, 3, 3, 3]],
    attributes: { dilations: [2, 3], pads: [0, 3, 1, 2] },
  },
  { operator: "Conv", inputs: [[2, 5, 6, 6], [3, 5, 1, 1]] },
  { operator: "Conv", inputs: [[2, 3, 17], [4, 3, 5]], attributes: { pads: [2, 1], strides: [3] } },
  {
    operator: "Conv",
    inputs: [[1, 2, 7, 7], [2, 2, 3, 3]],
    attributes: { auto_pad: "SAME_LOWER", strides: [2, 2] },
  },
  { operator: "Conv", inputs: [[3, 40, 9, 9], [2, 40, 8, 8]] },
  { operator: "Conv", inputs: [[1, 2, 4, 4, 4], [2, 2, 2, 2, 2]] },
  {
    operator: "Conv",
    inputs: [[2, 4, 5, 4, 3], [6, 2, 3, 2, 2], [6]],
    attributes: { group: 2, pads: [1, 0, 1, 1, 1, 0], strides: [2, 1, 1], dilations: [1, 2, 1] },
  },
  {
    operator: "ConvTranspose",
    inputs: [[2, 4, 3, 2, 3], [4, 3, 2, 3, 2], [6]],
    attributes: { group: 2, pads: [0, 1, 0, 1, 0, 1], strides: [2, 1, 2], dilations: [1, 2, 1] },
  },
  { operator: "ConvTranspose", inputs: [[2, 3, 5, 4], [3, 2, 3, 3], [2]], attributes: { strides: [2, 2] } },
  {
    operator: "ConvTranspose",
    inputs: [[1, 4, 5, 5], [4, 3, 3, 3]],
    attributes: { group: 2, pads: [1, 0, 1, 2], dilations: [2, 1] },
  },
  {
    operator: "ConvTranspose",
    inputs: [[1, 2, 6], [2, 3, 4]],
    attributes: { strides: [3], output_padding: [2], pads: [1, 1] },
  },
  {
    operator: "MaxPool",
    inputs: [[2, 3, 8, 9]],
    attributes: { kernel_shape: [2, 2], strides: [2, 2] },
    outputs: 2,
  },
  {
    operator: "MaxPool",
    inputs: [[1, 2, 7, 7]],
    attributes: {
      kernel_shape: [3, 2],
      pads: [1, 1, 1, 0],
      dilations: [2, 1],
      ceil_mode: 1,
      strides: [2, 3],
    },
  },
  { operator: "MaxPool", inputs: [[2, 3, 11]], attributes: { kernel_shape: [3] }, outputs: 2 },
  ...[8, 10, 14, 16].map((width): Case => ({
    operator: "MaxPool",
    inputs: [[2, 3, 6, width]],
    attributes: { kernel_shape: [2, 2], strides: [2, 2] },
  })),
  { operator: "GlobalAveragePool", inputs: [[2, 3, 5, 7]] },
  { operator: "Softmax", inputs: [[5, 33]] },
  { operator: "Softmax", inputs: [[3, 4, 5]], attributes: { axis: 1 }, opset: 11 },
  { operator: "Softmax", inputs: [[3, 4, 5]], attributes: { axis: 1 } },
  { operator: "LogSoftmax", inputs: [[4, 70]] },
  { operator: "LogSoftmax", inputs: [[2, 5000]] },
  { operator: "LayerNormalization", inputs: [[3, 4, 37], [37], [37]], outputs: 3 },
  { operator: "LayerNormalization", inputs: [[3, 4, 5], [4, 5]], attributes: { axis: 1 } },
  { operator: "RMSNormalization", inputs: [[3, 37], [37]], opset: 23 },
  {
    operator: "GroupNormalization",
    inputs: [[2, 6, 3, 3], [6], [6]],
    attributes: { num_groups: 3 },
    opset: 21,
  },
  {
    operator: "GroupNormalization",
    inputs: [[2, 6, 3, 3], [3], [3]],
    attributes: { num_groups: 3 },
    opset: 18,
    reference: true,
  },
  { operator: "Swish", inputs: [[33]], opset: 24 },
  { operator: "InstanceNormalization", inputs: [[2, 3, 5, 5], [3], [3]] },
  { operator: "BatchNormalization", inputs: [[2, 3, 5, 5], [3], [3], [3], [3]] },
  {
    operator: "BatchNormalization",
    inputs: [[2, 3, 5, 7], [3], [3], [3], [3]],
    attributes: { training_mode: 1, momentum: floatValue(0.7) },
    outputs: 3,
  },
  { operator: "AveragePool", inputs: [[2, 3, 8, 9]], attributes: { kernel_shape: [2, 3], strides: [2, 2] } },
  { operator: "AveragePool", inputs: [[2, 3, 11]], attributes: { kernel_shape: [4] } },
  { operator: "AveragePool", inputs: [[1, 2, 9, 9]], attributes: { kernel_shape: [7, 6] } },
  {
    operator: "AveragePool",
    inputs: [[1, 2, 6, 6]],
    attributes: { kernel_shape: [3, 3], pads: [1, 1, 1, 1] },
    reference: true,
  },
  ...["ReduceSum", "ReduceMean", "ReduceSumSquare", "ReduceL1", "ReduceMax", "ReduceMin"].flatMap((
    operator,
  ) =>
    [[1], [0], [0, 1], [2], [1, 2], [0, 2]].map((axes): Case => {
      const input = operator === "ReduceSum";
      return input
        ? { operator, inputs: [[3, 37, 21], constants(...axes)] }
        : { operator, inputs: [[3, 37, 21]], attributes: { axes } };
    })
  ),
  { operator: "ReduceSum", inputs: [[2, 9000]], attributes: { keepdims: 0 } },
  { operator: "ReduceMean", inputs: [[5000, 3]], attributes: { axes: [0] } },
  { operator: "Transpose", inputs: [[5, 9]] },
  { operator: "Transpose", inputs: [[2, 3, 4, 5]], attributes: { perm: [0, 2, 1, 3] } },
  { operator: "Transpose", inputs: [[2, 3, 4, 5]], attributes: { perm: [3, 1, 0, 2] } },
  { operator: "Transpose", inputs: [[2, 8, 12]], attributes: { perm: [0, 2, 1] } },
  { operator: "Transpose", inputs: [[6, 5, 7]], attributes: { perm: [2, 0, 1] } },
  { operator: "Expand", inputs: [[3, 1, 5], constants(2, 3, 4, 5)] },
  { operator: "Concat", inputs: [[2, 3, 4], [2, 1, 4], [2, 5, 4]], attributes: { axis: 1 } },
  { operator: "Split", inputs: [[2, 7, 3], constants(2, 4, 1)], attributes: { axis: 1 }, outputs: 3 },
  {
    operator: "Slice",
    inputs: [[5, 7, 9], constants(1, -2), constants(4, -9), constants(0, 2), constants(2, -3)],
  },
  { operator: "Slice", inputs: [[5, 7], constants(-3), constants(1000), constants(1)] },
  { operator: "Pad", inputs: [[3, 4], constants(1, 0, 2, 3), scalar(1.5)] },
  { operator: "Gather", inputs: [[7, 5], places([3, 2], 5, 7)] },
  { operator: "Gather", inputs: [[4, 7, 5], places([3], 5, 7)], attributes: { axis: 1 } },
  { operator: "Reshape", inputs: [[6, 4], constants(2, 12)] },
  {
    operator: "EmbeddingGradient",
    inputs: [places([40], 5, 9), [40, 7]],
    attributes: { rows: 9 },
    own: true,
  },
  ...[1, 2].map((outputs): Case => ({
    operator: "CounterDropout",
    inputs: [[5, 13], { tensor: { dtype: "float32", shape: [], data: Float32Array.of(0.3) } }, {
      tensor: { dtype: "int64", shape: [], data: BigInt64Array.of(2n ** 31n - 1n) },
    }],
    attributes: { seed: 2 ** 45 + 3, stream: 2 },
    outputs,
    own: true,
  })),
];

/** Operators that run on the reference, and those that are known before they run or move nothing. */
function otherCases(): readonly Case[] {
  const reference = true as const;
  const bytes = (shape: readonly number[], seed: number, high = 255): Given => ({
    tensor: integers("uint8", shape, seed, 0, high),
  });
  /** Some of them no classes: they count from the end or are limited, or are ignored. */
  const anyLabels: Given = { tensor: integers("int64", [2, 4], 5, -4, 4) };
  const labels: Given = { tensor: integers("int64", [2, 4], 5, 0, 2) };
  const [scale, zero] = [scalar(0.05), { tensor: integers("uint8", [], 3, 0, 255), constant: true }];
  return [
    { operator: "Pow", inputs: [[67], [67]], reference },
    { operator: "Pow", inputs: [words([35], 1), words([35], 2)], reference },
    ...one([37], "Sin", "Cos", "Shrink", "IsInf").map((each) => ({ ...each, reference })),
    { operator: "BitwiseNot", inputs: [words([3, 5], 1)], opset: 18, reference },
    ...["BitwiseAnd", "BitwiseOr", "BitwiseXor"].map((operator) => ({
      operator,
      inputs: [words([3, 5], 1), words([5], 2)],
      opset: 18,
      reference,
    })),
    ...["LEFT", "RIGHT"].map((direction) => ({
      operator: "BitShift",
      inputs: [bytes([3, 5], 1), bytes([5], 2, 9)],
      attributes: { direction },
      reference,
    })),
    { operator: "Mod", inputs: [[3, 7], [7]], attributes: { fmod: 1 }, reference },
    { operator: "Mod", inputs: [words([3, 5], 1), words([5], 2)], reference },
    { operator: "Mod", inputs: [words([3, 5], 1), words([5], 2)], attributes: { fmod: 1 }, reference },
    ...["ReduceProd", "ReduceMax", "ReduceMin"].map((operator) => ({
      operator,
      inputs: [words([3, 7, 5], 1)],
      attributes: { axes: [1] },
      reference,
    })),
    { operator: "CumSum", inputs: [words([3, 7], 1), whole(1)], reference },
    { operator: "TopK", inputs: [words([3, 7], 1), constants(3)], outputs: 2, reference },
    ...[2, 3, 4, 5].map((to) => ({ operator: "Cast", inputs: [[67]], attributes: { to } })),
    { operator: "Cast", inputs: [bytes([67], 1)], attributes: { to: 3 }, reference },
    { operator: "Cast", inputs: [words([67], 1)], attributes: { to: 4 }, reference },
    { operator: "Cast", inputs: [bytes([67], 1)], attributes: { to: 1 } },
    { operator: "GlobalMaxPool", inputs: [[2, 3, 5, 7]], reference },
    { operator: "ReduceProd", inputs: [[3, 7, 5]], attributes: { axes: [1] }, reference },
    ...[0, 1].map((flag) => ({
      operator: "CumSum",
      inputs: [[3, 7], whole(flag)],
      attributes: { exclusive: flag, reverse: flag },
    })),
    { operator: "Hardmax", inputs: [[3, 7]], reference },
    {
      operator: "NegativeLogLikelihoodLoss",
      inputs: [[2, 3, 4], labels, [3]],
      attributes: { reduction: "sum" },
    },
    { operator: "SoftmaxCrossEntropyLoss", inputs: [[2, 3, 4], labels], outputs: 2 },
    ...["none", "mean"].map((reduction): Case => ({
      operator: "NegativeLogLikelihoodLoss",
      inputs: [[2, 3, 4], anyLabels, [3]],
      attributes: { reduction, ignore_index: -1 },
    })),
    ...[12, 17].map((opset): Case => ({
      operator: "SoftmaxCrossEntropyLoss",
      inputs: [[5, 3], { tensor: integers("int32", [5], 5, -1, 2) }, [3]],
      attributes: { ignore_index: 1 },
      opset,
    })),
    ...["ArgMax", "ArgMin"].map((operator) => ({
      operator,
      inputs: [[3, 7, 2]],
      attributes: { axis: 1, select_last_index: 1 },
      reference,
    })),
    { operator: "TopK", inputs: [[3, 7], constants(3)], outputs: 2 },
    {
      operator: "TopK",
      inputs: [[7, 3], constants(4)],
      attributes: { axis: 0, largest: 0 },
      outputs: 2,
    },
    { operator: "GatherElements", inputs: [[4, 5], places([2, 5], 5, 4)] },
    { operator: "GatherND", inputs: [[3, 4, 5], places([2, 2], 5, 3)] },
    {
      operator: "GatherND",
      inputs: [[2, 4, 5], places([2, 3, 1], 5, 4)],
      attributes: { batch_dims: 1 },
    },
    ...["add", "mul", "max", "min"].flatMap((reduction) => [
      {
        operator: "ScatterElements",
        inputs: [words([4, 5], 1), places([3, 2], 3, 5), words([3, 2], 2)],
        attributes: { reduction, axis: 1 },
        opset: 18,
        reference,
      },
    ]),
    {
      operator: "ScatterND",
      inputs: [words([4, 5, 3], 1), places([2, 3, 2], 3, 4), words([2, 3, 3], 2)],
      attributes: { reduction: "add" },
      opset: 18,
      reference,
    },
    ...["none", "add", "mul", "max"].flatMap((reduction) => [
      {
        operator: "ScatterElements",
        inputs: [[4, 5], places([3, 5], 3, 4), [3, 5]],
        attributes: { reduction },
        opset: 18,
        reference,
      },
      {
        operator: "ScatterND",
        inputs: [[4, 5], places([3, 1], 3, 4), [3, 5]],
        attributes: { reduction },
        opset: 18,
        reference,
      },
    ]),
    { operator: "Scatter", inputs: [[4, 5], places([2, 5], 3, 4), [2, 5]], reference },
    {
      operator: "ReverseSequence",
      inputs: [[4, 2, 3], { tensor: integers("int64", [2], 3, 1, 4) }],
    },
    {
      operator: "ReverseSequence",
      inputs: [[2, 5, 3], { tensor: integers("int64", [2], 3, 1, 5) }],
      attributes: { time_axis: 1, batch_axis: 0 },
    },
    { operator: "Hardmax", inputs: [[3, 7, 2]], attributes: { axis: 1 }, reference },
    { operator: "Hardmax", inputs: [[3, 7, 2]], opset: 11, reference },
    { operator: "EyeLike", inputs: [[3, 5]], attributes: { k: 1 } },
    { operator: "QuantizeLinear", inputs: [[3, 7, 2], [7], { tensor: integers("int8", [7], 3, -9, 9) }] },
    {
      operator: "QuantizeLinear",
      inputs: [[3, 8], [3, 2], { tensor: integers("uint16", [3, 2], 3, 0, 65535) }],
      attributes: { axis: 1, block_size: 4 },
      opset: 21,
      reference,
    },
    { operator: "DequantizeLinear", inputs: [bytes([3, 7], 1), [3], bytes([3], 2)], attributes: { axis: 0 } },
    { operator: "DequantizeLinear", inputs: [words([3, 7], 1), scale] },
    { operator: "MatMulInteger", inputs: [bytes([2, 3, 700], 1), bytes([700, 4], 2), zero, bytes([4], 3)] },
    {
      operator: "ConvInteger",
      inputs: [bytes([2, 60, 5, 5], 1), bytes([3, 60, 3, 2], 2), zero, bytes([3], 3)],
      attributes: { pads: [1, 0, 1, 1], strides: [2, 1] },
    },
    {
      operator: "QLinearConv",
      inputs: [
        bytes([1, 4, 5, 5], 1),
        scale,
        zero,
        bytes([6, 2, 2, 2], 2),
        { tensor: floats([6], 4, "near") },
        zero,
        scalar(0.7),
        zero,
        { tensor: integers("int32", [6], 2, -900, 900) },
      ],
      attributes: { group: 2 },
    },
    { operator: "QuantizeLinear", inputs: [[3, 7], scale, zero] },
    { operator: "DequantizeLinear", inputs: [bytes([3, 7], 1), scale, zero] },
    { operator: "DynamicQuantizeLinear", inputs: [[21]], outputs: 3 },
    { operator: "MatMulInteger", inputs: [bytes([3, 5], 1), bytes([5, 4], 2), zero] },
    { operator: "ConvInteger", inputs: [bytes([1, 2, 5, 5], 1), bytes([3, 2, 2, 2], 2), zero] },
    {
      operator: "QLinearMatMul",
      inputs: [bytes([3, 5], 1), scale, zero, bytes([5, 4], 2), scale, zero, scalar(0.7), zero],
    },
    {
      operator: "QLinearConv",
      inputs: [bytes([1, 2, 5, 5], 1), scale, zero, bytes([3, 2, 2, 2], 2), scale, zero, scalar(0.7), zero],
    },
    { operator: "Flatten", inputs: [[2, 3, 4]], attributes: { axis: 2 } },
    { operator: "Squeeze", inputs: [[3, 1], constants(1)] },
    { operator: "Unsqueeze", inputs: [[3], constants(0)] },
    { operator: "CastLike", inputs: [[7], words([7], 1)] },
    { operator: "Dropout", inputs: [[5, 7]] },
    { operator: "Shape", inputs: [[2, 3]] },
    { operator: "Size", inputs: [[2, 3]] },
    { operator: "ConstantOfShape", inputs: [constants(2, 3)] },
    { operator: "Range", inputs: [scalar(1), scalar(9), scalar(2)] },
  ];
}

/** Builds the graph of a case, with its inputs of one kind. */
export function build(
  each: Case,
  kind: FloatKind,
  seed: number,
): { readonly graph: TypedGraph; readonly tensors: Record<string, Tensor> } {
  const builder = new GraphBuilder({ opset: each.opset ?? 17, extended: true });
  const tensors: Record<string, Tensor> = {};
  const names = each.inputs.map((given, i) => {
    if (given === undefined) return "";
    if ("tensor" in given && given.constant) return builder.constant(given.tensor, `c${i}`);
    const tensor = "tensor" in given ? given.tensor : floats(given, seed * 31 + i, kind);
    tensors[`x${i}`] = tensor;
    return builder.input(`x${i}`, tensor.dtype, tensor.shape);
  });
  const { operator, outputs: count = 1, attributes = {} } = each;
  const outputs = each.own
    ? builder.addOwn(operator, names, attributes, count)
    : builder.addMany(operator, names, count, attributes);
  outputs.forEach((name, i) => builder.output(name, `y${i}`));
  return { graph: builder.finish(), tensors };
}

/** A case in words. */
export const title = ({ operator, inputs, attributes }: Case): string =>
  `${operator} ${
    JSON.stringify(inputs.map((given) => given && ("tensor" in given ? given.tensor.shape : given)))
  } ${JSON.stringify(attributes ?? {}, (_, value) => (typeof value === "bigint" ? Number(value) : value))}`;
