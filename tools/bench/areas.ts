/**
 * The areas by name. Each is loaded when it is asked for.
 *
 * @module
 */
import { ToolError } from "../errors.ts";
import type { Area } from "./bench.ts";

const AREAS: Readonly<Record<string, () => Promise<Area>>> = {
  executor: async () => (await import("./executor.ts")).executorArea(),
  ledger: async () => (await import("./ledger.ts")).ledgerArea(),
  net: async () => (await import("./net.ts")).netArea(),
  verification: async () => (await import("./verification.ts")).verificationArea(),
};

/** Names of all areas. */
export const AREA_NAMES: readonly string[] = Object.keys(AREAS);

/**
 * The areas that a command line names; all, if it names none.
 *
 * @throws {ToolError} `usage` for a name that is no area.
 */
export async function areasNamed(names: readonly string[]): Promise<readonly Area[]> {
  const chosen = names.length === 0 ? AREA_NAMES : names;
  return await Promise.all(chosen.map((name) => {
    const load = AREAS[name];
    if (load === undefined) {
      throw new ToolError("usage", `There is no bench area "${name}": there are ${AREA_NAMES.join(", ")}.`);
    }
    return load();
  }));
}
