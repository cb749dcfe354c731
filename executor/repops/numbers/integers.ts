/**
 * Integer arithmetic (SPEC 7): 32 bits or fewer, wrapping around; int64 and uint64 run as 32 bits.
 *
 * @module
 */
import type { Dtype } from "../../../ledger/primitives/mod.ts";

/** The range of an integer type as repops computes with it. */
export function integerRange(dtype: Dtype): readonly [lowest: number, highest: number] {
  switch (dtype) {
    case "int8":
      return [-128, 127];
    case "uint8":
      return [0, 255];
    case "int16":
      return [-32768, 32767];
    case "uint16":
    case "float16":
    case "bfloat16":
      return [0, 65535];
    case "bool":
      return [0, 1];
    case "uint32":
    case "uint64":
      return [0, 4294967295];
    default:
      return [-2147483648, 2147483647];
  }
}

/** The integer modulo 2^bits of its type. `value` is an integer of magnitude below 2^53. */
export function wrap(dtype: Dtype, value: number): number {
  switch (dtype) {
    case "int8":
      return (value << 24) >> 24;
    case "uint8":
      return value & 0xff;
    case "int16":
      return (value << 16) >> 16;
    case "uint16":
      return value & 0xffff;
    case "bool":
      return value === 0 ? 0 : 1;
    case "uint32":
    case "uint64":
      return value >>> 0;
    default:
      return value | 0;
  }
}

/** The nearest value that the type holds. `value` may be infinite, not NaN. */
export function saturate(dtype: Dtype, value: number): number {
  const [lowest, highest] = integerRange(dtype);
  return Math.max(lowest, Math.min(highest, value));
}

/** Quotient truncated toward zero; 0 when the divisor is 0. */
export function divideIntegers(dtype: Dtype, a: number, b: number): number {
  return b === 0 ? 0 : wrap(dtype, Math.trunc(a / b));
}

/** Remainder with the sign of the divisor, or of the dividend if `truncated`; 0 when the divisor is 0. */
export function remainder(a: number, b: number, truncated: boolean): number {
  if (b === 0) return 0;
  const rest = a % b;
  if (rest === 0) return 0;
  return truncated || rest < 0 === b < 0 ? rest : rest + b;
}

/** a^b wrapping around; 0 for negative exponents, except of 1 and -1. */
export function integerPower(dtype: Dtype, a: number, b: number): number {
  if (b < 0) return a === 1 ? 1 : a === -1 ? (b % 2 === 0 ? 1 : -1) : 0;
  let result = 1;
  let base = a;
  for (let rest = b; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result = Math.imul(result, base);
    base = Math.imul(base, base);
  }
  return wrap(dtype, result);
}
