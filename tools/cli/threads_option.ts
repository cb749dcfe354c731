/**
 * The option --threads of commands that compute.
 *
 * @module
 */
import { ToolError } from "../errors.ts";

/**
 * The number of threads that a command line asks for. How many there may be, the engine says.
 *
 * @throws {ToolError} `usage` for what is no whole number from 1.
 */
export function threadsOf(text: string): number {
  const threads = Number(text);
  if (Number.isSafeInteger(threads) && threads >= 1) return threads;
  throw new ToolError("usage", `--threads is a whole number from 1: got "${text}".`);
}
