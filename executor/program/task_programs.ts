/**
 * The programs that tasks are made of, from the parts that a requester has: training with evaluation, and batch inference.
 *
 * @module
 */
import { type Hash, isTolerant } from "../../ledger/primitives/mod.ts";
import { ExecutorError } from "../errors.ts";
import type { Graph } from "../graph.ts";
import { buildProgram, type BuiltProgram, type NamedTensor } from "./build_program.ts";
import { buildEvaluationStep, CORRECT } from "./evaluation_step.ts";
import { exposeValues } from "./expose_values.ts";
import { buildInferenceStep } from "./inference_step.ts";
import { buildTrainingStep, type TrainingStepOptions } from "./training_step.ts";

/** The engine a program is for. */
export interface ProgramEngine {
  readonly name: string;
  readonly kernelHash: Hash;
}

/** Engines that have the operators of `ai.assay`. */
const EXTENDED_ENGINES = ["repops", "repops-highest"];

/** A training task. */
export interface TrainingProgramOptions extends Omit<TrainingStepOptions, "data" | "extended"> {
  readonly engine: ProgramEngine;
  readonly data: readonly NamedTensor[];
  /** Training steps, and how many of them between two commitments. */
  readonly steps: number;
  readonly segmentSteps: number;
  /** Shuffles the rows, and is what Dropout draws by, unless that has a seed of its own. */
  readonly seed: bigint;
  readonly dropoutSeed?: bigint;
  /** Held-out data, by the names of its tensors; rows beyond the last full batch are left out. */
  readonly evaluation?: { readonly inputs: Readonly<Record<string, string>>; readonly labels: string };
  readonly note?: string;
}

/**
 * A program that trains for `steps` steps and then, if there is held-out data, counts right answers: its metric is `accuracy`.
 *
 * @throws {ExecutorError} `bad_request`, `bad_program`, and what the steps' builders throw.
 */
export function buildTrainingProgram(options: TrainingProgramOptions): BuiltProgram {
  const { engine, data, steps, segmentSteps, seed, batchSize, evaluation, note = "" } = options;
  const infos = data.map(({ name, tensor }) => ({ name, dtype: tensor.dtype, shape: tensor.shape }));
  const training = buildTrainingStep({
    ...options,
    seed: options.dropoutSeed ?? seed,
    data: infos,
    extended: EXTENDED_ENGINES.includes(engine.name),
  });
  const trainingPhase = {
    step: training.step,
    steps,
    segmentSteps,
    batch: { rows: rowsOf(data, options.labels), size: batchSize, seed },
  };
  if (evaluation === undefined) {
    return buildProgram({ engine, state: training.state, data, phases: [trainingPhase], note });
  }
  const counting = buildEvaluationStep({ ...options, ...evaluation, data: infos });
  const rows = rowsOf(data, evaluation.labels), batches = Math.floor(rows / batchSize);
  const known = new Set(training.state.map(({ name }) => name));
  return buildProgram({
    engine,
    state: [...training.state, ...counting.state.filter(({ name }) => !known.has(name))],
    data,
    phases: [
      trainingPhase,
      {
        step: counting.step,
        steps: batches,
        segmentSteps: batches,
        batch: { rows, size: batchSize, seed: null },
      },
    ],
    metric: { name: "accuracy", tensor: CORRECT, total: batches * counting.answersPerStep },
    note,
  });
}

/** An inference task. */
export interface InferenceProgramOptions {
  readonly engine: ProgramEngine;
  readonly model: Graph;
  readonly bindings?: Readonly<Record<string, number>>;
  readonly inputs: Readonly<Record<string, string>>;
  readonly outputs?: readonly string[];
  readonly data: readonly NamedTensor[];
  /** Rows in a batch, and batches between two commitments. */
  readonly batchSize: number;
  readonly segmentSteps: number;
  readonly note?: string;
}

/**
 * A program that runs a model over all rows of its data, batch by batch, in order; the last batch is filled up with the first
 * rows. On an engine whose bits depend on the device the outputs of all nodes are outputs of the program, see `expose_values.ts`.
 *
 * @throws {ExecutorError} `bad_request`, `bad_program`, and what the step's builder throws.
 */
export function buildInferenceProgram(options: InferenceProgramOptions): BuiltProgram {
  const { engine, data, batchSize, segmentSteps, note = "" } = options;
  const infos = data.map(({ name, tensor }) => ({ name, dtype: tensor.dtype, shape: tensor.shape }));
  const { step: plain, state } = buildInferenceStep({ ...options, data: infos });
  const step = isTolerant({ engine: engine.name }) ? { ...plain, graph: exposeValues(plain.graph) } : plain;
  const [first] = Object.values(options.inputs);
  if (first === undefined) {
    throw new ExecutorError("bad_request", "An inference task needs a data tensor for each model input.");
  }
  const rows = rowsOf(data, first);
  const phase = {
    step,
    steps: Math.ceil(rows / batchSize),
    segmentSteps,
    batch: { rows, size: batchSize, seed: null },
  };
  return buildProgram({ engine, state, data, phases: [phase], note });
}

function rowsOf(data: readonly NamedTensor[], name: string): number {
  const rows = data.find((tensor) => tensor.name === name)?.tensor.shape[0];
  if (rows === undefined || rows === 0) {
    throw new ExecutorError("bad_request", `The data has no tensor "${name}" with rows.`);
  }
  return rows;
}
