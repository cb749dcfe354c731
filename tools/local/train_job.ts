/**
 * Trains a job on this machine: from its files to a trained model, going on from the last checkpoint.
 *
 * @module
 */
import {
  type BuiltProgram,
  type Engine,
  ExecutorError,
  type LocalCheckpoint,
  type LocalStep,
  type NamedTensor,
  parseModel,
  runLocally,
  trainedModel,
  trainedWeights,
  writeSafetensors,
} from "../../executor/mod.ts";
import { programSegments } from "../../ledger/primitives/mod.ts";
import { programOf, type ReadJob } from "../cli/read_job.ts";
import { ToolError } from "../errors.ts";
import { loadCheckpoint, saveCheckpoint } from "./checkpoint_file.ts";
import { makeFolder, writeWhole } from "./files.ts";

/** What a training writes into its folder. */
export const TRAINING_FILES = {
  checkpoint: "checkpoint.safetensors",
  model: "model.onnx",
  weights: "weights.safetensors",
} as const;

/** A training to be. */
export interface TrainingRequest {
  /** Path of the job file, for messages. */
  readonly path: string;
  readonly job: ReadJob;
  /** Stays open. */
  readonly engine: Engine;
  /** Folder for what it writes. */
  readonly out: string;
  readonly signal: AbortSignal;
  /** Called once, before the first step. */
  readonly onStart?: (start: { readonly steps: number; readonly done: number }) => void;
  readonly onStep?: (step: LocalStep, losses: readonly number[]) => void;
}

/** A finished training. */
export interface TrainingResult {
  /** Of every step, also of those before a restart. */
  readonly losses: readonly number[];
  /** Right answers on held-out data, if the job asks for them. */
  readonly accuracy: { readonly right: number; readonly total: number } | undefined;
  /** Paths of the files. */
  readonly model: string;
  readonly weights: string;
}

/**
 * Trains. A checkpoint is written after each segment; a training that is stopped and started again gives the bits of one that
 * was not.
 *
 * @throws {ToolError} `bad_file` for a job, model, data or checkpoint that cannot be used; `failed` when the signal fires, telling
 * where it goes on.
 * @throws {ExecutorError} as the engine does.
 */
export async function trainJob(request: TrainingRequest): Promise<TrainingResult> {
  const { path, job, engine, out, signal, onStart, onStep } = request;
  if (job.job.kind !== "train") {
    throw new ToolError(
      "bad_file",
      `${path} is a job of the kind "${job.job.kind}": training needs "kind: train".`,
    );
  }
  const built = programOf(path, job, engine);
  await makeFolder(out);
  const checkpointPath = `${out}/${TRAINING_FILES.checkpoint}`;
  const saved = await loadCheckpoint(checkpointPath, built.id);
  const losses = [...saved?.losses ?? []];
  let last: LocalCheckpoint = saved ?? { segments: 0, state: [] };
  onStart?.({ steps: built.program.phases[0]?.steps ?? 0, done: losses.length });
  try {
    const run = runLocally(engine, built, {
      signal,
      ...(saved === undefined ? {} : { from: saved }),
      onStep: (step) => {
        if (step.phase === 0) losses.push(step.loss ?? NaN);
        onStep?.(step, losses);
      },
    });
    for await (const { checkpoint } of run) {
      last = checkpoint;
      await saveCheckpoint(checkpointPath, built.id, { ...checkpoint, losses });
    }
  } catch (thrown) {
    if (!(thrown instanceof ExecutorError) || thrown.code !== "cancelled") throw thrown;
    throw new ToolError(
      "failed",
      `Stopped: the same command goes on after segment ${last.segments} of ${
        programSegments(built.program)
      }.`,
    );
  }
  const files = await writeResults(out, job.model, last.state);
  return { losses, accuracy: accuracyOf(built, last.state), ...files };
}

async function writeResults(out: string, model: Uint8Array, state: readonly NamedTensor[]) {
  const paths = { model: `${out}/${TRAINING_FILES.model}`, weights: `${out}/${TRAINING_FILES.weights}` };
  await writeWhole(paths.model, trainedModel(parseModel(model), state));
  await writeWhole(paths.weights, writeSafetensors(trainedWeights(state)));
  return paths;
}

function accuracyOf(
  { program: { metric }, manifest }: BuiltProgram,
  state: readonly NamedTensor[],
): TrainingResult["accuracy"] {
  if (metric === null) return undefined;
  const name = manifest.state[metric.index]?.name;
  const right = state.find((named) => named.name === name)?.tensor.data[0];
  return typeof right === "bigint" ? { right: Number(right), total: metric.total } : undefined;
}
