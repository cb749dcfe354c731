/**
 * Gradients of reductions: the gradient of the result is spread over what was reduced.
 *
 * @module
 */
import { reducedAxes } from "../../onnx/mod.ts";
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

/** Rules by operator. */
export const REDUCTIONS: Readonly<Record<string, GradientRule>> = {
  ReduceSum: reduceSum,
  ReduceMean: reduceMean,
  ReduceMax: reduceExtremum,
  ReduceMin: reduceExtremum,
  ReduceL2: reduceL2,
  ReduceSumSquare: reduceSumSquare,
};
