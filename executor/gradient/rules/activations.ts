/**
 * Gradients of functions of one tensor, element by element, and of softmax.
 *
 * @module
 */
import { floatAttribute, floatValue, intAttribute, stringAttribute } from "../../onnx/mod.ts";
import { type Expressions, expressions } from "../expressions.ts";
import {
  type GradientContext,
  type GradientRule,
  inputName,
  inputType,
  outputGradient,
  refuse,
} from "../gradient_rule.ts";

/** 2/sqrt(pi) and 1/sqrt(2 pi), in decimal so that no host function computes them. */
const TWO_OVER_SQRT_PI = 1.1283791670955126;
const ONE_OVER_SQRT_2PI = 0.3989422804014327;
/** sqrt(2/pi) and the cubic coefficient of the tanh form of Gelu (Hendrycks and Gimpel, 2016). */
const SQRT_2_OVER_PI = 0.7978845608028654;
const GELU_CUBIC = 0.044715;

interface Values {
  readonly x: string;
  readonly y: string;
  readonly dy: string;
  readonly one: string;
}

function unary(derive: (e: Expressions, values: Values, context: GradientContext) => string): GradientRule {
  return (context) => {
    const { builder, node } = context;
    const values = {
      x: inputName(context, 0),
      y: node.outputs[0] ?? "",
      dy: outputGradient(context),
      one: builder.float(1),
    };
    return [derive(expressions(builder), values, context)];
  };
}

const positive = (x: string, { builder }: GradientContext) => builder.add("Greater", [x, builder.float(0)]);

const gelu = unary((e, { x, dy, one }, context) => {
  const { builder, node } = context;
  if (stringAttribute(node, "approximate", "none") === "tanh") {
    const squared = e.mul(x, x);
    const inner = e.scale(e.mul(x, e.add(one, e.scale(squared, GELU_CUBIC))), SQRT_2_OVER_PI);
    const t = builder.add("Tanh", [inner]);
    const slope = e.scale(e.add(one, e.scale(squared, 3 * GELU_CUBIC)), SQRT_2_OVER_PI);
    const moving = e.mul(e.mul(x, e.sub(one, e.mul(t, t))), slope);
    return e.mul(dy, e.scale(e.add(e.add(one, t), moving), 0.5));
  }
  const cdf = e.scale(e.add(one, builder.add("Erf", [e.scale(x, Math.SQRT1_2)])), 0.5);
  const density = e.scale(builder.add("Exp", [e.scale(e.mul(x, x), -0.5)]), ONE_OVER_SQRT_2PI);
  return e.mul(dy, e.add(cdf, e.mul(x, density)));
});

/** The axis of (Log)Softmax; before operator set 13 the operator flattens all behind it, which is the same for the last one. */
function softmaxAxis(context: GradientContext): number {
  const rank = inputType(context, 0).shape.length;
  const axis = intAttribute(context.node, "axis", context.builder.opset < 13 ? 1 : -1);
  const counted = axis < 0 ? axis + rank : axis;
  if (context.builder.opset < 13 && counted !== rank - 1) {
    throw refuse(context.node, "before operator set 13 only its last axis is supported");
  }
  return counted;
}

const clip: GradientRule = (context) => {
  const { builder, node } = context, e = expressions(builder), x = inputName(context, 0);
  let dy = outputGradient(context);
  const zero = builder.float(0), [, low = "", high = ""] = node.inputs;
  if (low !== "") dy = e.where(builder.add("Greater", [x, low]), dy, zero);
  if (high !== "") dy = e.where(builder.add("Less", [x, high]), dy, zero);
  return [dy];
};

/** Steps: their slope is 0 wherever they have one. */
const flat: GradientRule = () => [undefined];

/** Slope and scale of Selu (Klambauer et al., 2017), as ONNX gives them. */
const SELU_ALPHA = 1.67326319217681884765625;
const SELU_GAMMA = 1.05070102214813232421875;

const selu = unary((e, { x, y, dy }, context) => {
  const { builder, node } = context;
  const gamma = Math.fround(floatAttribute(node, "gamma", SELU_GAMMA));
  const alpha = Math.fround(floatAttribute(node, "alpha", SELU_ALPHA));
  const slope = e.where(positive(x, context), builder.float(gamma), e.add(y, builder.float(gamma * alpha)));
  return e.mul(dy, slope);
});

const mish = unary((e, { x, dy, one }, { builder }) => {
  const t = builder.add("Tanh", [builder.add("Softplus", [x])]);
  const moving = e.mul(e.mul(x, e.sub(one, e.mul(t, t))), builder.add("Sigmoid", [x]));
  return e.mul(dy, e.add(t, moving));
});

