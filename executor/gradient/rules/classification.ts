/**
 * Gradients of the losses that ONNX has as operators.
 *
 * @module
 */
import { intAttribute, stringAttribute } from "../../onnx/mod.ts";
import { expressions } from "../expressions.ts";
import {
  type GradientContext,
  type GradientRule,
  inputName,
  inputType,
  outputGradient,
  refuse,
} from "../gradient_rule.ts";

/** Operator set since which Softmax works along one axis, whichever it is. */
const SOFTMAX_ALONG_AXIS = 13;

/** How much each position's loss counts in what the loss was used for: [...labels]. */
function positionGradient(context: GradientContext): string {
  const { builder, node } = context, e = expressions(builder), labels = inputName(context, 1);
  const weights = node.inputs[2] ?? "", info = inputType(context, 1), zero = builder.float(0);
  const isIgnored = node.attributes["ignore_index"] === undefined
    ? undefined
    : builder.add("Equal", [labels, ignoredLabel(context)]);
  // The label that is ignored need not be a class.
  const classes = isIgnored === undefined ? labels : builder.add("Where", [isIgnored, noClass(), labels]);
  const full = weights === ""
    ? e.expand(builder.float(1), info.shape)
    : builder.add("Gather", [weights, classes]);
  const counted = isIgnored === undefined ? full : e.where(isIgnored, zero, full);
  const dy = outputGradient(context);
  if (stringAttribute(node, "reduction", "mean") !== "mean") return e.mul(counted, dy);
  return e.mul(counted, e.div(dy, e.sum(counted, info.shape.map((_, i) => i), false)));

  function noClass(): string {
    const data = info.dtype === "int32" ? Int32Array.of(0) : BigInt64Array.of(0n);
    return builder.constant({ dtype: info.dtype, shape: [], data });
  }
}

function ignoredLabel({ builder, node }: GradientContext): string {
  const label = intAttribute(node, "ignore_index", 0);
  const { dtype } = builder.type(node.inputs[1] ?? "");
  const data = dtype === "int32" ? Int32Array.of(label) : BigInt64Array.of(BigInt(label));
  return builder.constant({ dtype, shape: [], data });
}

/**
 * A loss's rule.
 *
 * @param slope From the scores and the labels' one-hot rows to the slope of a position's loss: [batch, classes, ...].
 */
function classificationLoss(
  slope: (context: GradientContext, scores: string, chosen: string) => string,
): GradientRule {
  return (context) => {
    const { builder, node, needs, outputGradients } = context, e = expressions(builder);
    if (needs[2]) throw refuse(node, "its weights are constants");
    if (outputGradients[1] !== undefined) throw refuse(node, "only its first output may be used in training");
    const scores = inputName(context, 0), [images = 1, classes = 1, ...places] = e.shapeOf(scores);
    const chosen = e.oneHot(inputName(context, 1), classes, 1);
    const each = e.reshape(positionGradient(context), [images, 1, ...places]);
    return [e.mul(each, slope(context, scores, chosen))];
  };
}

/** Rules by operator. */
export const CLASSIFICATION: Readonly<Record<string, GradientRule>> = {
  NegativeLogLikelihoodLoss: classificationLoss(({ builder }, _, chosen) => expressions(builder).neg(chosen)),
  SoftmaxCrossEntropyLoss: classificationLoss(({ builder, node }, scores, chosen) => {
    const e = expressions(builder);
    if (builder.opset < SOFTMAX_ALONG_AXIS && e.shapeOf(scores).length > 2) {
      throw refuse(node, "before operator set 13 only scores [batch, classes] are supported");
    }
    return e.sub(builder.add("Softmax", [scores], { axis: 1 }), chosen);
  }),
};
