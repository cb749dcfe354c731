/**
 * Gradient rules: one function per operator, in families. `arithmetic.ts` and `layout.ts` show the pattern.
 *
 * @module
 */
import type { GradientRule } from "../gradient_rule.ts";
import { ACTIVATIONS } from "./activations.ts";
import { ARITHMETIC } from "./arithmetic.ts";
import { CLASSIFICATION } from "./classification.ts";
import { CONVOLUTIONS } from "./convolutions.ts";
import { EINSUM } from "./einsum.ts";
import { INDEXING } from "./indexing.ts";
import { LAYOUT } from "./layout.ts";
import { NORMALIZATIONS } from "./normalizations.ts";
import { POOLING } from "./pooling.ts";
import { PRODUCTS } from "./products.ts";
import { OWN } from "./own.ts";
import { REARRANGEMENT } from "./rearrangement.ts";
import { REDUCTIONS } from "./reductions.ts";

/** Rules of the standard domain's operators, by name. */
export const GRADIENT_RULES: ReadonlyMap<string, GradientRule> = new Map(Object.entries({
  ...ARITHMETIC,
  ...ACTIVATIONS,
  ...PRODUCTS,
  ...CONVOLUTIONS,
  ...POOLING,
  ...NORMALIZATIONS,
  ...REDUCTIONS,
  ...LAYOUT,
  ...INDEXING,
  ...REARRANGEMENT,
  ...EINSUM,
  ...CLASSIFICATION,
}));

/** Rules of our own domain's operators, by name. */
export const OWN_RULES: ReadonlyMap<string, GradientRule> = new Map(Object.entries(OWN));
