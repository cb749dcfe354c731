/**
 * One step of training as a graph: fetch the batch, compute the loss, its gradients, and the next state.
 *
 * State: `weight.*` (the parameters, and the running statistics of normalizations), `step` (int64, steps done), `loss` (float32, of the last step, so that the loss curve is
 * committed to), and what the optimizer carries (`momentum.*`; `moment1.*`, `moment2.*`, `beta1_power`, `beta2_power`).
 *
 * @module
 */
import { ExecutorError } from "../errors.ts";
import {
  appendGradients,
  crossEntropy,
  expressions,
  type LossName,
  meanSquaredError,
} from "../gradient/mod.ts";
import { GraphBuilder } from "../onnx/mod.ts";
import type { NamedTensor } from "./build_program.ts";
import { batchReader, bindModel, embedModel, type ModelUse, WEIGHT } from "./embed_model.ts";
import { learningRate, type Schedule } from "./learning_rate.ts";
import { applyOptimizer, type Optimizer } from "./optimizers.ts";
import { trainableParameters } from "./parameters.ts";
import { STEP_NAMES, type StepGraph } from "./step_graph.ts";
import { beginState, counterZero, floatScalar } from "./step_state.ts";
import { trainingForm } from "./training_form.ts";

/** What is trained, on what, and how. */
export interface TrainingStepOptions extends ModelUse {
  /** The data tensor with the targets: class numbers of any integer type, or float32 values. */
  readonly labels: string;
  /** The model's output that the loss is computed from. Default: the first. */
  readonly output?: string;
  readonly loss: LossName;
  readonly optimizer: Optimizer;
  /** Default: constant. */
  readonly schedule?: Schedule;
  /** Names of the initializers to train. Default: those that stand where weights stand, see `trainableParameters`. */
  readonly parameters?: readonly string[];
  /** A power of two that gradients are multiplied by on the way and divided by at its end. Default 1. */
  readonly lossScale?: number;
  /** What Dropout draws by. Default 0. */
  readonly seed?: bigint;
  /** Whether the engine has the operators of `ai.assay`. Default false. */
  readonly extended?: boolean;
}

/** A step and the state it starts from. */
export interface StepWithState {
  readonly step: StepGraph;
  /** The initial state tensors that the step uses. */
  readonly state: readonly NamedTensor[];
}

/**
 * Builds the step.
 *
 * @throws {ExecutorError} `bad_request`, `bad_shape`, `unsupported_operator` (an operator without gradient), `malformed_model`.
 */
export function buildTrainingStep(options: TrainingStepOptions): StepWithState {
  const { extended = false, seed = 0n } = options, output = outputName(options);
  const form = trainingForm(options.model, seed, extended);
  const model = bindModel({ ...options, model: form.model }, [
    output,
    ...form.statistics.map(({ next }) => next),
  ]);
  const builder = new GraphBuilder({ name: "training step", opset: model.opset, extended });
  const state = beginState(builder);
  const parameters = trainableParameters(model, options.parameters);
  const read = batchReader(builder, options);
  const given = new Map(form.step === undefined ? [] : [[form.step, state.declare("step", counterZero())]]);
  const carried = [...parameters, ...form.statistics.map(({ name }) => name)];
  const names = embedModel(state, model, options, read, carried, given);
  for (const { name, next } of form.statistics) {
    state.next(WEIGHT + name, "Identity", [names.get(next) ?? next]);
  }
  const loss = lossOf(builder, options, names.get(output) ?? output, read);
  const rate = nextCounters(options, loss);
  applyOptimizer(state, options.optimizer, rate, gradientsOf(builder, options, loss, parameters));
  return { step: { mode: "carry", graph: builder.finish() }, state: state.initial };

  function nextCounters({ optimizer, schedule }: TrainingStepOptions, loss: string): string {
    const step = given.get(form.step ?? "") ?? state.declare("step", counterZero());
    state.next("step", "Add", [step, builder.int(1)]);
    state.declare("loss", floatScalar(0));
    state.next("loss", "Identity", [loss]);
    return learningRate(builder, step, optimizer.learningRate, schedule ?? { kind: "constant" });
  }
}

/** The output that losses and metrics are computed from. */
export function outputName({ model, output }: Pick<TrainingStepOptions, "model" | "output">): string {
  const name = output ?? model.outputs[0]?.name;
  if (name === undefined) throw new ExecutorError("malformed_model", "The model has no outputs.");
  return name;
}

function lossOf(
  builder: GraphBuilder,
  { loss, labels }: TrainingStepOptions,
  predictions: string,
  read: (name: string, dtype: "int64" | "float32") => string,
): string {
  switch (loss) {
    case "cross_entropy":
      return crossEntropy(builder, predictions, read(labels, "int64"));
    case "mean_squared_error":
      return meanSquaredError(builder, predictions, read(labels, "float32"));
  }
}

function gradientsOf(
  builder: GraphBuilder,
  { lossScale = 1 }: TrainingStepOptions,
  loss: string,
  parameters: readonly string[],
) {
  if (!(lossScale > 0) || !Number.isFinite(lossScale) || Math.fround(lossScale) !== lossScale) {
    throw new ExecutorError("bad_request", `The loss scale is a power of two: got ${lossScale}.`);
  }
  const values = parameters.map((name) => STEP_NAMES.state + WEIGHT + name);
  const gradients = appendGradients(builder, loss, values, lossScale), e = expressions(builder);
  return parameters.map((name) => {
    const value = STEP_NAMES.state + WEIGHT + name, gradient = gradients.get(value) ?? "";
    return { name, value, gradient: lossScale === 1 ? gradient : e.scale(gradient, 1 / lossScale) };
  });
}
