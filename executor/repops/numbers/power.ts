/**
 * Powers (SPEC 5.7): integer and half-integer exponents by multiplication, others through exp and log.
 *
 * @module
 */
import { canonical, divide, LARGEST, multiply, squareRoot } from "./canonical.ts";
import { exponential } from "./exponential.ts";
import { logarithm } from "./logarithm.ts";

/** Up to this magnitude integer and half-integer exponents are computed by repeated multiplication. */
export const EXACT_EXPONENT_LIMIT = 1024;

/** x^y of canonical x and y. 0^0 is 1; a negative base with an exponent that is not an integer gives 0. */
export function power(x: number, y: number): number {
  const magnitude = Math.abs(y);
  if (magnitude <= EXACT_EXPONENT_LIMIT && Number.isInteger(2 * y)) {
    const whole = Math.floor(magnitude);
    const integral = integerPower(x, whole);
    if (whole === magnitude) return y < 0 ? divide(1, integral) : integral;
    if (x < 0) return 0;
    const p = multiply(integral, squareRoot(x));
    return y < 0 ? divide(1, p) : p;
  }
  if (x === 0) return y > 0 ? 0 : LARGEST;
  const p = exponential(multiply(y, logarithm(Math.abs(x))));
  if (x > 0) return p;
  if (!Number.isInteger(y)) return 0;
  return Math.abs(y % 2) === 1 ? canonical(-p) : p;
}

/** x^n by squaring, from the lowest bit of n. */
function integerPower(x: number, n: number): number {
  let result = 1;
  let base = x;
  for (let rest = n; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result = multiply(result, base);
    if (rest > 1) base = multiply(base, base);
  }
  return result;
}
