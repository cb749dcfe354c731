/**
 * Quantised operators (SPEC 7.5) as float ones, whose bits are then the same since every step is exact or the one that is defined.
 *
 * - A sum of integer products is exact modulo 2^32. With factors of at most 255 in magnitude, 256 terms stay below 2^24, where floats
 *   count exactly, in either precision and any order. So it is one float product for each 256 terms, and a sum of integers.
 * - What is quantised is limited to +-2^20 after it is rounded: there the zero point is added exactly, and what is cut off lies beyond
 *   every type of 16 bits.
 *
 * @module
 */
import { ONNX_TYPE } from "../../../onnx/mod.ts";
import { extent, intAttribute, normalAxis } from "../../reference/mod.ts";
import type { Dtype } from "../../../../ledger/primitives/mod.ts";
import { reduce } from "./reductions.ts";
import type { Expansion, Result, Writer } from "./writer.ts";

/** Terms of a float product that is exact. */
const EXACT_TERMS = 256;
/** Longest sum that is written as float products: there is a handful of nodes for each 256 terms. */
const LONGEST = 2 ** 14;
/** Where a rounded value is cut off before the zero point is added. */
const FAR = 2 ** 20;

const isByte = (dtype: Dtype | undefined) => dtype === "int8" || dtype === "uint8";
const isNarrow = (dtype: Dtype | undefined) => isByte(dtype) || dtype === "int16" || dtype === "uint16";

const cast = (writer: Writer, value: string, to: Dtype, result?: Result) =>
  writer.add("Cast", [value], { to: ONNX_TYPE[to] }, result);
const toFloat = (writer: Writer, value: string) =>
  writer.type(value).dtype === "float32" ? value : cast(writer, value, "float32");

/** Rounds, adds the zero point (floats) and limits to the type. */
function quantise(
  writer: Writer,
  scaled: string,
  zero: string | undefined,
  dtype: Dtype,
  result?: Result,
): string {
  const rounded = writer.add("Round", [scaled]);
  const near = writer.add("Clip", [rounded, writer.floats([], [-FAR]), writer.floats([], [FAR])]);
  return cast(writer, zero === undefined ? near : writer.add("Add", [near, zero]), dtype, result);
}

/** How a parameter meets the elements: their shape, the parameter's, and both in places of the other. */
interface Spread {
  /** The elements' shape, apart into blocks if the parameter has one value for each. */
  readonly apart: readonly number[];
  /** A parameter's shape, to be broadcast to it. */
  readonly parameter: readonly number[];
}

/** Of one scale for all, for each place on an axis, or for each block along it; `undefined` for blocks that do not divide it. */
function spreadOf(writer: Writer): Spread | undefined {
  const shape = writer.input(0)?.shape ?? [], scale = writer.input(1)?.shape ?? [];
  if (extent(scale) === 1) return { apart: shape, parameter: [] };
  const axis = normalAxis(intAttribute(writer.node, "axis", 1), shape.length), size = shape[axis] ?? 1;
  const block = intAttribute(writer.node, "block_size", 0);
  if (block === 0) {
    return extent(scale) === size
      ? { apart: shape, parameter: shape.map((_, i) => i === axis ? size : 1) }
      : undefined;
  }
  const blocks = size / block;
  if (!Number.isInteger(blocks) || String(scale) !== String(shape.with(axis, blocks))) return undefined;
  return {
    apart: shape.toSpliced(axis, 1, blocks, block),
    parameter: shape.toSpliced(axis, 1, blocks, 1),
  };
}

/** An input as floats under the shape of a parameter; `undefined` if it is absent. */
function parameterOf(writer: Writer, index: number, shape: readonly number[]): string | undefined {
  const info = writer.input(index);
  if (!info) return undefined;
  const lying = writer.add("Reshape", [writer.node.inputs[index] ?? "", writer.integers(shape)]);
  return toFloat(writer, lying);
}

const quantizeLinear: Expansion = (writer) => {
  const { node } = writer, x = writer.input(0), { dtype, shape } = writer.type(node.outputs[0] ?? "");
  const spread = spreadOf(writer);
  const isServed = x && (x.dtype === "float32" || x.dtype === "int32") && isNarrow(dtype) &&
    writer.input(1)?.dtype === "float32" && !shape.includes(0);
  if (!isServed || !spread) return false;
  const apart = writer.add("Reshape", [node.inputs[0] ?? "", writer.integers(spread.apart)]);
  const scale = parameterOf(writer, 1, spread.parameter) ?? "";
  const scaled = writer.add("Div", [toFloat(writer, apart), scale]);
  const quantised = quantise(writer, scaled, parameterOf(writer, 2, spread.parameter), dtype);
  writer.add("Reshape", [quantised, writer.integers(shape)], {}, "last");
  return true;
};

