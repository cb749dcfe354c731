/**
 * `assay task post`: has a model trained or run.
 *
 * @module
 */
import type { BuiltProgram, ProgramEngine } from "../../executor/mod.ts";
import { createEngine } from "../../executor/engines/create_engine_ort.ts";
import { programSegments } from "../../ledger/primitives/mod.ts";
import { type ApiClient, fieldsOf } from "../api/client.ts";
import { toJson } from "../api/json.ts";
import { ToolError } from "../errors.ts";
import { formatAmount } from "../terminal/amounts.ts";
import { terminalNarrator } from "../terminal/terminal_narrator.ts";
import type { Command } from "./command.ts";
import { connect, DEFAULT_HOME, HOME_OPTION, homeOf } from "./connect.ts";
import { followTask } from "./follow_task.ts";
import { programOf, readJob } from "./read_job.ts";
import { textOf } from "./show.ts";
import { rewardOf, TERM_OPTIONS, termsOf } from "./task_terms.ts";

/** Name and kernels of an engine of this version: a program is for exactly these. */
async function engineNamed(name: string): Promise<ProgramEngine> {
  const engine = await createEngine(name);
  try {
    return { name: engine.name, kernelHash: engine.kernelHash };
  } finally {
    await engine.close();
  }
}

/** Found out before anything is uploaded. */
async function requireBalance(client: ApiClient, address: string, reward: bigint): Promise<void> {
  const balance = BigInt(textOf(fieldsOf(await client.get(`/v1/accounts/${address}`))["balance"]));
  if (balance > reward) return;
  throw new ToolError(
    "refused",
    `The reward of ${formatAmount(reward)} AIGENSYN and the fee exceed the balance of ${
      formatAmount(balance)
    }: ` +
      `offer less with --reward, or have tokens sent to ${address}.`,
  );
}

async function upload(client: ApiClient, { blobs }: BuiltProgram, signal: AbortSignal): Promise<void> {
  const narrator = terminalNarrator();
  const total = blobs.reduce((sum, { bytes }) => sum + bytes.length, 0);
  let done = 0;
  for (const { bytes } of blobs) {
    signal.throwIfAborted();
    await client.post("/v1/blobs", bytes);
    done += bytes.length;
    narrator.progress(
      "Handing over",
      done / Math.max(1, total),
      `${(done / 1e6).toFixed(1)} of ${(total / 1e6).toFixed(1)} MB`,
    );
  }
  narrator.rest();
}

function summary({ program }: BuiltProgram): string {
  const steps = program.phases.map((phase) => `${phase.steps} steps of ${phase.nodes} nodes`).join(", then ");
  return `${steps}; ${programSegments(program)} commitments; engine ${program.engine}`;
}

/** See the module. */
export const taskPostCommand: Command = {
  name: "task post",
  summary: "Posts the task of a job file (YAML or JSON) and prints its id.",
  positional: ["JOB"],
  options: {
    ...HOME_OPTION,
    ...TERM_OPTIONS,
    watch: { kind: "flag", description: "follow it to its end; exit status 1 if it fails" },
    json: { kind: "flag", description: "print the id as JSON and nothing else" },
  },
  async run(args, signal) {
    const [path = ""] = args.positional, json = args.flag("json");
    if (json && args.flag("watch")) throw new ToolError("usage", "--json and --watch exclude each other.");
    const client = await connect(args);
    const read = await readJob(path);
    const { address, engine } = fieldsOf(await client.get("/v1/status"));
    await requireBalance(client, textOf(address), rewardOf(args, read.job));
    const built = programOf(path, read, await engineNamed(read.job.engine ?? textOf(engine)));
    const terms = termsOf(args, read.job, built);
    if (!json) console.log(`${terms.title}: ${summary(built)}`);
    if (json) { for (const { bytes } of built.blobs) await client.post("/v1/blobs", bytes); }
    else await upload(client, built, signal);
    signal.throwIfAborted();
    const posted = await client.post("/v1/tasks", toJson({ ...terms, manifest: built.manifestId }));
    const id = textOf(fieldsOf(posted)["id"]);
    if (json) {
      console.log(JSON.stringify({ id }));
      return 0;
    }
    const home = homeOf(args) === DEFAULT_HOME ? "" : ` --home ${homeOf(args)}`;
    console.log(`Posted for ${formatAmount(terms.reward)} AIGENSYN: task ${id}`);
    if (!args.flag("watch")) {
      console.log(`Follow it with \`deno task assay task watch ${id.slice(0, 12)}${home}\`.`);
      return 0;
    }
    if (!await followTask(client, id, signal)) return 1;
    console.log(`Fetch what came out with \`deno task assay task fetch ${id.slice(0, 12)}${home}\`.`);
    return 0;
  },
};
