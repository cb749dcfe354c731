/**
 * Cases for random access beyond those that kernels are tested on: the operators that have no kernel, and tensors of several
 * chunks.
 *
 * @module
 */
import type { GraphNode } from "../../../executor/graph.ts";
import { ASSAY_DOMAIN, type AttributeInputs, floatValue } from "../../../executor/onnx/mod.ts";

import type { Tensor } from "../../../executor/tensor.ts";
import type { Dtype, TensorInfo } from "../../../ledger/primitives/mod.ts";
import { must } from "../must.ts";
import { build, type Case, title } from "./kernel_cases.ts";
import { type FloatKind, floats, integers } from "./random_values.ts";

type Given = Case["inputs"][number];

const whole = (
  dtype: Dtype,
  shape: readonly number[],
  low: number,
  high: number,
  constant = false,
): Given => ({
  tensor: integers(dtype, shape, shape.length + high, low, high),
  constant,
});
const places = (shape: readonly number[], size: number) => whole("int64", shape, -size, size - 1);
const constants = (...values: readonly number[]): Given => ({
  tensor: { dtype: "int64", shape: [values.length], data: BigInt64Array.from(values, BigInt) },
  constant: true,
});
const scalar = (value: number, dtype: "float32" | "int64" | "bool" = "float32"): Given => ({
  tensor: scalarTensor(value, dtype),
  constant: true,
});

function scalarTensor(value: number, dtype: "float32" | "int64" | "bool"): Tensor {
  if (dtype === "float32") return { dtype, shape: [], data: Float32Array.of(value) };
  if (dtype === "int64") return { dtype, shape: [], data: BigInt64Array.of(BigInt(value)) };
  return { dtype, shape: [], data: Uint8Array.of(value) };
}

const one = (
  operator: string,
  inputs: readonly Given[],
  attributes: AttributeInputs = {},
  more = {},
): Case => ({
  operator,
  inputs,
  attributes,
  ...more,
});

const ROWS: readonly Given[] = [[40, 700]];

/** Tensors of several chunks. */
const large: readonly Case[] = [
  one("MatMul", [[40, 700], [700, 60]]),
  one("MatMul", [[3, 20, 700], [3, 700, 30]]),
  one("MatMul", [[5, 5000], [5000, 9]]),
  one("Gemm", [[700, 40], [60, 700], [60]], { transA: 1, transB: 1, alpha: floatValue(0.5) }),
  one("Gemm", [[30, 600], [600, 700], [30, 1]], { beta: floatValue(0.3) }),
  one("Conv", [[3, 8, 40, 40], [6, 4, 3, 3], [6]], { group: 2, pads: [1, 1, 1, 1], strides: [2, 1] }),
  one("ConvTranspose", [[3, 8, 30, 30], [8, 3, 3, 3], [6]], { group: 2, strides: [2, 2] }),
  one("Einsum", [[4, 30, 200], [4, 200, 50]], { equation: "bij,bjk->bik" }),
  one("Einsum", [[30, 800], [800, 30]], { equation: "ij,ji->i" }),
  one("Einsum", [[5, 30, 300]], { equation: "bij->jb" }),
  one("Einsum", [[3, 20, 300], [20, 300]], { equation: "...ij,ij->...i" }),
  one("Relu", [[50, 700]]),
  one("Add", [[50, 700], [700]]),
  one("Where", [whole("bool", [300, 300], 0, 1), [300, 300], [300, 300]]),
  one("Softmax", ROWS),
  one("LayerNormalization", [...ROWS, [700], [700]], {}, { outputs: 3 }),
  one("ReduceSum", [[9, 5000], constants(1)]),
  one("ReduceMean", [[5000, 9]], { axes: [0] }),
  one("Transpose", [[200, 300]]),
  one("Slice", [[200, 300], constants(150), constants(0), constants(0), constants(-2)]),
  one("Concat", [[100, 300], [70, 300]], { axis: 0 }),
  one("Split", [[200, 300]], { axis: 0 }, { outputs: 2 }),
  one("Pad", [[150, 300], constants(3, 0, 2, 1), scalar(1)]),
  one("Expand", [[200, 1, 100], constants(200, 3, 100)]),
  one("Gather", [[900, 64], places([7, 5], 900)]),
  one("GatherElements", [[500, 64], places([20, 64], 500)], { axis: 0 }),
  one("GatherND", [[300, 20, 8], places([40, 2], 20)]),
  one("ScatterElements", [[300, 64], places([9, 64], 300), [9, 64]], { axis: 0 }),
  one("ScatterND", [[600, 64], places([30, 1], 600), [30, 64]]),
  one("BatchNormalization", [[2, 3, 90, 90], [3], [3], [3], [3]]),
  one("MaxPool", [[2, 3, 90, 90]], { kernel_shape: [2, 2], strides: [2, 2] }, { outputs: 2 }),
  one("Resize", [[1, 2, 100, 100], undefined, { tensor: scales(1, 1, 2, 2), constant: true }]),
  one("Cast", [whole("int64", [30_000], -5, 5)], { to: 1 }),
];