const dequantizeLinear: Expansion = (writer) => {
  const { node } = writer, x = writer.input(0), { shape } = writer.type(node.outputs[0] ?? "");
  const spread = spreadOf(writer);
  // Differences of 16-bit integers are exact floats; those of wider ones are not.
  const isServed = isNarrow(x?.dtype) || (x?.dtype === "int32" && !writer.input(2));
  if (!isServed || !spread || writer.input(1)?.dtype !== "float32" || shape.includes(0)) return false;
  const apart = writer.add("Reshape", [node.inputs[0] ?? "", writer.integers(spread.apart)]);
  const zero = parameterOf(writer, 2, spread.parameter), whole = toFloat(writer, apart);
  const shifted = zero === undefined ? whole : writer.add("Sub", [whole, zero]);
  const product = writer.add("Mul", [shifted, parameterOf(writer, 1, spread.parameter) ?? ""]);
  writer.add("Reshape", [product, writer.integers(shape)], {}, "last");
  return true;
};

const dynamicQuantizeLinear: Expansion = (writer) => {
  const { node } = writer, x = writer.input(0);
  if (x?.dtype !== "float32" || x.shape.includes(0) || node.outputs.length !== 3) return false;
  const nothing = writer.floats([], [0]);
  const flat = writer.add("Reshape", [node.inputs[0] ?? "", writer.integers([-1])]);
  const low = writer.add("Min", [nothing, reduce(writer, "ReduceMin", flat, [0], 0)]);
  const high = writer.add("Max", [nothing, reduce(writer, "ReduceMax", flat, [0], 0)]);
  const range = writer.add("Sub", [high, low]);
  const scale = writer.add("Div", [range, writer.floats([], [255])], {}, 1);
  const isFlat = writer.add("Equal", [scale, nothing]);
  const unless = (value: string) => writer.add("Where", [isFlat, nothing, value]);
  const place = writer.add("Round", [unless(writer.add("Div", [writer.add("Neg", [low]), scale]))]);
  const zero = writer.add("Clip", [place, nothing, writer.floats([], [255])]);
  cast(writer, zero, "uint8", 2);
  quantise(writer, unless(writer.add("Div", [node.inputs[0] ?? "", scale])), zero, "uint8", 0);
  return true;
};

/** Whether an input is of bytes, with one zero point or `count` of them. */
function isCentrable(writer: Writer, index: number, zeroIndex: number, count: number): boolean {
  const zeros = extent(writer.input(zeroIndex)?.shape ?? []);
  return isByte(writer.input(index)?.dtype) && (zeros === 1 || zeros === count);
}

/** Elements less their zero points, as floats: exact. `shape` is that of zero points that are not one for all. */
function centred(writer: Writer, index: number, zeroIndex: number, shape: readonly number[]): string {
  const whole = toFloat(writer, writer.node.inputs[index] ?? ""), zero = writer.input(zeroIndex);
  if (!zero) return whole;
  return writer.add("Sub", [
    whole,
    parameterOf(writer, zeroIndex, extent(zero.shape) === 1 ? [] : shape) ?? "",
  ]);
}

/** Adds pieces that are exact as floats, as integers. */
function integerSum(writer: Writer, pieces: readonly string[], result?: Result): string {
  const last = pieces.length - 1;
  return pieces.slice(1).reduce(
    (sum, piece, i) =>
      writer.add("Add", [sum, cast(writer, piece, "int32")], {}, i === last - 1 ? result : undefined),
    cast(writer, pieces[0] ?? "", "int32", last === 0 ? result : undefined),
  );
}

/** A stretch along an axis. */
function slice(writer: Writer, value: string, from: number, to: number, axis: number): string {
  return writer.add("Slice", [value, ...[[from], [to], [axis]].map((list) => writer.integers(list))]);
}

/** Stretches of a length that are exact to sum over. */
function stretches(length: number, each: number): readonly (readonly [from: number, to: number])[] {
  return Array.from(
    { length: Math.ceil(length / each) },
    (_, i) => [i * each, Math.min(length, (i + 1) * each)] as const,
  );
}

/** The integer product of inputs 0 and `b`; `undefined` if this form of it is not served. */
function integerProduct(
  writer: Writer,
  [b, zeroA, zeroB]: readonly [number, number, number],
  result?: Result,
): string | undefined {
  const shapeA = writer.input(0)?.shape ?? [], shapeB = writer.input(b)?.shape ?? [];
  const [rows = 1, inner = 1] = shapeA.slice(-2), columns = shapeB.at(-1) ?? 1;
  const isServed = shapeA.length >= 2 && shapeB.length >= 2 && ![...shapeA, ...shapeB].includes(0);
  if (!isServed || inner > LONGEST) return undefined;
  if (!isCentrable(writer, 0, zeroA, rows) || !isCentrable(writer, b, zeroB, columns)) return undefined;
  const left = centred(writer, 0, zeroA, [rows, 1]), right = centred(writer, b, zeroB, [columns]);
  const parts = stretches(inner, EXACT_TERMS), isWhole = parts.length === 1;
  const pieces = parts.map(([from, to]) =>
    writer.add("MatMul", [
      isWhole ? left : slice(writer, left, from, to, shapeA.length - 1),
      isWhole ? right : slice(writer, right, from, to, shapeB.length - 2),
    ])
  );
  return integerSum(writer, pieces, result);
}

