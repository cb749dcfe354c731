/**
 * Shapes of operators that work element by element.
 *
 * @module
 */
import { ExecutorError } from "../../errors.ts";
import { intAttribute } from "../attributes.ts";
import { broadcastShapes } from "../broadcast.ts";
import { dtypeOfOnnx } from "../element_types.ts";
import {
  input,
  knownValue,
  type NodeContext,
  nodeError,
  requireOperand,
  sameType,
  type ShapeRule,
} from "../shape_rule.ts";

/** Output as the first input. */
export const asInput: ShapeRule = (context) => [input(context, 0)];

/** Truth values in the first input's shape. */
const truthPerElement: ShapeRule = (context) => [{ dtype: "bool", shape: input(context, 0).shape }];

/** The common shape of all inputs of a node. */
function commonShape(context: NodeContext, shapes: readonly (readonly number[])[]): readonly number[] {
  const common = broadcastShapes(...shapes);
  if (common === undefined) {
    throw nodeError(
      context.node,
      "bad_shape",
      `the shapes ${shapes.map((s) => `[${s}]`).join(", ")} do not fit together.`,
    );
  }
  return common;
}

function inputs(context: NodeContext) {
  return context.node.inputs.map((_, index) => input(context, index));
}

/** Broadcast inputs of one element type. */
const arithmetic: ShapeRule = (context) => {
  const all = inputs(context);
  const first = input(context, 0);
  const other = all.find(({ dtype }) => dtype !== first.dtype);
  // Pow takes an exponent of another type.
  if (other !== undefined && context.node.operator !== "Pow") {
    throw nodeError(
      context.node,
      "malformed_model",
      `its inputs must have one element type: got ${first.dtype} and ${other.dtype}.`,
    );
  }
  return [{ dtype: first.dtype, shape: commonShape(context, all.map(({ shape }) => shape)) }];
};

const comparison: ShapeRule = (context) => {
  const a = input(context, 0), b = input(context, 1);
  if (a.dtype !== b.dtype) {
    throw nodeError(
      context.node,
      "malformed_model",
      `its inputs must have one element type: got ${a.dtype} and ${b.dtype}.`,
    );
  }
  return [{ dtype: "bool", shape: commonShape(context, [a.shape, b.shape]) }];
};

const where: ShapeRule = (context) => {
  const [condition, a, b] = [input(context, 0), input(context, 1), input(context, 2)];
  if (condition.dtype !== "bool" || a.dtype !== b.dtype) {
    throw nodeError(
      context.node,
      "malformed_model",
      "it needs a bool condition and two inputs of one element type.",
    );
  }
  return [{ dtype: a.dtype, shape: commonShape(context, [condition.shape, a.shape, b.shape]) }];
};

const cast: ShapeRule = (context) => {
  const to = intAttribute(context.node, "to", undefined);
  if (to === undefined) throw nodeError(context.node, "malformed_model", 'it needs the attribute "to".');
  return [{
    dtype: dtypeOfOnnx(to, `The node "${context.node.name}" (Cast)`),
    shape: input(context, 0).shape,
  }];
};

const castLike: ShapeRule = (context) => [{ dtype: input(context, 1).dtype, shape: input(context, 0).shape }];

/** Whether a Dropout keeps everything: outside training, or when it drops a share of 0. */
function keepsAll(context: NodeContext): boolean {
  if (context.optional(2) === undefined) return true;
  const isZero = (index: number, what: string) => Number(knownValue(context, index, what).data[0] ?? 0) === 0;
  if (isZero(2, "training_mode")) return true;
  return context.optional(1) !== undefined && isZero(1, "the ratio");
}

/** Only where it keeps everything: the mask is all true. */
const dropout: ShapeRule = (context) => {
  if (!keepsAll(context)) {
    throw new ExecutorError(
      "unsupported_operator",
      `The node "${context.node.name}" (Dropout) is in training mode, which draws random numbers: export the model in inference mode.`,
      { node: context.node.name, operator: "Dropout" },
    );
  }
  return [input(context, 0), { dtype: "bool", shape: input(context, 0).shape }];
};

/** Bounds of the input's type. */
const clip: ShapeRule = (context) => {
  const x = input(context, 0);
  for (const bound of [context.optional(1), context.optional(2)]) {
    if (bound !== undefined) sameType(context, x, bound);
  }
  return [x];
};

/** Slopes are broadcast to the input, never the other way. */
const prelu: ShapeRule = (context) => {
  const x = input(context, 0);
  sameType(context, x, input(context, 1));
  requireOperand(context, 1, x, true);
  return [x];
};

const UNARY =
  "Abs Neg Exp Log Sqrt Reciprocal Floor Ceil Round Sign Sin Cos Tan Asin Acos Atan Sinh Cosh Tanh Asinh Acosh Atanh Sigmoid Erf " +
  "Relu LeakyRelu Elu Selu Celu ThresholdedRelu HardSigmoid HardSwish Softplus Softsign Mish Gelu Swish Shrink Identity Not " +
  "BitwiseNot Softmax LogSoftmax Hardmax Trilu CumSum LpNormalization MeanVarianceNormalization LRN ReverseSequence";
const ARITHMETIC =
  "Add Sub Mul Div Pow Mod Max Min Sum Mean And Or Xor BitShift BitwiseAnd BitwiseOr BitwiseXor";
const COMPARISONS = "Equal Greater GreaterOrEqual Less LessOrEqual";

function each(names: string, rule: ShapeRule): Readonly<Record<string, ShapeRule>> {
  return Object.fromEntries(names.split(" ").map((name) => [name, rule]));
}

/** Rules by operator. */
export const ELEMENTWISE: Readonly<Record<string, ShapeRule>> = {
  ...each(UNARY, asInput),
  ...each(ARITHMETIC, arithmetic),
  ...each(COMPARISONS, comparison),
  ...each("IsNaN IsInf", truthPerElement),
  Clip: clip,
  PRelu: prelu,
  Where: where,
  Cast: cast,
  CastLike: castLike,
  Dropout: dropout,
};
