/**
 * `assay verify`: checks a computation proof, and says what it checked and what it did not.
 *
 * @module
 */
import { ComputationProof, ProofError, TaskRecords, verifyComputation } from "../../ledger/mod.ts";
import { bytesToHex, CodecError, decode, type Schema } from "../../ledger/primitives/mod.ts";
import { ToolError } from "../errors.ts";
import type { Arguments, Command } from "./command.ts";
import { connect, HOME_OPTION } from "./connect.ts";
import { resolveTask } from "./resolve_task.ts";

async function fileOf(path: string): Promise<Uint8Array | undefined> {
  try {
    return await Deno.readFile(path);
  } catch (thrown) {
    if (thrown instanceof Deno.errors.NotFound) return undefined;
    throw thrown;
  }
}

function decodeAs<T>(schema: Schema<T>, bytes: Uint8Array, what: string): T {
  try {
    return decode(schema, bytes);
  } catch (thrown) {
    if (!(thrown instanceof CodecError)) throw thrown;
    throw new ToolError("usage", `${what}: ${thrown.message}`);
  }
}

/** The records that `--task` names: a file, or what the own node's ledger has of a task. */
async function recordsFor(args: Arguments): Promise<TaskRecords | undefined> {
  const task = args.text("task");
  if (task === undefined) return undefined;
  const file = await fileOf(task);
  if (file !== undefined) return decodeAs(TaskRecords, file, `${task} holds no records of a task`);
  const client = await connect(args);
  const bytes = await client.getBytes(`/v1/tasks/${await resolveTask(client, task)}/records`);
  return decodeAs(TaskRecords, bytes, "The node's answer holds no records of a task");
}

/** See the module. */
export const verifyCommand: Command = {
  name: "verify",
  summary: "Verifies a computation proof, with --task against what the ledger has of the task.",
  positional: ["PROOF"],
  options: {
    ...HOME_OPTION,
    task: {
      kind: "text",
      value: "ID|FILE",
      description: "the task on your node's ledger, or a file of `assay task proof --records`",
    },
  },
  async run(args) {
    const path = args.positional[0] ?? "";
    const bytes = await fileOf(path);
    if (bytes === undefined) throw new ToolError("usage", `There is no file ${path}.`);
    const proof = decodeAs(ComputationProof, bytes, `${path} holds no computation proof`);
    const ledger = await recordsFor(args);
    try {
      const { checked, unchecked } = await verifyComputation(proof, ledger === undefined ? {} : { ledger });
      console.log(`The proof of task ${bytesToHex(proof.task).slice(0, 12)} holds.`);
      for (const line of checked) console.log(`  checked:      ${line}`);
      for (const line of unchecked) console.log(`  not checked:  ${line}`);
      return 0;
    } catch (thrown) {
      if (!(thrown instanceof ProofError)) throw thrown;
      console.log(`The proof does not hold (${thrown.code}): ${thrown.message}`);
      return 1;
    }
  },
};
