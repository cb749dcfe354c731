/**
 * Functions of one element (SPEC 6.1).
 *
 * @module
 */
import {
  add,
  bitsOf,
  canonical,
  cosine,
  divide,
  errorFunction,
  exponential,
  gelu,
  geluTanh,
  hyperbolicTangent,
  logarithm,
  multiply,
  roundHalfEven,
  sigmoid,
  silu,
  sine,
  softplus,
  squareRoot,
  subtract,
  wrap,
} from "../numbers/mod.ts";
import { isFloat } from "../values.ts";
import { floatAttribute, intAttribute, stringAttribute } from "./attributes.ts";
import { type Call, input, type ReferenceOperator } from "./call.ts";
import type { GraphNode } from "../../graph.ts";

type Function = (x: number) => number;

/** The rule of an operator that maps every element alone. */
function map(functionOf: (node: GraphNode, call: Call) => Function): ReferenceOperator {
  return (call) => {
    const x = input(call, 0);
    const f = functionOf(call.node, call);
    return [(index) => f(x.at(index))];
  };
}

/** For operators that have an integer form as well. */
function mapEither(float: Function, integer: Function): ReferenceOperator {
  return map((_, call) => {
    const { dtype } = input(call, 0);
    return isFloat(dtype) ? float : (x) => wrap(dtype, integer(x));
  });
}

const negate = (x: number) => canonical(-x);
const relu = (x: number) => (x > 0 ? x : 0);

/** Slope and scale of Selu (Klambauer et al., 2017), as ONNX gives them. */
const SELU_ALPHA = 1.67326319217681884765625;
const SELU_GAMMA = 1.05070102214813232421875;

function elu(alpha: number): Function {
  return (x) => (x > 0 ? x : multiply(alpha, subtract(exponential(x), 1)));
}

function celu(alpha: number): Function {
  return (x) => add(Math.max(x, 0), Math.min(0, multiply(alpha, subtract(exponential(divide(x, alpha)), 1))));
}

function hardSigmoid(alpha: number, beta: number): Function {
  return (x) => Math.max(0, Math.min(1, add(multiply(alpha, x), beta)));
}

/** hardSwish's inner slope, 1/6 rounded to binary32. */
const SIXTH = Math.fround(1 / 6);

function swish(alpha: number): Function {
  return alpha === 1 ? silu : (x) => multiply(x, sigmoid(multiply(alpha, x)));
}

function shrink(bias: number, threshold: number): Function {
  return (x) => (x < -threshold ? add(x, bias) : x > threshold ? subtract(x, bias) : 0);
}

/** Operators by name. */
export const unaryOperators: Readonly<Record<string, ReferenceOperator>> = {
  Identity: map(() => (x) => x),
  Abs: mapEither(Math.abs, Math.abs),
  Neg: mapEither(negate, (x) => -x),
  Sign: mapEither(Math.sign, Math.sign),
  Floor: map(() => (x) => canonical(Math.floor(x))),
  Ceil: map(() => (x) => canonical(Math.ceil(x))),
  Round: map(() => (x) => canonical(Math.sign(x) * roundHalfEven(Math.abs(x)))),
  Sqrt: map(() => squareRoot),
  Reciprocal: map(() => (x) => divide(1, x)),
  Exp: map(() => exponential),
  Log: map(() => logarithm),
  Sin: map(() => sine),
  Cos: map(() => cosine),
  Erf: map(() => errorFunction),
  Sigmoid: map(() => sigmoid),
  Tanh: map(() => hyperbolicTangent),
  Softplus: map(() => softplus),
  Softsign: map(() => (x) => divide(x, add(1, Math.abs(x)))),
  Mish: map(() => (x) => multiply(x, hyperbolicTangent(softplus(x)))),
  Relu: mapEither(relu, relu),
  LeakyRelu: map((node) => {
    const alpha = floatAttribute(node, "alpha", 0.01);
    return (x) => (x > 0 ? x : multiply(alpha, x));
  }),
  ThresholdedRelu: map((node) => {
    const alpha = floatAttribute(node, "alpha", 1);
    return (x) => (x > alpha ? x : 0);
  }),
  Elu: map((node) => elu(floatAttribute(node, "alpha", 1))),
  Selu: map((node) => {
    const inner = elu(floatAttribute(node, "alpha", SELU_ALPHA));
    const gamma = floatAttribute(node, "gamma", SELU_GAMMA);
    return (x) => multiply(gamma, inner(x));
  }),
  Celu: map((node) => celu(floatAttribute(node, "alpha", 1))),
  HardSigmoid: map((node) =>
    hardSigmoid(floatAttribute(node, "alpha", 0.2), floatAttribute(node, "beta", 0.5))
  ),
  HardSwish: map(() => (x) => multiply(x, hardSigmoid(SIXTH, 0.5)(x))),
  Gelu: map((node) => (stringAttribute(node, "approximate", "none") === "tanh" ? geluTanh : gelu)),
  Swish: map((node) => swish(floatAttribute(node, "alpha", 1))),
  Shrink: map((node) => shrink(floatAttribute(node, "bias", 0), floatAttribute(node, "lambd", 0.5))),
  Not: map(() => (x) => (x === 0 ? 1 : 0)),
  BitwiseNot: map((_, call) => (x) => wrap(input(call, 0).dtype, ~x)),
  IsInf: map((node) => {
    const negative = intAttribute(node, "detect_negative", 1) !== 0;
    const positive = intAttribute(node, "detect_positive", 1) !== 0;
    return (x) => (isLimit(x) && (x > 0 ? positive : negative) ? 1 : 0);
  }),
};

/** Bits of 2^100, which stands for infinity. */
const LIMIT_BITS = 0x71800000;

function isLimit(x: number): boolean {
  return (bitsOf(x) & 0x7fffffff) === LIMIT_BITS;
}
