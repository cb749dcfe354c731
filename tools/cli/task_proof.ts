/**
 * `assay task proof`: the computation proof of a finished task, as a file that stands alone.
 *
 * @module
 */
import { ToolError } from "../errors.ts";
import type { Command } from "./command.ts";
import { connect, HOME_OPTION } from "./connect.ts";
import { resolveTask } from "./resolve_task.ts";

/** See the module. */
export const taskProofCommand: Command = {
  name: "task proof",
  summary: "Writes a finished task's computation proof; `assay verify` checks it anywhere.",
  positional: ["ID"],
  options: {
    ...HOME_OPTION,
    out: { kind: "text", value: "FILE", description: "file to write (default ID.proof); never overwritten" },
    records: {
      kind: "flag",
      description: "write the ledger's records of the task instead, for `assay verify --task FILE`",
    },
  },
  async run(args) {
    const client = await connect(args);
    const id = await resolveTask(client, args.positional[0] ?? "");
    const kind = args.flag("records") ? "records" : "proof";
    const path = args.text("out") ?? `${id.slice(0, 12)}.${kind}`;
    const bytes = await client.getBytes(`/v1/tasks/${id}/${kind}`);
    try {
      await Deno.writeFile(path, bytes, { createNew: true });
    } catch (thrown) {
      if (!(thrown instanceof Deno.errors.AlreadyExists)) throw thrown;
      throw new ToolError("usage", `${path} exists already. Name another file with --out.`);
    }
    console.log(`${path}: ${bytes.length} bytes`);
    return 0;
  },
};
