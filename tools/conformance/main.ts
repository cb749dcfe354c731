/**
 * Entry of `deno task conformance`.
 *
 * @module
 */
import { CodedError } from "../../ledger/primitives/mod.ts";
import { readArguments } from "../cli/command.ts";
import { ToolError } from "../errors.ts";
import { conformanceCommand } from "./conformance_command.ts";

/** Exit status of a command line that says nothing sensible, as shells have it. */
const USAGE_STATUS = 2;

async function main(): Promise<void> {
  const controller = new AbortController();
  const stop = () => controller.abort();
  Deno.addSignalListener("SIGINT", stop);
  try {
    Deno.exitCode = await conformanceCommand.run(
      readArguments(conformanceCommand, Deno.args),
      controller.signal,
    );
  } catch (thrown) {
    if (!(thrown instanceof CodedError)) throw thrown;
    console.error(thrown.message);
    Deno.exitCode = thrown instanceof ToolError && thrown.code === "usage" ? USAGE_STATUS : 1;
  } finally {
    Deno.removeSignalListener("SIGINT", stop);
  }
}

if (import.meta.main) await main();
