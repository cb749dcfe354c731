/**
 * Reads job files.
 *
 * @module
 */
import { parse } from "yaml";
import { messageOf, utf8 } from "../../ledger/primitives/mod.ts";
import { ExecutorError } from "../errors.ts";
import type { Optimizer, Schedule } from "../program/mod.ts";
import {
  fieldError,
  type FieldReader,
  fieldsOf,
  integer,
  listOf,
  mapOf,
  number,
  type Reader,
  text,
  truth,
  word,
} from "./fields.ts";
import type { InferJob, Job, JobBase, TensorFile, TrainJob } from "./job.ts";

/** Longest job file in bytes: a job names files, it does not hold data. */
const MAX_JOB_BYTES = 1024 * 1024;

/** Batches, steps and rows are `u32` in a program; dimensions too. */
const U32_MAX = 2 ** 32 - 1;

/** Default number of steps between two commitments: a compromise between hashing and what a fault rolls back. */
const DEFAULT_SEGMENT = 10;

/**
 * Reads a job. Unknown fields are refused, so that a misspelt one is noticed.
 *
 * @param source YAML, or JSON, which is YAML too.
 * @throws {ExecutorError} `malformed_file`, naming the field, what was seen and what is allowed.
 *
 * @example
 * ```ts
 * import { parseJob } from "./parse_job.ts";
 * const job = parseJob(`
 * kind: infer
 * model: model.onnx
 * data: { x: { file: images.npy } }
 * inputs: { input: x }
 * batch: 32
 * `);
 * console.assert(job.kind === "infer" && job.batch === 32);
 * ```
 */
export function parseJob(source: string): Job {
  const fields = fieldsOf(parseYaml(source), "");
  const kind = fields.required("kind", word("train", "infer"));
  const base = baseOf(fields);
  const job = kind === "train" ? trainOf(fields, base) : inferOf(fields, base);
  fields.finish();
  checkDataNames(job);
  return job;
}

function parseYaml(source: string): unknown {
  if (utf8(source).length > MAX_JOB_BYTES) {
    throw new ExecutorError(
      "malformed_file",
      `A job file has at most ${MAX_JOB_BYTES} bytes: data belongs into files of its own.`,
    );
  }
  try {
    return parse(source, { logLevel: "error" });
  } catch (cause) {
    // The first line says what and where; the others show the place, which the reader has in front of them.
    const [what = ""] = messageOf(cause).split("\n");
    throw new ExecutorError(
      "malformed_file",
      `The job file is neither YAML nor JSON: ${what.replace(/:$/, "")}.`,
      {},
      cause,
    );
  }
}

const tensorFile: Reader<TensorFile> = (value, path) => {
  if (typeof value === "string") return { file: text(value, path) };
  const fields = fieldsOf(value, path);
  const file = fields.required("file", text), tensor = fields.optional("tensor", text);
  fields.finish();
  return { file, ...present("tensor", tensor) };
};

const reward: Reader<string> = (value, path) => {
  const written = typeof value === "number" ? String(value) : value;
  if (typeof written === "string" && /^\d{1,12}(\.\d{1,9})?$/.test(written)) return written;
  throw fieldError(path, "an amount of tokens such as 12.5, with at most nine decimals", value);
};

const seed: Reader<bigint> = (value, path) => BigInt(integer(0, Number.MAX_SAFE_INTEGER)(value, path));

/** An optional field of a result: there only if it has a value. The assertion restores the key that a computed name widens. */
function present<K extends string, T>(name: K, value: T | undefined): { readonly [P in K]?: T } {
  return value === undefined ? {} : { [name]: value } as { readonly [P in K]?: T };
}

function baseOf(fields: FieldReader): JobBase {
  const base = {
    model: fields.required("model", text),
    data: fields.required("data", mapOf(tensorFile)),
    inputs: fields.required("inputs", mapOf(text)),
    bindings: fields.optional("bindings", mapOf(integer(0, U32_MAX)), {}),
    batch: fields.required("batch", integer(1, U32_MAX)),
    segment: fields.optional("segment", integer(1, U32_MAX), DEFAULT_SEGMENT),
    note: fields.optional("note", text, ""),
  };
  return {
    ...base,
    ...present("engine", fields.optional("engine", text)),
    ...present("reward", fields.optional("reward", reward)),
  };
}

