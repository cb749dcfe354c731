/**
 * Functions of several elements in the same place: arithmetic, comparison, logic, choice (SPEC 6.2).
 *
 * @module
 */
import type { Dtype } from "../../../ledger/primitives/mod.ts";
import {
  add,
  canonical,
  divide,
  divideIntegers,
  integerPower,
  LARGEST,
  multiply,
  power,
  remainder,
  saturate,
  subtract,
  wrap,
} from "../numbers/mod.ts";
import { isFloat } from "../values.ts";
import { floatAttribute, intAttribute, stringAttribute } from "./attributes.ts";
import { type Call, input, output, presentInputs, type ReferenceOperator } from "./call.ts";
import { broadcastPosition } from "./positions.ts";

type Function = (a: number, b: number) => number;

/** The rule of an operator on two broadcast operands. */
function pair(functionOf: (call: Call) => Function): ReferenceOperator {
  return (call) => {
    const [a, b] = [input(call, 0), input(call, 1)];
    const { shape } = output(call);
    const [placeA, placeB] = [broadcastPosition(a.shape, shape), broadcastPosition(b.shape, shape)];
    const f = functionOf(call);
    return [(index) => f(a.at(placeA(index)), b.at(placeB(index)))];
  };
}

/** Arithmetic with a float and an integer form. */
function arithmetic(float: Function, integer: (dtype: Dtype) => Function): ReferenceOperator {
  return pair((call) => {
    const { dtype } = output(call);
    return isFloat(dtype) ? float : integer(dtype);
  });
}

/** A truth value of two elements. */
function relation(holds: (a: number, b: number) => boolean): ReferenceOperator {
  return pair(() => (a, b) => (holds(a, b) ? 1 : 0));
}

/** Operands folded from the left. */
function fold(
  step: (dtype: Dtype) => Function,
  finish?: (total: number, count: number) => number,
): ReferenceOperator {
  return (call) => {
    const { dtype, shape } = output(call);
    const operands = presentInputs(call).map((operand) => ({
      operand,
      place: broadcastPosition(operand.shape, shape),
    }));
    const f = step(dtype);
    return [(index) => {
      const values = operands.map(({ operand, place }) => operand.at(place(index)));
      const total = values.slice(1).reduce((a, b) => f(a, b), values[0] ?? 0);
      return finish ? finish(total, values.length) : total;
    }];
  };
}

const bitwise = (f: Function): ReferenceOperator => arithmetic(f, (dtype) => (a, b) => wrap(dtype, f(a, b)));

/** Pow: the exponent may be of another type than the base. */
const pow: ReferenceOperator = pair((call) => {
  const base = input(call, 0).dtype;
  if (isFloat(base)) return power;
  if (isFloat(input(call, 1).dtype)) {
    return (a, b) => saturate(base, Math.trunc(power(Math.fround(a), b)));
  }
  return (a, b) => integerPower(base, a, b);
});

const mod: ReferenceOperator = pair((call) => {
  const truncated = intAttribute(call.node, "fmod", 0) !== 0;
  if (!isFloat(output(call).dtype)) return (a, b) => remainder(a, b, truncated);
  return (a, b) => canonical(Math.fround(remainder(a, b, true)));
});

const bitShift: ReferenceOperator = pair((call) => {
  const { dtype } = output(call);
  const left = stringAttribute(call.node, "direction", "LEFT") === "LEFT";
  return (a, b) => (b >= 32 ? 0 : wrap(dtype, left ? a << b : (a >>> 0) >>> b));
});

const clip: ReferenceOperator = (call) => {
  const x = input(call, 0);
  const [low, high] = [call.inputs[1], call.inputs[2]];
  const lowest = low ? low.at(0) : attributeLimit(call, "min", -LARGEST);
  const highest = high ? high.at(0) : attributeLimit(call, "max", LARGEST);
  return [(index) => Math.min(highest, Math.max(lowest, x.at(index)))];
};

function attributeLimit(call: Call, name: string, otherwise: number): number {
  return isFloat(input(call, 0).dtype) ? canonical(floatAttribute(call.node, name, otherwise)) : otherwise;
}

const where: ReferenceOperator = (call) => {
  const { shape } = output(call);
  const [condition, a, b] = [input(call, 0), input(call, 1), input(call, 2)];
  const placeOf = broadcastPosition(condition.shape, shape);
  const placeA = broadcastPosition(a.shape, shape);
  const placeB = broadcastPosition(b.shape, shape);
  return [(index) => (condition.at(placeOf(index)) !== 0 ? a.at(placeA(index)) : b.at(placeB(index)))];
};

/** Operators by name. */
export const binaryOperators: Readonly<Record<string, ReferenceOperator>> = {
  Add: arithmetic(add, (dtype) => (a, b) => wrap(dtype, a + b)),
  Sub: arithmetic(subtract, (dtype) => (a, b) => wrap(dtype, a - b)),
  Mul: arithmetic(multiply, (dtype) => (a, b) => wrap(dtype, Math.imul(a, b))),
  Div: arithmetic(divide, (dtype) => (a, b) => divideIntegers(dtype, a, b)),
  Pow: pow,
  Mod: mod,
  PRelu: arithmetic(
    (x, slope) => (x > 0 ? x : multiply(slope, x)),
    (dtype) => (x, slope) => (x > 0 ? x : wrap(dtype, Math.imul(slope, x))),
  ),
  Equal: relation((a, b) => a === b),
  Less: relation((a, b) => a < b),
  LessOrEqual: relation((a, b) => a <= b),
  Greater: relation((a, b) => a > b),
  GreaterOrEqual: relation((a, b) => a >= b),
  And: relation((a, b) => a !== 0 && b !== 0),
  Or: relation((a, b) => a !== 0 || b !== 0),
  Xor: relation((a, b) => (a !== 0) !== (b !== 0)),
  BitwiseAnd: bitwise((a, b) => a & b),
  BitwiseOr: bitwise((a, b) => a | b),
  BitwiseXor: bitwise((a, b) => a ^ b),
  BitShift: bitShift,
  Max: fold(() => (a, b) => Math.max(a, b)),
  Min: fold(() => (a, b) => Math.min(a, b)),
  Sum: fold(() => add),
  Mean: fold(() => add, divide),
  Clip: clip,
  Where: where,
};
