/**
 * Elementwise operators.
 *
 * @module
 */
import type { Dtype } from "../../../../ledger/primitives/mod.ts";
import { bitsOf, canonical, integerRange, LARGEST } from "../../numbers/mod.ts";
import { floatAttribute, intAttribute, stringAttribute } from "../../reference/mod.ts";
import { isFloat } from "../../values.ts";
import { CANONICALIZE, MAP_AXES, MAP_EXTRAS, MAP_THREADS, MAPS } from "../shader/maps.ts";
import {
  type Compiler,
  countOf,
  type Dispatch,
  holdsFloats,
  isWord,
  knownElements,
  parametersOf,
  type Place,
  scratchPlace,
  type Site,
} from "./node.ts";
import { broadcastStrides, loopsOf } from "./strides.ts";
import { splitByNumber } from "./windows.ts";

/** Steps of a transcendental function, about: what a map takes for an element at most. */
const STEPS = 100;

/** Steps of a workgroup of so many maps in a row. */
export const mapSteps = (maps: number): number => maps * STEPS * MAP_THREADS;

/**
 * out = f(inputs), element by element, with broadcasting.
 *
 * @param extras Up to four numbers of the operator's own, as floats.
 * @returns `undefined` if there is no such map, or the operands' axes are too many.
 */
export function map(
  name: string,
  out: Place,
  inputs: readonly Place[],
  extras: readonly number[] = [],
): readonly Dispatch[] | undefined {
  const { shape } = out.info;
  const loops = loopsOf(shape, inputs.map((input) => broadcastStrides(input.info.shape, shape)));
  const shader = MAPS.get(name);
  if (!shader || loops.length > MAP_AXES) return undefined;
  const count = countOf(out);
  const axes = loops.flatMap(({ size, strides }, j) => [
    [1 + 2 * j, [size, ...strides.slice(0, 3)]],
    [2 + 2 * j, strides.slice(3)],
  ]);
  const dispatch: Dispatch = {
    shader,
    inputs: inputs.map(({ slot }) => slot),
    outputs: [out.slot],
    parameters: parametersOf({
      ...Object.fromEntries(axes),
      0: [0, count, 0, loops.length],
      [MAP_EXTRAS]: extras.map(bitsOf),
    }),
    workgroups: Math.ceil(count / MAP_THREADS),
    stepsEach: mapSteps(1),
  };
  const reaches = [
    ...inputs.map((input, i) => ({
      words: countOf(input),
      reach: { walk: loops.map(({ size, strides }) => ({ size, stride: strides[i] ?? 0 })) },
    })),
    { words: count, reach: { walk: [{ size: count, stride: 1 }] } },
  ];
  return [{ ...dispatch, split: (limit) => splitByNumber(dispatch, count, MAP_THREADS, reaches, limit) }];
}

/** Makes the floats of a buffer canonical where they lie. */
export function canonicalization(slot: number, words: number): Dispatch {
  const dispatch: Dispatch = {
    shader: CANONICALIZE,
    inputs: [],
    outputs: [slot],
    parameters: parametersOf({ 0: [0, words] }),
    workgroups: Math.ceil(words / MAP_THREADS),
    stepsEach: MAP_THREADS,
  };
  const reaches = [{ words, reach: { walk: [{ size: words, stride: 1 }] } }];
  return { ...dispatch, split: (limit) => splitByNumber(dispatch, words, MAP_THREADS, reaches, limit) };
}

/** One after the other; `undefined` if one of them is. */
export function inOrder(
  ...parts: readonly (readonly Dispatch[] | undefined)[]
): readonly Dispatch[] | undefined {
  const all: Dispatch[] = [];
  for (const part of parts) {
    if (!part) return undefined;
    all.push(...part);
  }
  return all;
}

/** A scalar that the graph does not have, as an operand. */
export function scalar(site: Site, value: number): Place {
  const slot = site.known(Uint32Array.of(bitsOf(value)));
  return { info: { dtype: "float32", shape: [] }, slot, constant: undefined };
}

/** A map of one float, with attributes as parameters: name and value in their absence. */
const unary = (name: string, ...attributes: readonly (readonly [string, number])[]): Compiler => (site) => {
  const [a] = site.inputs;
  const [out] = site.outputs;
  if (!holdsFloats(a) || !out) return undefined;
  const extras = attributes.map(([attribute, otherwise]) =>
    canonical(floatAttribute(site.node, attribute, otherwise))
  );
  return map(name, out, [a], extras);
};

const FLOAT_ONLY = new Set(["Div", "Pow", "PRelu"]);
const BITWISE = new Set(["BitwiseAnd", "BitwiseOr", "BitwiseXor"]);
const LOGICAL = new Set(["And", "Or", "Xor"]);