/** The integer convolution of inputs 0 and `w`; `undefined` if this form of it is not served. */
function integerConvolution(
  writer: Writer,
  [w, zeroX, zeroW]: readonly [number, number, number],
  result?: Result,
): string | undefined {
  const x = writer.input(0)?.shape ?? [],
    [outputs = 1, channels = 1, ...kernel] = writer.input(w)?.shape ?? [];
  const each = Math.floor(EXACT_TERMS / extent(kernel)), group = intAttribute(writer.node, "group", 1);
  const isServed = kernel.length <= 2 && each > 0 && ![...x, outputs, channels, ...kernel].includes(0) &&
    (channels <= each || (group === 1 && channels * extent(kernel) <= LONGEST));
  if (!isServed || !isCentrable(writer, 0, zeroX, 1) || !isCentrable(writer, w, zeroW, outputs)) {
    return undefined;
  }
  const left = centred(writer, 0, zeroX, []);
  const right = centred(writer, w, zeroW, [outputs, 1, ...kernel.map(() => 1)]);
  const parts = stretches(channels, each), isWhole = parts.length === 1;
  const pieces = parts.map(([from, to]) =>
    writer.add("Conv", [
      isWhole ? left : slice(writer, left, from, to, 1),
      isWhole ? right : slice(writer, right, from, to, 1),
    ], writer.node.attributes)
  );
  return integerSum(writer, pieces, result);
}

/** Takes an integer sum to the output's scale. Positions of the scales and the zero point; shapes of scales by row or column. */
function requantise(
  writer: Writer,
  sum: string,
  [scaleA, scaleB, scaleY, zeroY]: readonly [number, number, number, number],
  [shapeA, shapeB]: readonly [readonly number[], readonly number[]],
): void {
  const scale = (index: number, shape: readonly number[]) =>
    parameterOf(writer, index, extent(writer.input(index)?.shape ?? []) === 1 ? [] : shape) ?? "";
  const product = writer.add("Mul", [scale(scaleA, shapeA), scale(scaleB, shapeB)]);
  const ratio = writer.add("Div", [product, scale(scaleY, [])]);
  const scaled = writer.add("Mul", [toFloat(writer, sum), ratio]);
  const { dtype } = writer.type(writer.node.outputs[0] ?? "");
  quantise(writer, scaled, parameterOf(writer, zeroY, []), dtype, "last");
}

/** Whether scales are floats, one for all or as many as are said. */
function haveScales(writer: Writer, counts: Readonly<Record<number, number>>): boolean {
  return Object.entries(counts).every(([index, count]) => {
    const info = writer.input(Number(index)), given = extent(info?.shape ?? []);
    return info?.dtype === "float32" && (given === 1 || given === count);
  });
}

const isOne = (writer: Writer, index: number) => extent(writer.input(index)?.shape ?? []) === 1;

const qLinearMatMul: Expansion = (writer) => {
  const [rows = 1] = writer.input(0)?.shape.slice(-2) ?? [], columns = writer.input(3)?.shape.at(-1) ?? 1;
  if (!haveScales(writer, { 1: rows, 4: columns, 6: 1 }) || !isOne(writer, 7)) return false;
  const sum = integerProduct(writer, [3, 2, 5]);
  if (sum !== undefined) requantise(writer, sum, [1, 4, 6, 7], [[rows, 1], [columns]]);
  return sum !== undefined;
};

const qLinearConv: Expansion = (writer) => {
  const [outputs = 1, , ...kernel] = writer.input(3)?.shape ?? [], bias = writer.node.inputs[8] ?? "";
  if (!haveScales(writer, { 1: 1, 4: outputs, 6: 1 }) || !isOne(writer, 7)) return false;
  const sum = integerConvolution(writer, [3, 2, 5]);
  if (sum === undefined) return false;
  const byChannel = [outputs, ...kernel.map(() => 1)];
  const total = bias === ""
    ? sum
    : writer.add("Add", [sum, writer.add("Reshape", [bias, writer.integers(byChannel)])]);
  requantise(writer, total, [1, 4, 6, 7], [[], byChannel]);
  return true;
};

/** Expansions by operator. */
export const quantizationExpansions: Readonly<Record<string, Expansion>> = {
  QuantizeLinear: quantizeLinear,
  DequantizeLinear: dequantizeLinear,
  DynamicQuantizeLinear: dynamicQuantizeLinear,
  MatMulInteger: (writer) => integerProduct(writer, [1, 2, 3], "last") !== undefined,
  ConvInteger: (writer) => integerConvolution(writer, [1, 2, 3], "last") !== undefined,
  QLinearMatMul: qLinearMatMul,
  QLinearConv: qLinearConv,
};
