/**
 * `assay verify`: checks a computation proof, and says what it checked and what it did not.
 *
 * @module
 */
import {
  ComputationProof,
  ProofError,
  recordKeys,
  recordsIn,
  TaskRecords,
  type Verification,
  verifyComputation,
} from "../../ledger/mod.ts";
import { readProven } from "../../ledger/light/mod.ts";
import { bytesToHex, CodecError, decode, type Schema } from "../../ledger/primitives/mod.ts";
import { ToolError } from "../errors.ts";
import { ENGINE_OPTIONS } from "../local/engine_options.ts";
import { openEngine } from "../local/open_engine.ts";
import type { Arguments, Command } from "./command.ts";
import { connect, HOME_OPTION } from "./connect.ts";
import { type GetBlob, sampleExecutor } from "./execute_sample.ts";
import { LIGHT_OPTIONS, startLight } from "./light_start.ts";
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

/** The records of the proof's task as a light client has them proven. Whatever the node says is checked from the checkpoint on. */
async function provenRecords(proof: ComputationProof, args: Arguments): Promise<TaskRecords> {
  const { client: trusted, source, nowMs } = await startLight(args);
  const { client, values } = await readProven(trusted, source, recordKeys(proof.task), nowMs);
  const records = recordsIn(proof.task, values);
  if (records !== undefined) return records;
  throw new ToolError(
    "not_found",
    `The state after block ${client.height} has no result of the proof's task, as the checkpoint proves.`,
  );
}

/** The records to hold the proof against: proven by a light client, or as `--task` names them: in a file, or on the own node's ledger. */
async function recordsFor(proof: ComputationProof, args: Arguments): Promise<TaskRecords | undefined> {
  const task = args.text("task");
  if (args.text("checkpoint") !== undefined) {
    if (task !== undefined) throw new ToolError("usage", "--checkpoint and --task exclude each other.");
    return await provenRecords(proof, args);
  }
  if (task === undefined) return undefined;
  const file = await fileOf(task);
  if (file !== undefined) return decodeAs(TaskRecords, file, `${task} holds no records of a task`);
  const client = await connect(args);
  const bytes = await client.getBytes(`/v1/tasks/${await resolveTask(client, task)}/records`);
  return decodeAs(TaskRecords, bytes, "The node's answer holds no records of a task");
}

/** Where the program's blobs are: in a folder, each under its id, or on the own node. */
async function blobsFor(args: Arguments): Promise<GetBlob> {
  const folder = args.text("blobs");
  if (folder === undefined) {
    const client = await connect(args);
    return (id) => client.getBytes(`/v1/blobs/${bytesToHex(id)}`);
  }
  return async (id) => {
    const path = `${folder}/${bytesToHex(id)}`, bytes = await fileOf(path);
    if (bytes !== undefined) return bytes;
    throw new ToolError(
      "usage",
      `There is no blob ${path}. \`assay task proof --blobs DIR\` writes them all.`,
    );
  };
}

/** Verifies with what the command line gives, and with the engine that it has open meanwhile. */
async function verify(proof: ComputationProof, args: Arguments, signal: AbortSignal): Promise<Verification> {
  const records = await recordsFor(proof, args), ledger = records === undefined ? {} : { ledger: records };
  // Of a program that is not audited nothing was drawn: no engine is needed to execute nothing.
  if (!args.flag("execute") || proof.samples.length === 0) return await verifyComputation(proof, ledger);
  const get = await blobsFor(args);
  const engine = await openEngine({ engine: proof.program.engine, backend: args.text("backend") });
  try {
    return await verifyComputation(proof, {
      ...ledger,
      execute: await sampleExecutor(engine, proof, get, signal),
    });
  } finally {
    await engine.close();
  }
}

/** See the module. */
export const verifyCommand: Command = {
  name: "verify",
  summary:
    "Verifies a computation proof, with --task or --checkpoint against what the ledger has of the task.",
  positional: ["PROOF"],
  options: {
    ...HOME_OPTION,
    task: {
      kind: "text",
      value: "ID|FILE",
      description: "the task on your node's ledger, or a file of `assay task proof --records`",
    },
    ...LIGHT_OPTIONS,
    execute: {
      kind: "flag",
      description: "execute the sampled segments here as well, and what comes before them",
    },
    blobs: {
      kind: "text",
      value: "DIR",
      description: "the program's files, of `assay task proof --blobs` (default: your node's)",
    },
    backend: ENGINE_OPTIONS.backend,
  },
  async run(args, signal) {
    const path = args.positional[0] ?? "";
    const bytes = await fileOf(path);
    if (bytes === undefined) throw new ToolError("usage", `There is no file ${path}.`);
    const proof = decodeAs(ComputationProof, bytes, `${path} holds no computation proof`);
    try {
      const { checked, unchecked } = await verify(proof, args, signal);
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