/** The map for an operator on operands of this kind. */
function binaryName(operator: string, a: Place): string | undefined {
  const { dtype } = a.info;
  if (LOGICAL.has(operator)) return dtype === "bool" ? operator : undefined;
  if (BITWISE.has(operator)) return holdsFloats(a) ? undefined : operator;
  if (holdsFloats(a)) return operator;
  if (operator === "Equal") return "EqualInt";
  if (operator === "Div" && isWord(dtype)) return "DivInt";
  return isWord(dtype) && !FLOAT_ONLY.has(operator) ? `${operator}Int` : undefined;
}

/** Operands folded from the left. */
const folded = (operator: string): Compiler => (site) => {
  const operands = site.inputs.flatMap((input) => (input ? [input] : []));
  const [first, ...others] = operands;
  const [out] = site.outputs;
  if (!first || !out || operands.length < site.inputs.length) return undefined;
  const name = binaryName(operator, first);
  if (!name) return undefined;
  if (others.length === 0) return map("Copy", out, [first]);
  let sum = first;
  const parts = others.map((other, i) => {
    const target = i === others.length - 1 ? out : scratchPlace(site, out.info.shape);
    const part = map(name, target, [sum, other]);
    sum = target;
    return part;
  });
  return inOrder(...parts);
};

const binary = (operator: string): Compiler => (site) =>
  site.inputs.length === 2 ? folded(operator)(site) : undefined;

/** A whole number as a parameter of a map: they go by the floats that have their bits. */
const wordParameter = (value: number): number => value * 2 ** -149;

/** Bits of a word that a type leaves free. */
function freeBits(dtype: Dtype): number {
  return dtype === "int8" || dtype === "uint8" ? 24 : dtype === "int16" || dtype === "uint16" ? 16 : 0;
}

const isUnsigned = (dtype: Dtype): boolean => dtype.startsWith("uint");
/** Whether the type is held as a word without a sign. */
const isUnsignedWord = (dtype: Dtype): boolean => dtype === "uint32" || dtype === "uint64";

const bitShift: Compiler = (site) => {
  const [a, b] = site.inputs;
  const [out] = site.outputs;
  if (!a || !b || !out || !isUnsigned(a.info.dtype)) return undefined;
  return stringAttribute(site.node, "direction", "LEFT") === "LEFT"
    ? map("ShiftLeft", out, [a, b], [wordParameter(freeBits(a.info.dtype))])
    : map("ShiftRight", out, [a, b]);
};

const mod: Compiler = (site) => {
  const [a, b] = site.inputs;
  const [out] = site.outputs;
  if (!a || !b || !out) return undefined;
  if (isFloat(a.info.dtype)) return map("Mod", out, [a, b]);
  if (isUnsignedWord(a.info.dtype)) return map("ModUnsigned", out, [a, b]);
  return map(intAttribute(site.node, "fmod", 0) !== 0 ? "ModTruncatedInt" : "ModInt", out, [a, b]);
};

const gelu: Compiler = (site) =>
  unary(stringAttribute(site.node, "approximate", "none") === "tanh" ? "GeluTanh" : "Gelu")(site);

const swish: Compiler = (site) =>
  floatAttribute(site.node, "alpha", 1) === 1 ? unary("Silu")(site) : unary("Swish", ["alpha", 1])(site);

const clip: Compiler = (site) => {
  const [a, low, high] = site.inputs;
  const [out] = site.outputs;
  if (!holdsFloats(a) || !out || (!low && !high)) return undefined;
  const flat = (place: Place): Place => ({ ...place, info: { ...place.info, shape: [] } });
  const bounds = [low ? flat(low) : scalar(site, -LARGEST), high ? flat(high) : scalar(site, LARGEST)];
  return map("Clip", out, [a, ...bounds]);
};

/** Powers by constant exponents that one map computes as the reference does. */
const POWERS: ReadonlyMap<number, string> = new Map([[1, "Copy"], [2, "Square"], [3, "Cube"], [0.5, "Sqrt"], [
  -1,
  "Reciprocal",
]]);

const pow: Compiler = (site) => {
  const [a, b] = site.inputs;
  const [out] = site.outputs;
  if (!a || !b || !out) return undefined;
  if (isWord(a.info.dtype) && isWord(b.info.dtype)) return map("PowInt", out, [a, b]);
  if (!holdsFloats(a) || !holdsFloats(b)) return undefined;
  const name = countOf(b) === 1 ? POWERS.get(knownElements(b)?.[0] ?? NaN) : undefined;
  return name && out.info.shape.length === a.info.shape.length
    ? map(name, out, [a])
    : map("Pow", out, [a, b]);
};

const where: Compiler = (site) => {
  const [condition, a, b] = site.inputs;
  const [out] = site.outputs;
  return condition && a && b && out ? map("Where", out, [condition, a, b]) : undefined;
};

