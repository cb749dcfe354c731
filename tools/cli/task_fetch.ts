/**
 * `assay task fetch`: the output of a finished task.
 *
 * @module
 */
import { ToolError } from "../errors.ts";
import type { Command } from "./command.ts";
import { connect, HOME_OPTION } from "./connect.ts";
import { resolveTask } from "./resolve_task.ts";

/** See the module. */
export const taskFetchCommand: Command = {
  name: "task fetch",
  summary: "Fetches a finished task's output, checked against the ledger, as safetensors.",
  positional: ["ID"],
  options: {
    ...HOME_OPTION,
    out: {
      kind: "text",
      value: "FILE",
      description: "file to write (default ID.safetensors); never overwritten",
    },
  },
  async run(args) {
    const client = await connect(args);
    const id = await resolveTask(client, args.positional[0] ?? "");
    const path = args.text("out") ?? `${id.slice(0, 12)}.safetensors`;
    const output = await client.getBytes(`/v1/tasks/${id}/output`);
    try {
      await Deno.writeFile(path, output, { createNew: true });
    } catch (thrown) {
      if (!(thrown instanceof Deno.errors.AlreadyExists)) throw thrown;
      throw new ToolError("usage", `${path} exists already. Name another file with --out.`);
    }
    console.log(`${path}: ${output.length} bytes`);
    return 0;
  },
};
