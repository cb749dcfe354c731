/**
 * Parameters as a proposal would have them.
 *
 * @module
 */
import type { Params } from "../state/mod.ts";
import type { Change } from "./records.ts";

/** The parameters with a proposal's values in their places. */
export function changedParams(params: Params, { values }: Extract<Change, { kind: "params" }>): Params {
  const entries = values.map(({ name, value }) =>
    [name, typeof params[name] === "bigint" ? value : Number(value)] as const
  );
  return { ...params, ...Object.fromEntries(entries) };
}
