/**
 * Polynomials in WGSL.
 *
 * @module
 */
import { float } from "./literals.ts";

/** Horner's rule as nested plain steps. */
export function horner(coefficients: readonly number[], x: string): string {
  const [first = 0, ...rest] = coefficients;
  return rest.reduce((y, c) => `plus(times(${y}, ${x}), ${float(c)})`, float(first));
}
