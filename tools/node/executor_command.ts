/**
 * How a node starts its executor: from source as a Deno program with the least permissions, from the compiled binary as that
 * binary with a command of its own.
 *
 * @module
 */
import { type ChildCommand, childCommand } from "../../executor/child/child_command_deno.ts";
import type { Fault } from "../../executor/mod.ts";

/** The compiled binary's command that serves an executor on standard input and output. Not for people. */
export const EXECUTOR_COMMAND = "executor-child";

/** The command line of an executor for `engine`, lying as `fault` says if there is one. */
export function executorCommand(engine: string, fault?: Fault): ChildCommand {
  const flags = fault === undefined ? [] : [`--fault=${fault.phase},${fault.step},${fault.tensor}`];
  return Deno.build.standalone
    ? { command: Deno.execPath(), args: [EXECUTOR_COMMAND, engine, ...flags] }
    : childCommand(engine, flags);
}
