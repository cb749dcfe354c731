/**
 * Gradients of reductions: the gradient of the result is spread over what was reduced.
 *
 * @module
 */
import { intAttribute, reducedAxes } from "../../onnx/mod.ts";
import { elementCount } from "../../tensor.ts";
import { expressions } from "../expressions.ts";
import {
  type GradientContext,
  type GradientRule,
  inputName,
  inputType,
  outputGradient,
  shapeContext,
} from "../gradient_rule.ts";

/** A reduced tensor with its reduced dimensions as size 1. */
function keepAxes(context: GradientContext, reduced: string): string {
  const axes = reducedAxes(shapeContext(context)), { shape } = inputType(context, 0);
  return expressions(context.builder).reshape(reduced, shape.map((size, i) => axes.includes(i) ? 1 : size));
}

const reduceSum: GradientRule = (context) => [
  expressions(context.builder).expand(
    keepAxes(context, outputGradient(context)),
    inputType(context, 0).shape,
  ),
];

const reduceMean: GradientRule = (context) => {
  const e = expressions(context.builder), { shape } = inputType(context, 0);
  const count = elementCount(shape.filter((_, i) => reducedAxes(shapeContext(context)).includes(i)));
  return [e.expand(keepAxes(context, e.scale(outputGradient(context), 1 / count)), shape)];
};

/** Max and Min: elements equal to the result share its gradient. */
const reduceExtremum: GradientRule = (context) => {
  const { builder, node } = context, e = expressions(builder);
  const equal = builder.add("Equal", [inputName(context, 0), keepAxes(context, node.outputs[0] ?? "")]);
  const chosen = builder.add("Cast", [equal], { to: 1 });
  const share = e.div(chosen, e.sum(chosen, reducedAxes(shapeContext(context)), true));
  return [e.mul(share, keepAxes(context, outputGradient(context)))];
};

const reduceL2: GradientRule = (context) => {
  const e = expressions(context.builder), y = keepAxes(context, context.node.outputs[0] ?? "");
  return [e.mul(inputName(context, 0), e.div(keepAxes(context, outputGradient(context)), y))];
};

const reduceSumSquare: GradientRule = (context) => {
  const e = expressions(context.builder);
  return [e.mul(inputName(context, 0), keepAxes(context, e.scale(outputGradient(context), 2)))];
};

const reduceL1: GradientRule = (context) => {
  const e = expressions(context.builder), sign = context.builder.add("Sign", [inputName(context, 0)]);
  return [e.mul(sign, keepAxes(context, outputGradient(context)))];
};

const reduceLogSum: GradientRule = (context) => {
  const e = expressions(context.builder), x = inputName(context, 0);
  const total = e.sum(x, reducedAxes(shapeContext(context)), true);
  return [e.expand(e.div(keepAxes(context, outputGradient(context)), total), e.shapeOf(x))];
};

const reduceLogSumExp: GradientRule = (context) => {
  const { builder, node } = context, e = expressions(builder);
  const share = builder.add("Exp", [e.sub(inputName(context, 0), keepAxes(context, node.outputs[0] ?? ""))]);
  return [e.mul(share, keepAxes(context, outputGradient(context)))];
};

/**
 * The product of the others. One that is zero divides away badly: where a product has one zero, that one alone has a slope, and
 * where it has several, none has.
 */
const reduceProd: GradientRule = (context) => {
  const { builder } = context, e = expressions(builder), x = inputName(context, 0);
  const axes = reducedAxes(shapeContext(context)), zero = builder.float(0), one = builder.float(1);
  const isZero = builder.add("Equal", [x, zero]), filled = e.where(isZero, one, x);
  const zeros = e.sum(builder.add("Cast", [isZero], { to: 1 }), axes, true);
  const others = keepAxes(
    context,
    builder.add("ReduceProd", [filled, ...context.node.inputs.slice(1)], {
      ...context.node.attributes,
    }),
  );
  const whenZero = e.where(builder.add("Equal", [zeros, one]), others, zero);
  const whenNot = e.where(builder.add("Equal", [zeros, zero]), e.div(others, filled), zero);
  return [e.mul(e.where(isZero, whenZero, whenNot), keepAxes(context, outputGradient(context)))];
};

/** Every element is in the sums behind it: their gradients add up from the other end. */
const cumSum: GradientRule = (context) => {
  const { builder, node } = context;
  return [builder.add("CumSum", [outputGradient(context), inputName(context, 1)], {
    exclusive: intAttribute(node, "exclusive", 0),
    reverse: intAttribute(node, "reverse", 0) === 0 ? 1 : 0,
  })];
};

/** Rules by operator. */
export const REDUCTIONS: Readonly<Record<string, GradientRule>> = {
  ReduceSum: reduceSum,
  ReduceMean: reduceMean,
  ReduceMax: reduceExtremum,
  ReduceMin: reduceExtremum,
  ReduceL2: reduceL2,
  ReduceSumSquare: reduceSumSquare,
  ReduceL1: reduceL1,
  ReduceLogSum: reduceLogSum,
  ReduceLogSumExp: reduceLogSumExp,
  ReduceProd: reduceProd,
  CumSum: cumSum,
};
