/**
 * Shape rules: one function per operator, in families. `elementwise.ts` and `layout.ts` show the pattern.
 *
 * @module
 */
import type { ShapeRule } from "../shape_rule.ts";
import { ELEMENTWISE } from "./elementwise.ts";
import { INDEXING } from "./indexing.ts";
import { LAYOUT } from "./layout.ts";
import { NORMALIZATIONS } from "./normalizations.ts";
import { PRODUCTS } from "./products.ts";
import { QUANTIZATION } from "./quantization.ts";
import { REDUCTIONS } from "./reductions.ts";
import { WINDOWS } from "./windows.ts";

/** Rules of the standard domain's operators, by name. */
export const SHAPE_RULES: ReadonlyMap<string, ShapeRule> = new Map(Object.entries({
  ...ELEMENTWISE,
  ...PRODUCTS,
  ...WINDOWS,
  ...NORMALIZATIONS,
  ...REDUCTIONS,
  ...LAYOUT,
  ...INDEXING,
  ...QUANTIZATION,
}));

export { ASSAY_DOMAIN, OWN_SHAPE_RULES } from "./own.ts";
export { splitSizes } from "./layout.ts";
export { reducedAxes } from "./reductions.ts";
export { type Window, windowOf } from "./windows.ts";
