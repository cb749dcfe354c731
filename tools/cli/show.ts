/**
 * How the command line shows what the API answers.
 *
 * @module
 */
import { fieldsOf } from "../api/client.ts";
import type { Json } from "../api/json.ts";
import { formatAmount } from "../terminal/amounts.ts";

/** A field as text; `-` if it is absent. */
export function textOf(value: Json | undefined): string {
  return value === null || value === undefined
    ? "-"
    : typeof value === "object"
    ? JSON.stringify(value)
    : String(value);
}

/** An amount field in tokens. */
export function amountOf(value: Json | undefined): string {
  return typeof value === "string" && /^-?\d+$/.test(value) ? formatAmount(BigInt(value)) : textOf(value);
}

/** The first digits of an id: enough to tell ids apart, and what commands accept. */
export function shortId(value: Json | undefined): string {
  return typeof value === "string" ? value.slice(0, 12) : "-";
}

/** The elements of a JSON list; none if it is something else. */
export function listOf(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : [];
}

/** The metric of a task as a percentage; `-` before there is one. */
export function metricOf(task: Readonly<Record<string, Json>>): string {
  const metric = fieldsOf(fieldsOf(task["program"])["metric"]);
  const value = fieldsOf(task["result"])["metric"], total = metric["total"];
  if (typeof value !== "string" || typeof total !== "number") return "-";
  return `${textOf(metric["name"])} ${(100 * Number(value) / total).toFixed(1)} %`;
}

/** Lines of `name: value`. */
export function fieldLines(fields: readonly (readonly [name: string, value: string])[]): readonly string[] {
  const width = Math.max(...fields.map(([name]) => name.length));
  return fields.map(([name, value]) => `${name.padEnd(width)}  ${value}`);
}