function scales(...values: readonly number[]): Tensor {
  return { dtype: "float32", shape: [values.length], data: Float32Array.from(values) };
}

/** Operators that no kernel case has. */
const others: readonly Case[] = [
  ...["Sin", "Cos", "HardSigmoid", "HardSwish", "Elu", "Selu", "Celu", "ThresholdedRelu", "IsInf"].map(
    (operator) => one(operator, [[61]], {}, { opset: 20 }),
  ),
  one("Shrink", [[40]]),
  one("BitwiseNot", [whole("int32", [30], -9, 9)], {}, { opset: 18 }),
  ...["BitwiseAnd", "BitwiseOr", "BitwiseXor"].map((operator) =>
    one(operator, [whole("int32", [5, 6], 0, 99), whole("int32", [6], 0, 77)], {}, { opset: 18 })
  ),
  one("BitShift", [whole("uint8", [30], 0, 200), whole("uint8", [30], 0, 5)], { direction: "RIGHT" }),
  one("Mod", [[4, 9], [9]], { fmod: 1 }),
  ...["Sum", "Mean"].map((operator) => one(operator, [[4, 9], [9], [4, 1]])),
  one("ReduceProd", [[7, 8]], { axes: [1] }),
  ...["ReduceL2", "ReduceLogSum", "ReduceLogSumExp"].map((operator) =>
    one(operator, [[7, 90]], { axes: [1] })
  ),
  one("CumSum", [[7, 30], scalar(1, "int64")], { exclusive: 1, reverse: 1 }),
  one("Hardmax", [[7, 30]]),
  one("NegativeLogLikelihoodLoss", [[9, 5], whole("int64", [9], 0, 4), [5]], { ignore_index: 2 }),
  one("SoftmaxCrossEntropyLoss", [[9, 5], whole("int64", [9], 0, 4)], {}, { outputs: 2 }),
  one("SoftmaxCrossEntropyLoss", [[9, 5], whole("int64", [9], 0, 4)], { reduction: "none" }),
  one("ArgMax", [[7, 30]], { axis: 1 }),
  one("ArgMin", [[7, 30]], { axis: 0 }),
  one("TopK", [[7, 30], constants(4)], { axis: 1 }, { outputs: 2 }),
  one("Scatter", [[7, 5], places([3, 5], 7), [3, 5]], {}, { opset: 9 }),
  one("Dropout", [[90]], {}, { outputs: 2 }),
  one("Flatten", [[3, 4, 5]]),
  one("Squeeze", [[3, 1, 5], constants(1)]),
  one("Unsqueeze", [[3, 5], constants(1)]),
  one("Tile", [[3, 5], constants(2, 3)]),
  one("Trilu", [[4, 6], scalar(1, "int64")], { upper: 0 }),
  one("DepthToSpace", [[2, 8, 3, 4]], { blocksize: 2, mode: "CRD" }),
  one("SpaceToDepth", [[2, 2, 6, 4]], { blocksize: 2 }),
  one("ReverseSequence", [[5, 4, 3], whole("int64", [4], 1, 5)]),
  one("CastLike", [[30], whole("int32", [1], 0, 1)]),
  one("EyeLike", [[5, 6]], { k: 1 }),
  one("QuantizeLinear", [[5, 6], scalar(0.1), { tensor: integers("uint8", [], 1, 3, 3), constant: true }]),
  one("DequantizeLinear", [whole("uint8", [5, 6], 0, 255), scalar(0.1)]),
  one("DynamicQuantizeLinear", [[90]], {}, { outputs: 3 }),
  one("MatMulInteger", [whole("uint8", [7, 40], 0, 255), whole("int8", [40, 9], -128, 127)]),
  one("QLinearMatMul", [
    whole("uint8", [7, 40], 0, 255),
    scalar(0.1),
    whole("uint8", [], 3, 3),
    whole("uint8", [40, 9], 0, 255),
    scalar(0.2),
    whole("uint8", [], 5, 5),
    scalar(9),
    whole("uint8", [], 7, 7),
  ]),
  one("ConvInteger", [whole("uint8", [1, 2, 7, 7], 0, 255), whole("uint8", [3, 2, 3, 3], 0, 255)]),
  one("QLinearConv", [
    whole("uint8", [1, 2, 7, 7], 0, 255),
    scalar(0.1),
    whole("uint8", [], 3, 3),
    whole("uint8", [3, 2, 3, 3], 0, 255),
    scalar(0.2),
    whole("uint8", [], 5, 5),
    scalar(9),
    whole("uint8", [], 7, 7),
  ]),
  one("GlobalMaxPool", [[2, 3, 5, 7]]),
  one("RotaryEmbedding", [[2, 3, 5, 8], [20, 4], [20, 4], whole("int64", [2, 5], 0, 19)], {}, { opset: 23 }),
];

