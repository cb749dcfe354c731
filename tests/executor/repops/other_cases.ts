/**
 * Cases of operators that are small, quantised, read by index, or known before they run.
 *
 * @module
 */
import { type Case, constants, type Given, one, places, scalar, whole, words } from "./kernel_case.ts";
import { floats, integers } from "./random_values.ts";

/** Operators that run on the reference, and those that are known before they run or move nothing. */
export function otherCases(): readonly Case[] {
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
