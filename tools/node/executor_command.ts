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

/** How an executor is to be. */
export interface ExecutorSetting {
  readonly engine: string;
  /** Whether it may compute on a GPU that has the bits; otherwise it computes in WebAssembly. */
  readonly mayUseGpu: boolean;
  /** Threads that large products are shared between in WebAssembly. Default 1. */
  readonly threads?: number;
  /** How it lies, if it does. */
  readonly fault?: Fault;
}

/** The command line of an executor. */
export function executorCommand({ engine, mayUseGpu, threads = 1, fault }: ExecutorSetting): ChildCommand {
  const flags = [
    ...(mayUseGpu ? ["--backend=auto"] : []),
    ...(threads === 1 ? [] : [`--threads=${threads}`]),
    ...(fault === undefined ? [] : [`--fault=${fault.phase},${fault.step},${fault.tensor}`]),
  ];
  return Deno.build.standalone
    ? { command: Deno.execPath(), args: [EXECUTOR_COMMAND, engine, ...flags] }
    : childCommand(engine, flags);
}