const cast: Compiler = (site) => {
  const [a] = site.inputs;
  const [out] = site.outputs;
  if (!a || !out) return undefined;
  const [from, to] = [a.info.dtype, out.info.dtype];
  if (from === to) return map("Copy", out, [a]);
  const isNarrow = freeBits(to) > 0, isSigned = isWord(from) || from === "bool" || freeBits(from) > 0;
  if (from === "float32") {
    if (isNarrow) return map("NarrowOfFloat", out, [a], integerRange(to));
    return to === "bool" ? map("Truth", out, [a]) : isWord(to) ? map("IntOfFloat", out, [a]) : undefined;
  }
  if (!isSigned && !isUnsignedWord(from)) return undefined;
  if (to === "bool") return map("Truth", out, [a]);
  if (to === "float32") return isSigned ? map("FloatOfInt", out, [a]) : undefined;
  if (isNarrow) {
    return map(isUnsigned(to) ? "NarrowUnsigned" : "NarrowSigned", out, [a], [wordParameter(freeBits(to))]);
  }
  return isWord(to) || isUnsignedWord(to) ? map("Copy", out, [a]) : undefined;
};

const onBool = (name: string): Compiler => (site) => {
  const [a] = site.inputs;
  const [out] = site.outputs;
  return a?.info.dtype === "bool" && out ? map(name, out, [a]) : undefined;
};

const bitwiseNot: Compiler = (site) => {
  const [a] = site.inputs;
  const [out] = site.outputs;
  return a && out && isWord(a.info.dtype) ? map("BitwiseNot", out, [a]) : undefined;
};

/** Inference leaves Dropout's input as it is. */
const dropout: Compiler = (site) => {
  const [a, , training] = site.inputs;
  const [out, mask] = site.outputs;
  if (!a || !out || mask || (training && knownElements(training)?.[0] !== 0)) return undefined;
  return map("Copy", out, [a]);
};

const isInf: Compiler = (site) => {
  const [a] = site.inputs;
  const [out] = site.outputs;
  if (!holdsFloats(a) || !out) return undefined;
  const flag = (name: string) => wordParameter(intAttribute(site.node, name, 1) !== 0 ? 1 : 0);
  return map("IsInf", out, [a], [flag("detect_positive"), flag("detect_negative")]);
};

/** Slope and scale of Selu (Klambauer et al., 2017), as ONNX gives them. */
const SELU_ALPHA = 1.67326319217681884765625;
const SELU_GAMMA = 1.05070102214813232421875;

const PLAIN = [
  "Abs",
  "Neg",
  "Sign",
  "Floor",
  "Ceil",
  "Round",
  "Sqrt",
  "Reciprocal",
  "Exp",
  "Log",
  "Sin",
  "Cos",
  "Erf",
  "Sigmoid",
  "Tanh",
  "Softplus",
  "Softsign",
  "Mish",
  "Relu",
];

const PAIRS = [
  "Sub",
  "Div",
  "Add",
  "Mul",
  "PRelu",
  "Equal",
  "Less",
  "LessOrEqual",
  "Greater",
  "GreaterOrEqual",
  "And",
  "Or",
  "Xor",
  "BitwiseAnd",
  "BitwiseOr",
  "BitwiseXor",
];

/** Compilers by operator. */
export const mapCompilers: Readonly<Record<string, Compiler>> = {
  ...Object.fromEntries(PLAIN.map((name) => [name, unary(name)])),
  ...Object.fromEntries(PAIRS.map((name) => [name, binary(name)])),
  Max: folded("Max"),
  Min: folded("Min"),
  Sum: folded("Add"),
  Gelu: gelu,
  Swish: swish,
  LeakyRelu: unary("LeakyRelu", ["alpha", 0.01]),
  ThresholdedRelu: unary("ThresholdedRelu", ["alpha", 1]),
  Elu: unary("Elu", ["alpha", 1]),
  Selu: unary("Selu", ["alpha", SELU_ALPHA], ["gamma", SELU_GAMMA]),
  Celu: unary("Celu", ["alpha", 1]),
  HardSigmoid: unary("HardSigmoid", ["alpha", 0.2], ["beta", 0.5]),
  // 1/6 and 1/2 are fixed: no attribute has an empty name.
  HardSwish: unary("HardSwish", ["", 1 / 6], ["", 0.5]),
  Shrink: unary("Shrink", ["bias", 0], ["lambd", 0.5]),
  IsInf: isInf,
  Clip: clip,
  Pow: pow,
  Mod: mod,
  BitShift: bitShift,
  Where: where,
  Cast: cast,
  CastLike: cast,
  Not: onBool("Not"),
  BitwiseNot: bitwiseNot,
  Dropout: dropout,
};
