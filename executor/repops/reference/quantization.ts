/**
 * Quantised integer operators (SPEC 7.5). Their sums are exact integers modulo 2^32, so their order does not matter.
 *
 * @module
 */
import type { Dtype } from "../../../ledger/primitives/mod.ts";
import { canonical, divide, multiply, roundHalfEven, saturate } from "../numbers/mod.ts";
import { isFloat } from "../values.ts";
import { intAttribute } from "./attributes.ts";
import { type Call, dimension, input, type Operand, output, type ReferenceOperator } from "./call.ts";
import { conversion } from "./casting.ts";
import { convolutionTerms } from "./convolution.ts";
import { extent, lineThrough, normalAxis } from "./positions.ts";
import { matrixPlaces } from "./products.ts";

/** round(x) + zero point, ties to even, limited to the type. */
function quantise(dtype: Dtype, scaled: number, zero: number): number {
  return saturate(dtype, Math.sign(scaled) * roundHalfEven(Math.abs(scaled)) + zero);
}

/** A scale or zero point: one, one for each place on an axis, or one for each block along it. */
function parameterAt(call: Call, parameter: Operand | undefined): (index: number) => number {
  if (!parameter) return () => 0;
  if (extent(parameter.shape) === 1) return () => parameter.at(0);
  const x = input(call, 0);
  const axis = normalAxis(intAttribute(call.node, "axis", 1), x.shape.length);
  const block = intAttribute(call.node, "block_size", 0);
  if (block === 0) return (index) => parameter.at(lineThrough(index, x.shape, axis).place);
  const inner = extent(x.shape, axis + 1);
  return (index) => {
    const line = lineThrough(index, x.shape, axis);
    const outer = Math.floor(index / (inner * line.length));
    const blockRow = outer * dimension(parameter, axis) + Math.floor(line.place / block);
    return parameter.at(blockRow * inner + index % inner);
  };
}

const quantizeLinear: ReferenceOperator = (call) => {
  const x = input(call, 0);
  const { dtype } = output(call);
  const scale = parameterAt(call, input(call, 1));
  const zero = parameterAt(call, call.inputs[2]);
  const value = isFloat(x.dtype) ? (v: number) => v : conversion(x.dtype, "float32");
  return [(index) => quantise(dtype, divide(value(x.at(index)), scale(index)), zero(index))];
};

const dequantizeLinear: ReferenceOperator = (call) => {
  const x = input(call, 0);
  const scale = parameterAt(call, input(call, 1));
  const zero = parameterAt(call, call.inputs[2]);
  return [(index) => multiply(Math.fround(x.at(index) - zero(index)), scale(index))];
};

/** uint8 with scale and zero point chosen from the data, as ONNX defines it. */
const dynamicQuantizeLinear: ReferenceOperator = (call) => {
  const x = input(call, 0);
  let parameters: { scale: number; zero: number } | undefined;
  const choose = () => {
    let [low, high] = [0, 0];
    for (let i = 0; i < extent(x.shape); i++) {
      low = Math.min(low, x.at(i));
      high = Math.max(high, x.at(i));
    }
    const scale = divide(canonical(Math.fround(high - low)), 255);
    const zero = scale === 0 ? 0 : quantise("uint8", divide(canonical(-low), scale), 0);
    return { scale, zero };
  };
  const chosen = () => parameters ??= choose();
  return [
    (index) => {
      const { scale, zero } = chosen();
      return scale === 0 ? 0 : quantise("uint8", divide(x.at(index), scale), zero);
    },
    () => chosen().scale,
    () => chosen().zero,
  ];
};

/** A zero point for each row (A) or column (B) of a product, or one for all. */
function zeroAt(zero: Operand | undefined, place: number): number {
  if (!zero) return 0;
  return zero.at(extent(zero.shape) === 1 ? 0 : place);
}

