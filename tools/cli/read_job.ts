/**
 * A job file and the files it names, as the program to be computed.
 *
 * @module
 */
import {
  buildInferenceProgram,
  buildTrainingProgram,
  type BuiltProgram,
  type Job,
  parseJob,
  parseModel,
  type ProgramEngine,
  readNpy,
  readSafetensors,
  type Tensor,
  type TensorFile,
} from "../../executor/mod.ts";
import { CodedError, messageOf } from "../../ledger/primitives/mod.ts";
import { ToolError } from "../errors.ts";

/** A job with what it needs at hand. */
export interface ReadJob {
  readonly job: Job;
  readonly model: Uint8Array;
  readonly data: readonly { readonly name: string; readonly tensor: Tensor }[];
}

async function readFile(path: string, what: string): Promise<Uint8Array> {
  try {
    return await Deno.readFile(path);
  } catch (thrown) {
    if (thrown instanceof Deno.errors.NotFound) {
      throw new ToolError("bad_file", `There is no ${what} ${path}.`, { path });
    }
    if (thrown instanceof Deno.errors.NotCapable) throw thrown;
    throw new ToolError(
      "bad_file",
      `The ${what} ${path} cannot be read: ${messageOf(thrown)}`,
      { path },
      thrown,
    );
  }
}

/** Runs something over the content of a file; a typed failure then names the file. */
function naming<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (thrown) {
    if (!(thrown instanceof CodedError)) throw thrown;
    throw new ToolError("bad_file", `${path}: ${thrown.message}`, { path, code: thrown.code }, thrown);
  }
}

/** Paths in a job are relative to the job file. */
function besides(jobPath: string, path: string): string {
  const isAbsolute = path.startsWith("/") || /^[a-z]:[\\/]/i.test(path);
  const folder = /^(.*[\\/])[^\\/]*$/.exec(jobPath)?.[1] ?? "";
  return isAbsolute ? path : `${folder}${path}`;
}

/** The tensor that a job's entry `name` means. Without a tensor's name: the one called `name`, or the only one. */
function chooseTensor(
  tensors: Readonly<Record<string, Tensor>>,
  name: string,
  { file, tensor }: TensorFile,
): Tensor {
  const names = Object.keys(tensors);
  const wanted = tensor ?? (names.includes(name) || names.length !== 1 ? name : names[0] ?? name);
  const found = Object.hasOwn(tensors, wanted) ? tensors[wanted] : undefined;
  if (found !== undefined) return found;
  throw new ToolError(
    "bad_file",
    `${file} has no tensor "${wanted}" for the job's data "${name}": it has ${names.join(", ")}.`,
  );
}

async function readData(jobPath: string, job: Job): Promise<ReadJob["data"]> {
  const archives = new Map<string, Readonly<Record<string, Tensor>>>();
  const data: { name: string; tensor: Tensor }[] = [];
  for (const [name, entry] of Object.entries(job.data)) {
    const path = besides(jobPath, entry.file);
    if (path.endsWith(".npy")) {
      const bytes = await readFile(path, "data file");
      data.push({ name, tensor: naming(path, () => readNpy(bytes)) });
      continue;
    }
    if (!path.endsWith(".safetensors")) {
      throw new ToolError("bad_file", `${path}: data comes in .safetensors or .npy files.`, { path });
    }
    let tensors = archives.get(path);
    if (tensors === undefined) {
      const bytes = await readFile(path, "data file");
      tensors = naming(path, () => readSafetensors(bytes));
      archives.set(path, tensors);
    }
    data.push({ name, tensor: chooseTensor(tensors, name, { ...entry, file: path }) });
  }
  return data;
}

/**
 * Reads a job file and every file that it names.
 *
 * @throws {ToolError} `bad_file`, naming the file and what is wrong with it.
 */
export async function readJob(path: string): Promise<ReadJob> {
  const source = new TextDecoder().decode(await readFile(path, "job file"));
  const job = naming(path, () => parseJob(source));
  return { job, model: await readFile(besides(path, job.model), "model"), data: await readData(path, job) };
}

/**
 * The program of a job.
 *
 * @throws {ToolError} `bad_file` for a model or data that cannot be used, with the executor's sentence.
 */
export function programOf(
  path: string,
  { job, model: bytes, data }: ReadJob,
  engine: ProgramEngine,
): BuiltProgram {
  const model = naming(besides(path, job.model), () => parseModel(bytes));
  const { bindings, inputs, batch, segment, note } = job;
  const common = { engine, model, bindings, inputs, data, batchSize: batch, note };
  return naming(path, () => {
    if (job.kind === "infer") {
      const { outputs } = job;
      const rows = data.find(({ name }) => name === Object.values(inputs)[0])?.tensor.shape[0] ?? batch;
      const segmentSteps = Math.max(1, Math.min(segment, Math.ceil(rows / batch)));
      return buildInferenceProgram({
        ...common,
        segmentSteps,
        ...(outputs === undefined ? {} : { outputs }),
      });
    }
    const { labels, output, loss, optimizer, schedule, parameters, lossScale, steps, seed, evaluation } = job;
    return buildTrainingProgram({
      ...common,
      labels,
      loss,
      optimizer,
      schedule,
      lossScale,
      steps,
      seed,
      segmentSteps: Math.min(segment, steps),
      ...(output === undefined ? {} : { output }),
      ...(parameters === undefined ? {} : { parameters }),
      ...(evaluation === undefined
        ? {}
        : { evaluation: { inputs: evaluation.inputs, labels: evaluation.labels } }),
    });
  });
}
