/**
 * Finding the node that a command talks to.
 *
 * @module
 */
import { type ApiClient, apiClient } from "../api/client.ts";
import { API_FILE } from "../api/serve_deno.ts";
import { ToolError } from "../errors.ts";
import type { Arguments, OptionSpec } from "./command.ts";

/** Home of a node when none is named: below the current folder, so that nothing is written anywhere else. */
export const DEFAULT_HOME = ".assay";

/** The option that names a node's home. */
export const HOME_OPTION: Readonly<Record<"home", OptionSpec>> = {
  home: { kind: "text", value: "DIR", description: `the node's home (default ${DEFAULT_HOME})` },
};

/** The node's home that a command line names. */
export function homeOf(args: Arguments): string {
  return args.text("home") ?? DEFAULT_HOME;
}

/**
 * A client for the node whose home the command line names.
 *
 * @throws {ToolError} `not_running` if that node has left no address.
 */
export async function connect(args: Arguments): Promise<ApiClient> {
  const home = homeOf(args);
  try {
    return apiClient(JSON.parse(await Deno.readTextFile(`${home}/${API_FILE}`)));
  } catch (thrown) {
    if (!(thrown instanceof Deno.errors.NotFound) && !(thrown instanceof SyntaxError)) throw thrown;
    throw new ToolError(
      "not_running",
      `No node runs with the home ${home}. Start one with \`deno task node\`, or name another with --home.`,
    );
  }
}
