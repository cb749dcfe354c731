/**
 * Operators in all forms that kernels distinguish: what every backend is tested on.
 *
 * @module
 */
import { floatValue } from "../../../executor/onnx/mod.ts";
import { type Case, constants, one, places, scalar, truths, two, whole, words } from "./kernel_case.ts";
import { floats } from "./random_values.ts";
import { EQUATIONS, resizes, rotations } from "./composite_cases.ts";
import { otherCases } from "./other_cases.ts";

export { build, type Case, KINDS, title } from "./kernel_case.ts";

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
  {
    operator: "ConvTranspose",
    inputs: [[2, 3, 5, 4], [3, 2, 3, 3], [2]],
    attributes: { strides: [2, 2], auto_pad: "SAME_LOWER" },
  },
  {
    operator: "ConvTranspose",
    inputs: [[1, 2, 5, 4], [2, 3, 3, 3]],
    attributes: { strides: [2, 3], output_shape: [9, 12] },
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
  { operator: "Transpose", inputs: [[37, 30]] },
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
