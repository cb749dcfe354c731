/**
 * Gradients of elementwise arithmetic with broadcasting.
 *
 * @module
 */
import { type Expressions, expressions } from "../expressions.ts";
import {
  type GradientContext,
  type GradientRule,
  inputName,
  outputGradient,
  refuse,
} from "../gradient_rule.ts";

interface Operands {
  readonly a: string;
  readonly b: string;
  /** The result. */
  readonly y: string;
  /** Gradient of the result. */
  readonly dy: string;
}

type Partial = (e: Expressions, operands: Operands, context: GradientContext) => string;

/** A rule from the two partial derivatives, before broadcasting is undone. */
function binary(toA: Partial, toB: Partial): GradientRule {
  return (context) => {
    const e = expressions(context.builder), a = inputName(context, 0), b = inputName(context, 1);
    const operands = { a, b, y: context.node.outputs[0] ?? "", dy: outputGradient(context) };
    return [
      context.needs[0] ? e.sumToShape(toA(e, operands, context), e.shapeOf(a)) : undefined,
      context.needs[1] ? e.sumToShape(toB(e, operands, context), e.shapeOf(b)) : undefined,
    ];
  };
}

const where: GradientRule = (context) => {
  const e = expressions(context.builder), dy = outputGradient(context), zero = context.builder.float(0);
  const condition = inputName(context, 0);
  return [
    undefined,
    context.needs[1]
      ? e.sumToShape(e.where(condition, dy, zero), e.shapeOf(inputName(context, 1)))
      : undefined,
    context.needs[2]
      ? e.sumToShape(e.where(condition, zero, dy), e.shapeOf(inputName(context, 2)))
      : undefined,
  ];
};

/** Max and Min: the first operand takes the gradient of a tie. */
function extremum(firstLoses: "Less" | "Greater"): GradientRule {
  const chosen = (e: Expressions, { a, b, dy }: Operands, context: GradientContext, first: boolean) => {
    const condition = context.builder.add(firstLoses, [a, b]), zero = context.builder.float(0);
    return first ? e.where(condition, zero, dy) : e.where(condition, dy, zero);
  };
  const ofTwo = binary((e, o, c) => chosen(e, o, c, true), (e, o, c) => chosen(e, o, c, false));
  return (context) => context.node.inputs.length === 2 ? ofTwo(context) : extremumOfMany(context);
}

/** The first operand that equals the result takes its gradient. */
function extremumOfMany(context: GradientContext): readonly (string | undefined)[] {
  const { builder, node } = context, e = expressions(builder), dy = outputGradient(context);
  const y = node.outputs[0] ?? "", zero = builder.float(0);
  let free: string | undefined;
  return node.inputs.map((name, i) => {
    const equal = builder.add("Equal", [name, y]);
    const wins = free === undefined ? equal : builder.add("And", [equal, free]);
    const stillFree = builder.add("Not", [equal]);
    free = free === undefined ? stillFree : builder.add("And", [free, stillFree]);
    return context.needs[i] ? e.sumToShape(e.where(wins, dy, zero), e.shapeOf(name)) : undefined;
  });
}

const sum: GradientRule = (context) => {
  const e = expressions(context.builder), dy = outputGradient(context);
  return context.node.inputs.map((name, i) =>
    context.needs[i] ? e.sumToShape(dy, e.shapeOf(name)) : undefined
  );
};

const power: GradientRule = binary(
  (e, { a, b, dy }, { builder }) => {
    const exponent = builder.type(b).dtype === "float32" ? b : builder.add("Cast", [b], { to: 1 });
    return e.mul(dy, e.mul(exponent, builder.add("Pow", [a, e.sub(exponent, builder.float(1))])));
  },
  // The power of 0 does not depend on its exponent; that of a negative base has no slope.
  (e, { a, y, dy }, { builder }) => {
    const zero = builder.float(0), slope = e.mul(e.mul(dy, y), builder.add("Log", [a]));
    return e.where(builder.add("Greater", [a, zero]), slope, zero);
  },
);

const mean: GradientRule = (context) => {
  const e = expressions(context.builder), count = context.node.inputs.length;
  const share = e.scale(outputGradient(context), 1 / count);
  return context.node.inputs.map((name, i) =>
    context.needs[i] ? e.sumToShape(share, e.shapeOf(name)) : undefined
  );
};

/** A remainder moves with what is divided; the divisor is taken for a constant. */
const modulo: GradientRule = (context) => {
  if (context.needs[1]) throw refuse(context.node, "the divisor must be a constant");
  const e = expressions(context.builder);
  return [e.sumToShape(outputGradient(context), e.shapeOf(inputName(context, 0)))];
};

const pRelu: GradientRule = binary(
  (e, { a, b, dy }, { builder }) => e.where(builder.add("Greater", [a, builder.float(0)]), dy, e.mul(dy, b)),
  (e, { a, dy }, { builder }) => {
    const zero = builder.float(0);
    return e.where(builder.add("Greater", [a, zero]), zero, e.mul(dy, a));
  },
);

/** Rules by operator. */
export const ARITHMETIC: Readonly<Record<string, GradientRule>> = {
  Add: binary((_, { dy }) => dy, (_, { dy }) => dy),
  Sub: binary((_, { dy }) => dy, (e, { dy }) => e.neg(dy)),
  Mul: binary((e, { b, dy }) => e.mul(dy, b), (e, { a, dy }) => e.mul(dy, a)),
  Div: binary((e, { b, dy }) => e.div(dy, b), (e, { b, y, dy }) => e.neg(e.div(e.mul(dy, y), b))),
  Pow: power,
  Max: extremum("Less"),
  Min: extremum("Greater"),
  Sum: sum,
  Mean: mean,
  Mod: modulo,
  PRelu: pRelu,
  Where: where,
};
