/**
 * `assay checkpoint`: what a running node trusts, written down for a node that starts far behind.
 *
 * @module
 */
import { fieldsOf } from "../api/client.ts";
import { ToolError } from "../errors.ts";
import type { Command } from "./command.ts";
import { connect, HOME_OPTION } from "./connect.ts";
import { textOf } from "./show.ts";

/** See the module. */
export const checkpointCommand: Command = {
  name: "checkpoint",
  summary:
    "Writes the last final block and its validators to a file. Hand it, by a way that is trusted, to a node that starts with --checkpoint.",
  positional: [],
  options: {
    ...HOME_OPTION,
    out: {
      kind: "text",
      value: "FILE",
      description: "file to write (default checkpoint.json); never overwritten",
    },
  },
  async run(args) {
    const taken = await (await connect(args)).get("/v1/checkpoint");
    const path = args.text("out") ?? "checkpoint.json";
    try {
      await Deno.writeTextFile(path, `${JSON.stringify(taken, null, 2)}\n`, { createNew: true });
    } catch (thrown) {
      if (!(thrown instanceof Deno.errors.AlreadyExists)) throw thrown;
      throw new ToolError("usage", `${path} exists already. Name another file with --out.`);
    }
    const { network, height } = fieldsOf(taken);
    console.log(`${path}: network ${textOf(network)}, block ${textOf(height)}`);
    return 0;
  },
};
