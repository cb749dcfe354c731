/**
 * Ledger values as JSON: byte strings in hexadecimal, 64-bit integers as decimal strings, everything else as it is.
 *
 * @module
 */
import { bytesToHex } from "../../ledger/primitives/mod.ts";

/** A JSON value. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** The JSON form of plain data. Fields that are `undefined` are left out. */
export function toJson(value: unknown): Json {
  if (value === null || value === undefined) return null;
  if (typeof value === "bigint") return value.toString();
  if (typeof value === "boolean" || typeof value === "number" || typeof value === "string") return value;
  if (value instanceof Uint8Array) return bytesToHex(value);
  if (value instanceof Map) return toJson(Object.fromEntries(value));
  if (Array.isArray(value)) return value.map(toJson);
  const fields = Object.entries(value).filter(([, field]) =>
    field !== undefined && typeof field !== "function"
  );
  return Object.fromEntries(fields.map(([key, field]) => [key, toJson(field)]));
}
