/**
 * The scalar reference of repops, written from SPEC.md alone: slow and obvious. Kernels are tested against it, operators
 * without a kernel run on it, and validators use it on appeal.
 *
 * Every operator says what each element of its outputs is, as a function of the elements of its inputs; so any range of an
 * output can be computed alone. It knows `numbers/` and `values.ts`. Read `call.ts`, then any family, then `evaluate.ts`.
 *
 * @module
 */
export {
  type Call,
  type CallTypes,
  type ElementRule,
  input,
  type Operand,
  type ReferenceOperator,
} from "./call.ts";
export { evaluateNode, type Evaluation } from "./evaluate.ts";
export { isPointwise, operatorNames, operatorOf, productSumsOf, requireSupported } from "./registry.ts";
export type { ProductSide, ProductSums } from "./products.ts";
export {
  floatAttribute,
  floatsAttribute,
  intAttribute,
  intsAttribute,
  stringAttribute,
} from "./attributes.ts";
export {
  broadcastPosition,
  coordinatesOf,
  extent,
  lineThrough,
  normalAxis,
  positionOf,
  stridesOf,
} from "./positions.ts";
export { tapPosition, transposedPadding, type Windows, windowsOf } from "./windows.ts";
export { requantisationRatio, requantise } from "./quantization.ts";
export { reducedAxes, reductionSumsOf, type TermSums } from "./reduction.ts";
export { dropoutKey, dropoutThreshold } from "./generation.ts";
export { resizedAxes, type ResizedAxis } from "./resizing.ts";
