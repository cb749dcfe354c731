/**
 * What a family of operators says about its errors.
 *
 * @module
 */
import type { Call } from "../repops/mod.ts";

/**
 * How much one honest computation of an element may be off, by its position; one rule for each output. Two computations may differ by twice that.
 */
export type BoundRule = (call: Call) => readonly ((index: number) => number)[];
