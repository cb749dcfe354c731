/**
 * `assay devnet`: runs a script on a test network of its own.
 *
 * @module
 */
import { resolve, toFileUrl } from "@std/path/mod.js";
import { messageOf } from "../../ledger/primitives/mod.ts";
import type { Command } from "../cli/command.ts";
import { ToolError } from "../errors.ts";
import { terminalNarrator } from "../terminal/terminal_narrator.ts";
import type { TestnetScript } from "./script.ts";
import { withTestnet } from "./with_testnet.ts";

function isScript(value: unknown): value is TestnetScript {
  return typeof value === "object" && value !== null && "network" in value && "run" in value &&
    typeof value.network === "object" && value.network !== null && typeof value.run === "function";
}

/** Loads a script. Throws {@link ToolError} `bad_file` if it cannot be loaded or is none. */
async function loadScript(path: string): Promise<TestnetScript> {
  let loaded: { readonly default?: unknown };
  try {
    loaded = await import(toFileUrl(resolve(path)).href);
  } catch (thrown) {
    throw new ToolError(
      "bad_file",
      `The script ${path} cannot be loaded: ${messageOf(thrown)}`,
      { path },
      thrown,
    );
  }
  if (isScript(loaded.default)) return loaded.default;
  throw new ToolError(
    "bad_file",
    `${path} is no script: its default export must be { network, run }, see tools/testnet/mod.ts.`,
    { path },
  );
}

/** See the module. */
export const devnetCommand: Command = {
  name: "devnet",
  summary:
    "Starts the test network that SCRIPT asks for, runs the script on it, and takes everything away again.",
  positional: ["SCRIPT"],
  options: {},
  async run(args, signal) {
    const { network, run } = await loadScript(args.positional[0] ?? "");
    const narrator = terminalNarrator();
    const onStarted = (started: number, total: number) =>
      narrator.progress("Starting", started / total, `${started} of ${total} nodes`);
    await withTestnet(network, { signal, onStarted }, async (net) => {
      narrator.rest();
      await run(net, { signal, log: (line) => narrator.say(line) });
    });
    return 0;
  },
};
