/**
 * Constants in WGSL, by their bits.
 *
 * @module
 */
import { bitsOf } from "../../numbers/mod.ts";

/** A float constant, by its bits: decimal text could be rounded differently. */
export function float(value: number): string {
  return `bitcast<f32>(${word(bitsOf(value))})`;
}

/** An unsigned constant. */
export function word(value: number): string {
  return `0x${(value >>> 0).toString(16)}u`;
}
