/**
 * Programs whose results are right within a bound, not to the bit.
 *
 * @module
 */
import type { Program } from "./commitments.ts";

/** Engines whose bits depend on the device. */
const TOLERANT_ENGINES: ReadonlySet<string> = new Set(["ort"]);

/**
 * Whether a program's engine gives other bits on other devices. What is claimed of such a program is compared within a bound; it only infers,
 * and commits to the output of every node.
 */
export function isTolerant({ engine }: Pick<Program, "engine">): boolean {
  return TOLERANT_ENGINES.has(engine);
}