/** y = x s with s = sigmoid(alpha x): the slope is s + alpha y (1 - s). */
const swish = unary((e, { x, y, dy, one }, { builder, node }) => {
  const alpha = floatAttribute(node, "alpha", 1);
  const scaled = (value: string) => alpha === 1 ? value : e.scale(value, alpha);
  const s = builder.add("Sigmoid", [scaled(x)]);
  return e.mul(dy, e.add(s, scaled(e.mul(y, e.sub(one, s)))));
});

/** Rules by operator. */
export const ACTIVATIONS: Readonly<Record<string, GradientRule>> = {
  Identity: unary((_, { dy }) => dy),
  Dropout: unary((_, { dy }) => dy),
  Neg: unary((e, { dy }) => e.neg(dy)),
  Abs: unary((e, { x, dy }, { builder }) => e.mul(dy, builder.add("Sign", [x]))),
  Exp: unary((e, { y, dy }) => e.mul(dy, y)),
  Log: unary((e, { x, dy }) => e.div(dy, x)),
  Sqrt: unary((e, { y, dy }) => e.div(e.scale(dy, 0.5), y)),
  Reciprocal: unary((e, { y, dy }) => e.neg(e.mul(dy, e.mul(y, y)))),
  Sin: unary((e, { x, dy }, { builder }) => e.mul(dy, builder.add("Cos", [x]))),
  Cos: unary((e, { x, dy }, { builder }) => e.neg(e.mul(dy, builder.add("Sin", [x])))),
  Tanh: unary((e, { y, dy, one }) => e.mul(dy, e.sub(one, e.mul(y, y)))),
  Sigmoid: unary((e, { y, dy, one }) => e.mul(dy, e.mul(y, e.sub(one, y)))),
  Softplus: unary((e, { x, dy }, { builder }) => e.mul(dy, builder.add("Sigmoid", [x]))),
  Relu: unary((e, { x, dy }, context) => e.where(positive(x, context), dy, context.builder.float(0))),
  LeakyRelu: unary((e, { x, dy }, context) =>
    e.where(positive(x, context), dy, e.scale(dy, floatAttribute(context.node, "alpha", 0.01)))
  ),
  Elu: unary((e, { x, y, dy }, context) => {
    const alpha = context.builder.float(floatAttribute(context.node, "alpha", 1));
    return e.where(positive(x, context), dy, e.mul(dy, e.add(y, alpha)));
  }),
  Celu: unary((e, { x, dy, one }, context) => {
    const alpha = floatAttribute(context.node, "alpha", 1);
    const falling = context.builder.add("Exp", [e.scale(x, 1 / alpha)]);
    return e.mul(dy, e.where(positive(x, context), one, falling));
  }),
  Selu: selu,
  ThresholdedRelu: unary((e, { x, dy }, { builder, node }) => {
    const threshold = builder.float(floatAttribute(node, "alpha", 1));
    return e.where(builder.add("Greater", [x, threshold]), dy, builder.float(0));
  }),
  Shrink: unary((e, { x, dy }, { builder, node }) => {
    const bound = builder.float(floatAttribute(node, "lambd", 0.5));
    return e.where(builder.add("Greater", [builder.add("Abs", [x]), bound]), dy, builder.float(0));
  }),
  Softsign: unary((e, { y, dy, one }, { builder }) => {
    const rest = e.sub(one, builder.add("Abs", [y]));
    return e.mul(dy, e.mul(rest, rest));
  }),
  Mish: mish,
  Swish: swish,
  Sign: flat,
  Floor: flat,
  Ceil: flat,
  Round: flat,
  HardSigmoid: unary((e, { y, dy, one }, { builder, node }) => {
    const zero = builder.float(0), alpha = floatAttribute(node, "alpha", 0.2);
    const inside = builder.add("And", [builder.add("Greater", [y, zero]), builder.add("Less", [y, one])]);
    return e.where(inside, e.scale(dy, alpha), zero);
  }),
  HardSwish: unary((e, { x, dy }, { builder }) => {
    const gate = builder.add("HardSigmoid", [x], { alpha: floatValue(1 / 6), beta: floatValue(0.5) });
    const rising = builder.add("And", [
      builder.add("Greater", [x, builder.float(-3)]),
      builder.add("Less", [x, builder.float(3)]),
    ]);
    return e.mul(dy, e.add(gate, e.where(rising, e.scale(x, 1 / 6), builder.float(0))));
  }),
  Erf: unary((e, { x, dy }, { builder }) =>
    e.mul(dy, e.scale(builder.add("Exp", [e.neg(e.mul(x, x))]), TWO_OVER_SQRT_PI))
  ),
  Gelu: gelu,
  Clip: clip,
  Softmax: unary((e, { y, dy }, context) => {
    const weighted = e.mul(dy, y);
    return e.sub(weighted, e.mul(y, e.sum(weighted, [softmaxAxis(context)], true)));
  }),
  LogSoftmax: unary((e, { y, dy }, context) =>
    e.sub(dy, e.mul(context.builder.add("Exp", [y]), e.sum(dy, [softmaxAxis(context)], true)))
  ),
};
