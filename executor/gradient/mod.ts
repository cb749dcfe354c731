/**
 * Gradients on the ONNX graph. Read `differentiate.ts`, then `gradient_rule.ts` and `rules/` (one function per operator
 * family). Only forms whose bits are the same on every device: nothing adds in an order of its own.
 *
 * @module
 */
export { appendGradients, differentiate, type Differentiated } from "./differentiate.ts";
export { type Expressions, expressions } from "./expressions.ts";
export { type GradientContext, type GradientRule } from "./gradient_rule.ts";
export { crossEntropy, type LossName, meanSquaredError } from "./losses.ts";
