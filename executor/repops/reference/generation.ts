/**
 * Tensors from little: constants, ranges, shapes, random masks (SPEC 6.13).
 *
 * @module
 */
import type { Tensor } from "../../tensor.ts";
import { add, canonical, divide, multiply, subtract, threefry, type WordPair, wrap } from "../numbers/mod.ts";
import { admit, isFloat } from "../values.ts";
import { floatAttribute, intAttribute } from "./attributes.ts";
import { type Call, dimension, type ElementRule, input, output, type ReferenceOperator } from "./call.ts";
import { extent } from "./positions.ts";

const constant: ReferenceOperator = (call) => {
  const { value, value_float, value_floats, value_int, value_ints } = call.node.attributes;
  if (value?.type === "tensor") return [elementsOf(value.value)];
  if (value_float?.type === "float") return [() => canonical(Math.fround(value_float.value))];
  if (value_floats?.type === "floats") {
    return [(index) => canonical(Math.fround(value_floats.value[index] ?? 0))];
  }
  if (value_int?.type === "int") return [elementsOf(int64([value_int.value]))];
  return [elementsOf(int64(value_ints?.type === "ints" ? value_ints.value : []))];
};

function int64(values: readonly bigint[]): Tensor {
  return { dtype: "int64", shape: [values.length], data: BigInt64Array.from(values) };
}

function elementsOf(tensor: Tensor): ElementRule {
  const { words } = admit(tensor);
  return (index) => words[index] ?? 0;
}

const constantOfShape: ReferenceOperator = (call) => {
  const { value } = call.node.attributes;
  const fill = value?.type === "tensor" ? elementsOf(value.value)(0) : 0;
  return [() => fill];
};

const shape: ReferenceOperator = (call) => {
  const x = input(call, 0);
  const start = intAttribute(call.node, "start", 0);
  const first = start < 0 ? Math.max(0, start + x.shape.length) : start;
  return [(index) => dimension(x, first + index)];
};

const size: ReferenceOperator = (call) => [() => extent(input(call, 0).shape)];

const range: ReferenceOperator = (call) => {
  const [start, step] = [input(call, 0).at(0), input(call, 2).at(0)];
  const { dtype } = output(call);
  if (isFloat(dtype)) return [(index) => add(start, multiply(index, step))];
  return [(index) => wrap(dtype, start + Math.imul(index, step))];
};

const eyeLike: ReferenceOperator = (call) => {
  const columns = output(call).shape[1] ?? 1;
  const k = intAttribute(call.node, "k", 0);
  return [(index) => (index % columns - Math.floor(index / columns) === k ? 1 : 0)];
};

/** Random bits that decide a Dropout: the threshold has 24 bits, so that it is exact in binary32. */
const DROPOUT_BITS = 24;

/** The key of a node's draws. */
export function dropoutKey({ node }: Pick<Call, "node">): WordPair {
  const attribute = node.attributes["seed"];
  const seed = attribute?.type === "int" ? attribute.value : 0n;
  const high = Number(BigInt.asUintN(32, seed >> 32n));
  return [Number(BigInt.asUintN(32, seed)), (high ^ intAttribute(node, "stream", 0)) >>> 0];
}

/** The least 24-bit number that keeps an element: all do at a ratio of 0 or less, none from 1 on. */
export function dropoutThreshold(ratio: number): number {
  const most = 2 ** DROPOUT_BITS;
  return Math.max(0, Math.min(most, Math.floor(ratio * most)));
}

/** Which elements stay: a function of key, step and position alone. */
function dropoutKeeps(key: WordPair, step: number, ratio: number): (index: number) => boolean {
  const threshold = dropoutThreshold(ratio);
  return (index) => threefry(key, [step >>> 0, index])[0] >>> (32 - DROPOUT_BITS) >= threshold;
}

/** The kept elements scaled by 1/(1 - ratio), and the mask. */
function dropped(call: Call, ratio: number, keeps: (index: number) => boolean): readonly ElementRule[] {
  const x = input(call, 0);
  const scale = divide(1, subtract(1, ratio));
  return [(index) => (keeps(index) ? multiply(x.at(index), scale) : 0), (index) => (keeps(index) ? 1 : 0)];
}

/** ONNX's Dropout: the identity unless its third input says training; then step 0. */
const dropout: ReferenceOperator = (call) => {
  const ratio = call.inputs[1]?.at(0) ?? floatAttribute(call.node, "ratio", 0.5);
  const training = (call.inputs[2]?.at(0) ?? 0) !== 0;
  const keeps = training ? dropoutKeeps(dropoutKey(call), 0, ratio) : () => true;
  return dropped(call, training ? ratio : 0, keeps);
};

/** Dropout whose mask depends on the training step, its third input. */
const counterDropout: ReferenceOperator = (call) => {
  const ratio = input(call, 1).at(0);
  return dropped(call, ratio, dropoutKeeps(dropoutKey(call), input(call, 2).at(0), ratio));
};

/** Operators by name. */
export const generationOperators: Readonly<Record<string, ReferenceOperator>> = {
  Constant: constant,
  ConstantOfShape: constantOfShape,
  Shape: shape,
  Size: size,
  Range: range,
  EyeLike: eyeLike,
  Dropout: dropout,
  CounterDropout: counterDropout,
};
