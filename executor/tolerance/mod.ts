/**
 * How far an honest result of a device-dependent engine may be from the recomputed one: for disputes about the engine `ort` on WebGPU.
 *
 * The claimed output of a node is compared with the same node recomputed in ONNX Runtime's WebAssembly, from the provider's own
 * committed inputs. Both are binary32 computations with rounding u = 2^-24 in an order and with functions of their own. What they may differ
 * by follows from the operator's condition at these inputs, never from the output: for sums and products it is the same operator on
 * absolute values, times u and the number of roundings in any order (N. Higham, "Accuracy and Stability of Numerical Algorithms", 2nd
 * edition, sections 3.1 and 4.2: |error| <= gamma_n sum |x_i|, gamma_n = n u / (1 - n u)). For functions it is what the WGSL specification
 * grants them (section "Floating point accuracy"), at these arguments. Integers, comparisons and what only moves elements must match exactly.
 *
 * An operator without a proven bound is refused when a tolerant program is admitted. So is training: bounds of one node say nothing about what
 * a thousand steps make of them.
 *
 * Pure; it knows the executor's contracts, and from `repops` where an operator's terms lie. Read `bound.ts`, `bound_rule.ts`, `rounding.ts`, `portable_functions.ts`, then the rules:
 * `exact_operators.ts`, `function_bounds.ts`, `sum_bounds.ts`, `row_bounds.ts`; `compare.ts` last.
 *
 * @module
 */
export { type Bound, boundOf, type BoundRequest, isTolerable, requireTolerable } from "./bound.ts";
export { firstBeyond, withinBound } from "./compare.ts";
