/**
 * Parts of outputs on the kernels: what arbiters execute, fast.
 *
 * The reference says what every element is (`access/` computes any range by it), some ten to a hundred nanoseconds each. Here a part of a node's output
 * becomes nodes of the same operator on parts of its inputs, which the WebAssembly kernels run: of a product the needed rows by the needed
 * columns, of a convolution the needed windows, of what works row by row the rows. SPEC makes every element a function of its own inputs
 * alone, in one order, so that the bits are those of the whole. Operators and forms without a rule here are the reference's.
 *
 *  1. A range of the output is covered by boxes, rounded out a little so that they are few ({@link coversOf}).
 *  2. A rule says of each box which boxes of the inputs it takes, and the node that makes the one of the others ({@link planPart}).
 *  3. Which chunks those stand in is what the part needs ({@link needsOfPlan}): from positions alone, without touching an element.
 *  4. The boxes are cut out of the chunks, and the nodes are run ({@link computePart}).
 *
 * It knows `access/`, `reference/` and the machines of `wasm/`. Read `piece.ts`, `boxes.ts`, `part_rule.ts`, the rules (`pointwise.ts`, `products.ts`, `convolution.ts`,
 * `rows.ts`, `embedding.ts`), `plan_part.ts`, `compute_part.ts`.
 *
 * @module
 */
export { computePart } from "./compute_part.ts";
export { coversOf } from "./boxes.ts";
export { needsOfPlan, planPart } from "./plan_part.ts";