/** Whether a case's node is still there once its graph is built: the builder folds what shapes alone decide. */
export function hasNode(each: Case): boolean {
  return build(each, "near", 1).graph.nodes.length > 0;
}

/** Everything beyond the kernels' cases. */
export const ACCESS_CASES: readonly Case[] = [...large, ...others];

/** A node with its inputs. */
export interface NodeForm {
  readonly title: string;
  readonly node: GraphNode;
  readonly opset: number;
  readonly inputs: readonly (Tensor | undefined)[];
  readonly outputs: readonly TensorInfo[];
}

/** The node of a case, its inputs of one kind of floats. */
export function formOf(each: Case, kind: FloatKind, seed: number): NodeForm {
  const { graph, tensors } = build(each, kind, seed);
  const node = must(graph.nodes[0]);
  return {
    title: title(each),
    node,
    opset: graph.opset,
    inputs: node.inputs.map((
      name,
    ) => (name === "" ? undefined : tensors[name] ?? graph.initializers.get(name))),
    outputs: node.outputs.map((name) => must(graph.types.get(name))),
  };
}

/** Operators that ONNX has not, and those that no graph has as it is built. */
export const OWN_FORMS: readonly NodeForm[] = [
  own("EmbeddingGradient", [integers("int64", [3000], 5, -900, 899), floats([3000, 16], 4, "wide")], [
    900,
    16,
  ]),
  own(
    "CounterDropout",
    [floats([90], 3, "near"), scalarTensor(0.4, "float32"), scalarTensor(5, "int64")],
    [90],
    { seed: { type: "int", value: 7n }, stream: { type: "int", value: 1n } },
  ),
  own("ConstantOfShape", [integers("int64", [2], 1, 3, 3)], [3, 3], {}, ""),
  own("Range", [1, 9, 0.5].map((value) => scalarTensor(value, "float32")), [16], {}, ""),
  own("Shape", [floats([3, 4, 5], 1, "near")], [3], {}, "", "int64"),
  own("Size", [floats([3, 4, 5], 1, "near")], [], {}, "", "int64"),
  own("Constant", [], [2], { value_floats: { type: "floats", value: [1, 2.5] } }, ""),
  own(
    "Dropout",
    [floats([90], 3, "near"), scalarTensor(0.4, "float32"), scalarTensor(1, "bool")],
    [90],
    { seed: { type: "int", value: 7n } },
    "",
  ),
];

function own(
  operator: string,
  inputs: readonly Tensor[],
  shape: readonly number[],
  attributes: GraphNode["attributes"] = {},
  domain = ASSAY_DOMAIN,
  dtype: Dtype = "float32",
): NodeForm {
  const names = inputs.map((_, i) => `x${i}`);
  return {
    title: operator,
    node: { name: "n", operator, domain, inputs: names, outputs: ["y"], attributes },
    opset: 17,
    inputs,
    outputs: [{ dtype, shape }],
  };
}
