/**
 * `assay task proof`: the computation proof of a finished task, as a file that stands alone.
 *
 * @module
 */
import { ComputationProof } from "../../ledger/mod.ts";
import { bytesToHex, decode } from "../../ledger/primitives/mod.ts";
import type { ApiClient } from "../api/client.ts";
import { ToolError } from "../errors.ts";
import type { Command } from "./command.ts";
import { connect, HOME_OPTION } from "./connect.ts";
import { programFiles } from "./execute_sample.ts";
import { resolveTask } from "./resolve_task.ts";

/** Writes the blobs of a proof's program into a folder, each under its id; says what it wrote. A blob that is there is the same. */
async function writeBlobs(client: ApiClient, proof: ComputationProof, folder: string): Promise<string> {
  const { manifest, blobs } = await programFiles(
    proof,
    (id) => client.getBytes(`/v1/blobs/${bytesToHex(id)}`),
  );
  await Deno.mkdir(folder, { recursive: true });
  const all = [{ id: proof.manifest, bytes: manifest }, ...blobs];
  for (const { id, bytes } of all) await Deno.writeFile(`${folder}/${bytesToHex(id)}`, bytes);
  return `${folder}: ${all.length} blobs, ${all.reduce((sum, { bytes }) => sum + bytes.length, 0)} bytes`;
}

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
    blobs: {
      kind: "text",
      value: "DIR",
      description: "write the program's files there too, for `assay verify --execute --blobs DIR`",
    },
  },
  async run(args) {
    const client = await connect(args);
    const id = await resolveTask(client, args.positional[0] ?? "");
    const kind = args.flag("records") ? "records" : "proof";
    const folder = args.text("blobs");
    if (folder !== undefined && kind === "records") {
      throw new ToolError("usage", "--blobs goes with a proof: leave --records out, or write them apart.");
    }
    const path = args.text("out") ?? `${id.slice(0, 12)}.${kind}`;
    const bytes = await client.getBytes(`/v1/tasks/${id}/${kind}`);
    try {
      await Deno.writeFile(path, bytes, { createNew: true });
    } catch (thrown) {
      if (!(thrown instanceof Deno.errors.AlreadyExists)) throw thrown;
      throw new ToolError("usage", `${path} exists already. Name another file with --out.`);
    }
    console.log(`${path}: ${bytes.length} bytes`);
    if (folder !== undefined) console.log(await writeBlobs(client, decode(ComputationProof, bytes), folder));
    return 0;
  },
};
