/**
 * One process for one home: two nodes with one key would vote against each other.
 *
 * The lock is the operating system's, held on the key file, so that it ends with the process, however that ends.
 *
 * @module
 */
import { ToolError } from "../errors.ts";
import type { Home } from "./home_file.ts";

/** A home held for this process. */
export interface HomeLock {
  release(): void;
}

/**
 * Takes a home, whose key must exist.
 *
 * @throws {ToolError} `bad_home` if another process has it.
 */
export async function lockHome(home: Home): Promise<HomeLock> {
  const file = await Deno.open(home.key, { read: true });
  if (await file.tryLock(true)) return { release: () => file.close() };
  file.close();
  throw new ToolError(
    "bad_home",
    `A node already runs with the home ${home.root}. Stop that one first, or name another home with --home.`,
    { home: home.root },
  );
}
