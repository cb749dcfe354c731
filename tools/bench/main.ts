/**
 * The entry of `deno task bench`. Exit status: 0 measured, whatever came out; 1 something of ours could not be measured; 2 the command
 * line is off; 130 interrupted.
 *
 * @module
 */
import { CodedError } from "../../ledger/primitives/mod.ts";
import { readArguments, usageOf } from "../cli/command.ts";
import { ToolError } from "../errors.ts";
import { benchCommand } from "./bench_command.ts";

/** Exit status of a process that ended by Ctrl-C, as shells have it. */
const INTERRUPTED = 130;

async function main(): Promise<number> {
  if (Deno.args.some((word) => word === "--help" || word === "-h")) {
    console.log(usageOf(benchCommand));
    return 0;
  }
  const controller = new AbortController();
  Deno.addSignalListener("SIGINT", () => {
    if (controller.signal.aborted) Deno.exit(INTERRUPTED);
    controller.abort(new ToolError("failed", "Interrupted."));
  });
  try {
    return await benchCommand.run(readArguments(benchCommand, Deno.args), controller.signal);
  } catch (thrown) {
    if (controller.signal.aborted) return INTERRUPTED;
    if (!(thrown instanceof CodedError)) throw thrown;
    console.error(thrown.message);
    return thrown instanceof ToolError && thrown.code === "usage" ? 2 : 1;
  }
}

if (import.meta.main) Deno.exit(await main());
