/**
 * Gradients of our own domain's operators.
 *
 * @module
 */
import { type GradientRule, inputName, outputGradient } from "../gradient_rule.ts";

/** The same elements are dropped and the same ones scaled: which they are depends on seed, stream, step and place alone. */
const counterDropout: GradientRule = (context) => {
  const { builder, node } = context;
  const operands = [outputGradient(context), inputName(context, 1), inputName(context, 2)];
  return builder.addOwn("CounterDropout", operands, node.attributes);
};

/** Rules by operator. */
export const OWN: Readonly<Record<string, GradientRule>> = { CounterDropout: counterDropout };
