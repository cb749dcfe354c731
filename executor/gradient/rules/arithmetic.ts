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

/** Max and Min of two: the first operand takes the gradient of a tie. */
function extremum(firstLoses: "Less" | "Greater"): GradientRule {
  const chosen = (e: Expressions, { a, b, dy }: Operands, context: GradientContext, first: boolean) => {
    if (context.node.inputs.length !== 2) throw refuse(context.node, "only two operands are supported");
    const condition = context.builder.add(firstLoses, [a, b]), zero = context.builder.float(0);
    return first ? e.where(condition, zero, dy) : e.where(condition, dy, zero);
  };
  return binary((e, o, c) => chosen(e, o, c, true), (e, o, c) => chosen(e, o, c, false));
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
  (_, __, { node }) => {
    throw refuse(node, "the exponent must be a constant");
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
  Where: where,
};