function integerProduct(
  call: Call,
  positions: readonly [b: number, zeroA: number, zeroB: number],
): (index: number) => number {
  const [a, b] = [input(call, 0), input(call, positions[0])];
  const [zeroA, zeroB] = [call.inputs[positions[1]], call.inputs[positions[2]]];
  const operands = { ...call, inputs: [a, b] };
  const places = matrixPlaces(operands);
  return (index) => {
    const { inner, row, column, columns, startA, startB } = places(index);
    const [offsetA, offsetB] = [zeroAt(zeroA, row), zeroAt(zeroB, column)];
    let sum = 0;
    for (let k = 0; k < inner; k++) {
      sum = (sum + Math.imul(a.at(startA + k) - offsetA, b.at(startB + k * columns) - offsetB)) | 0;
    }
    return sum;
  };
}

const matMulInteger: ReferenceOperator = (call) => [integerProduct(call, [1, 2, 3])];

/** The factor scaleA * scaleB / scaleY that takes an integer sum to the output's scale. */
export function requantisationRatio(scaleA: number, scaleB: number, scaleY: number): number {
  return divide(multiply(scaleA, scaleB), scaleY);
}

/** An integer sum times its ratio, rounded, shifted to the zero point and limited to the type. */
export function requantise(dtype: Dtype, sum: number, ratio: number, zero: number): number {
  return quantise(dtype, multiply(Math.fround(sum), ratio), zero);
}

function requantised(
  call: Call,
  sum: number,
  scales: readonly [number, number, number],
  zero: number,
): number {
  return requantise(output(call).dtype, sum, requantisationRatio(...scales), zero);
}

const qLinearMatMul: ReferenceOperator = (call) => {
  const sum = integerProduct(call, [3, 2, 5]);
  const places = matrixPlaces({ ...call, inputs: [input(call, 0), input(call, 3)] });
  return [(index) => {
    const { row, column } = places(index);
    const scales = [
      zeroAt(input(call, 1), row),
      zeroAt(input(call, 4), column),
      zeroAt(input(call, 6), 0),
    ] as const;
    return requantised(call, sum(index), scales, zeroAt(call.inputs[7], 0));
  }];
};

function integerConvolution(
  call: Call,
  weightInput: number,
  zeros: readonly [x: Operand | undefined, w: Operand | undefined],
): (index: number) => { sum: number; channel: number } {
  const [x, w] = [input(call, 0), input(call, weightInput)];
  const termsOf = convolutionTerms(call, weightInput);
  return (index) => {
    const terms = termsOf(index);
    const offsetX = zeroAt(zeros[0], 0);
    const offsetW = zeroAt(zeros[1], terms.channel);
    let sum = 0;
    for (let k = 0; k < terms.count; k++) {
      const position = terms.inputPosition(k);
      if (position === undefined) continue;
      sum = (sum + Math.imul(x.at(position) - offsetX, w.at(terms.weightPosition(k)) - offsetW)) | 0;
    }
    return { sum, channel: terms.channel };
  };
}

const convInteger: ReferenceOperator = (call) => {
  const convolve = integerConvolution(call, 1, [call.inputs[2], call.inputs[3]]);
  return [(index) => convolve(index).sum];
};

const qLinearConv: ReferenceOperator = (call) => {
  const convolve = integerConvolution(call, 3, [call.inputs[2], call.inputs[5]]);
  const bias = call.inputs[8];
  return [(index) => {
    const { sum, channel } = convolve(index);
    const total = bias ? (sum + bias.at(channel)) | 0 : sum;
    const scales = [
      zeroAt(input(call, 1), 0),
      zeroAt(input(call, 4), channel),
      zeroAt(input(call, 6), 0),
    ] as const;
    return requantised(call, total, scales, zeroAt(call.inputs[7], 0));
  }];
};

/** Operators by name. */
export const quantizationOperators: Readonly<Record<string, ReferenceOperator>> = {
  QuantizeLinear: quantizeLinear,
  DequantizeLinear: dequantizeLinear,
  DynamicQuantizeLinear: dynamicQuantizeLinear,
  MatMulInteger: matMulInteger,
  QLinearMatMul: qLinearMatMul,
  ConvInteger: convInteger,
  QLinearConv: qLinearConv,
};
