/**
 * The scalar reference of repops, written from SPEC.md alone: slow and obvious. Kernels are tested against it, operators
 * without a kernel run on it, and validators use it on appeal.
 *
 * Every operator says what each element of its outputs is, as a function of the elements of its inputs; so any range of an
 * output can be computed alone. It knows `numbers/` and `values.ts`. Read `call.ts`, then any family, then `evaluate.ts`.
 *
 * @module
 */
export type { Call, CallTypes, ElementRule, Operand, ReferenceOperator } from "./call.ts";
export {
  type ElementRange,
  evaluateNode,
  evaluateRange,
  type Evaluation,
  type InputReads,
} from "./evaluate.ts";
export { operatorNames, operatorOf, requireSupported } from "./registry.ts";
export {
  floatAttribute,
  floatsAttribute,
  intAttribute,
  intsAttribute,
  stringAttribute,
} from "./attributes.ts";
export { broadcastPosition, coordinatesOf, extent, normalAxis, positionOf, stridesOf } from "./positions.ts";
export { tapPosition, type Windows, windowsOf } from "./windows.ts";
export { reducedAxes } from "./reduction.ts";
