/**
 * Functions of one or two elements: what WGSL grants them, at these arguments, and what the formulas around them add.
 *
 * @module
 */
import {
  broadcastPosition,
  type Call,
  floatAttribute,
  type Operand,
  stringAttribute,
} from "../repops/mod.ts";
import type { BoundRule } from "./bound_rule.ts";
import { portableExp, portableLog } from "./portable_functions.ts";
import { gamma, TINY, U } from "./rounding.ts";

type Unary = (x: number, call: Call) => number;

/** exp is granted 3 + 2|x| units in the last place, each up to 2u. */
const exponential = (x: number) => portableExp(x) * (8 + 4 * Math.abs(x)) * U;

/** log is granted 3 units in the last place, but between 0.5 and 2 an absolute 2^-21. */
const logarithm = (y: number) => 2 ** -21 + 6 * U * Math.abs(y);

/** Absolute errors of rational and polynomial forms of tanh, sigmoid and erf on values up to 1 that runtimes use. */
const SATURATING = 16 * U;

const logistic = (x: number) => 1 / (1 + portableExp(-x));

const sigmoid = (x: number) => logistic(x) * (10 + 4 * Math.abs(x)) * U + 2 * U;

const unary: Readonly<Record<string, Unary>> = {
  Exp: exponential,
  Log: (x) => logarithm(portableLog(x)),
  Sqrt: (x) => 6 * U * Math.sqrt(Math.abs(x)),
  Reciprocal: (x) => (5 * U) / Math.abs(x),
  Tanh: () => SATURATING,
  Erf: () => SATURATING,
  Sigmoid: sigmoid,
  Softplus: (x) => logarithm(Math.max(x, 0) + 1) + exponential(-Math.abs(x)),
  Softsign: (x) => (8 * U * Math.abs(x)) / (1 + Math.abs(x)),
  Gelu: (x, { node }) =>
    Math.abs(x) * (stringAttribute(node, "approximate", "none") === "tanh" ? 2 : 1) * (SATURATING + 8 * U),
  Swish: (x, { node }) => {
    const alpha = floatAttribute(node, "alpha", 1);
    return Math.abs(x) * (sigmoid(alpha * x) + (4 + Math.abs(alpha * x)) * U);
  },
  HardSigmoid: (x, { node }) =>
    4 * U * (Math.abs(floatAttribute(node, "alpha", 0.2) * x) + Math.abs(floatAttribute(node, "beta", 0.5))),
  HardSwish: (x) => 6 * U * Math.abs(x) * (Math.abs(x) / 6 + 1),
  LeakyRelu: (x, { node }) => U * Math.abs(floatAttribute(node, "alpha", 0.01) * x),
  Elu: (x, { node }) => Math.abs(floatAttribute(node, "alpha", 1)) * (exponential(Math.min(x, 0)) + 2 * U),
  Selu: (x, { node }) =>
    Math.abs(floatAttribute(node, "gamma", 1.0507)) *
    (2 * U * Math.abs(x) +
      Math.abs(floatAttribute(node, "alpha", 1.6733)) * (exponential(Math.min(x, 0)) + 4 * U)),
  Celu: (x, { node }) => {
    const alpha = Math.abs(floatAttribute(node, "alpha", 1));
    return alpha * (exponential(Math.min(x, 0) / alpha) + 4 * U);
  },
};

type Binary = (a: number, b: number) => number;

const binary: Readonly<Record<string, Binary>> = {
  Add: (a, b) => U * (Math.abs(a) + Math.abs(b)),
  Sub: (a, b) => U * (Math.abs(a) + Math.abs(b)),
  Mul: (a, b) => U * Math.abs(a * b),
  Div: (a, b) => 5 * U * Math.abs(a / b),
  PRelu: (a, b) => U * Math.abs(a * b),
  // exp2(b log2 a): the logarithm's error comes out multiplied.
  Pow: (a, b) => {
    const exponent = b * portableLog(Math.abs(a));
    return portableExp(exponent) * ((10 + 8 * Math.abs(exponent)) * U + Math.abs(b) * 2 ** -21);
  },
};

function ofOne(f: Unary): BoundRule {
  return (call) => {
    const [x] = call.inputs;
    return [(index) => f(x?.at(index) ?? 0, call) + TINY];
  };
}

function ofTwo(f: Binary): BoundRule {
  return ({ inputs: [a, b], outputs: [out] }) => {
    const shape = out?.shape ?? [];
    const [atA, atB] = [readerOf(a, shape), readerOf(b, shape)];
    return [(index) => f(atA(index), atB(index)) + TINY];
  };
}

/** Sum and Mean: folds of all their inputs. */
const fold: BoundRule = ({ inputs, outputs: [out] }) => {
  const readers = inputs.flatMap((operand) => (operand ? [readerOf(operand, out?.shape ?? [])] : []));
  const roundings = gamma(readers.length + 3);
  return [(index) => roundings * readers.reduce((sum, at) => sum + Math.abs(at(index)), 0) + TINY];
};

/** Reads an operand broadcast to a shape. */
function readerOf(operand: Operand | undefined, shape: readonly number[]): (index: number) => number {
  if (!operand) return () => 0;
  const place = broadcastPosition(operand.shape, shape);
  return (index) => operand.at(place(index));
}

/** Rules by operator. */
export const FUNCTION_BOUNDS: Readonly<Record<string, BoundRule>> = {
  ...Object.fromEntries(Object.entries(unary).map(([name, f]) => [name, ofOne(f)])),
  ...Object.fromEntries(Object.entries(binary).map(([name, f]) => [name, ofTwo(f)])),
  Sum: fold,
  Mean: fold,
};
