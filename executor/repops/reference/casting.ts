/**
 * Between element types (SPEC 7.3).
 *
 * @module
 */
import type { Dtype } from "../../../ledger/primitives/mod.ts";
import {
  bfloatToFloat,
  canonical,
  floatToBfloat,
  floatToHalf,
  halfToFloat,
  saturate,
  wrap,
} from "../numbers/mod.ts";
import { input, output, type ReferenceOperator } from "./call.ts";

/** Turns an element of one type into one of another. */
export function conversion(from: Dtype, to: Dtype): (value: number) => number {
  const value = toNumber(from);
  switch (to) {
    case "float32":
      return (x) => canonical(Math.fround(value(x)));
    case "float16":
      return (x) => floatToHalf(canonical(Math.fround(value(x))));
    case "bfloat16":
      return (x) => floatToBfloat(canonical(Math.fround(value(x))));
    case "bool":
      return (x) => (value(x) === 0 ? 0 : 1);
    default:
      if (isReal(from)) return (x) => saturate(to, Math.trunc(canonical(value(x))));
      return (x) => wrap(to, x);
  }
}

/** Whether the type stands for real numbers. */
function isReal(dtype: Dtype): boolean {
  return dtype === "float32" || dtype === "float16" || dtype === "bfloat16";
}

/** The number that an element stands for. */
function toNumber(dtype: Dtype): (x: number) => number {
  if (dtype === "float16") return (x) => canonical(halfToFloat(x));
  if (dtype === "bfloat16") return (x) => canonical(bfloatToFloat(x));
  return (x) => x;
}

const cast: ReferenceOperator = (call) => {
  const x = input(call, 0);
  const { dtype } = output(call);
  if (x.dtype === dtype) return [(index) => x.at(index)];
  const convert = conversion(x.dtype, dtype);
  return [(index) => convert(x.at(index))];
};

/** Operators by name. */
export const castingOperators: Readonly<Record<string, ReferenceOperator>> = { Cast: cast, CastLike: cast };