function inferOf(fields: FieldReader, base: JobBase): InferJob {
  return { kind: "infer", ...base, ...present("outputs", fields.optional("outputs", listOf(text))) };
}

function trainOf(fields: FieldReader, base: JobBase): TrainJob {
  return {
    kind: "train",
    ...base,
    labels: fields.required("labels", text),
    ...present("output", fields.optional("output", text)),
    loss: fields.optional("loss", word("cross_entropy", "mean_squared_error"), "cross_entropy"),
    optimizer: fields.required("optimizer", optimizer),
    schedule: fields.optional<Schedule>("schedule", schedule, { kind: "constant" }),
    ...present("parameters", fields.optional("parameters", listOf(text))),
    lossScale: fields.optional("lossScale", number(1, 2 ** 30), 1),
    steps: fields.required("steps", integer(1, U32_MAX)),
    seed: fields.optional("seed", seed, 0n),
    ...present("evaluation", fields.optional("evaluation", evaluation)),
  };
}

const evaluation: Reader<NonNullable<TrainJob["evaluation"]>> = (value, path) => {
  const fields = fieldsOf(value, path);
  const read = {
    inputs: fields.required("inputs", mapOf(text)),
    labels: fields.required("labels", text),
    threshold: fields.optional("threshold", number(0, 1), 0),
  };
  fields.finish();
  return read;
};

const optimizer: Reader<Optimizer> = (value, path) => {
  const fields = fieldsOf(value, path), fraction = number(0, 1);
  const kind = fields.required("kind", word("sgd", "momentum", "adamw"));
  const shared = {
    learningRate: fields.required("learningRate", number(Number.MIN_VALUE, 1000)),
    ...present("weightDecay", fields.optional("weightDecay", fraction)),
  };
  const read = ((): Optimizer => {
    switch (kind) {
      case "sgd":
        return { kind, ...shared };
      case "momentum":
        return {
          kind,
          ...shared,
          ...present("momentum", fields.optional("momentum", fraction)),
          ...present("nesterov", fields.optional("nesterov", truth)),
        };
      case "adamw":
        return {
          kind,
          ...shared,
          ...present("beta1", fields.optional("beta1", fraction)),
          ...present("beta2", fields.optional("beta2", fraction)),
          ...present("epsilon", fields.optional("epsilon", number(0, 1))),
        };
    }
  })();
  fields.finish();
  return read;
};

const schedule: Reader<Schedule> = (value, path) => {
  const fields = fieldsOf(value, path), steps = integer(0, U32_MAX);
  const kind = fields.required("kind", word("constant", "linear", "milestones"));
  const read = ((): Schedule => {
    switch (kind) {
      case "constant":
        return { kind };
      case "linear":
        return {
          kind,
          warmupSteps: fields.optional("warmupSteps", steps, 0),
          totalSteps: fields.required("totalSteps", steps),
          ...present("finalFraction", fields.optional("finalFraction", number(0, 1))),
        };
      case "milestones":
        return {
          kind,
          milestones: fields.required("milestones", listOf(steps)),
          factor: fields.required("factor", number(0, 10)),
        };
    }
  })();
  fields.finish();
  return read;
};

/** Every data tensor that is used must be declared. */
function checkDataNames(job: Job): void {
  const uses: [string, string][] = Object.entries(job.inputs).map((
    [input, name],
  ) => [`inputs.${input}`, name]);
  if (job.kind === "train") {
    uses.push(["labels", job.labels]);
    for (const [input, name] of Object.entries(job.evaluation?.inputs ?? {})) {
      uses.push([`evaluation.inputs.${input}`, name]);
    }
    if (job.evaluation !== undefined) uses.push(["evaluation.labels", job.evaluation.labels]);
  }
  for (const [path, name] of uses) {
    if (!Object.hasOwn(job.data, name)) {
      throw fieldError(path, `the name of a tensor under "data" (${Object.keys(job.data).join(", ")})`, name);
    }
  }
}
