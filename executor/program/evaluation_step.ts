/**
 * One step of evaluation as a graph: the model on a batch of held-out data, and the count of its right answers.
 *
 * State: `weight.*` as training leaves them, unchanged, and `correct` (int64), which grows. What an evaluation counts is an
 * int64 scalar over a known total; a regression's metric would be a count of predictions within a tolerance.
 *
 * @module
 */
import { ExecutorError } from "../errors.ts";
import { GraphBuilder } from "../onnx/mod.ts";
import { batchReader, bindModel, embedModel, type ModelUse } from "./embed_model.ts";
import { trainableParameters } from "./parameters.ts";
import { beginState, counterZero } from "./step_state.ts";
import { inferenceForm, runningStatistics } from "./training_form.ts";
import { outputName, type StepWithState } from "./training_step.ts";

/** The state tensor that counts right answers. */
export const CORRECT = "correct";

/** What is evaluated, on what. */
export interface EvaluationStepOptions extends ModelUse {
  /** The data tensor with the right class numbers, of any integer type. */
  readonly labels: string;
  /** The model's output with the logits. Default: the first. */
  readonly output?: string;
  /** The parameters of the training that went before; they come from the state. */
  readonly parameters?: readonly string[];
}

/** A step of evaluation, and how many answers it counts. */
export interface EvaluationStep extends StepWithState {
  /** Answers in one batch: rows, times positions for a model that answers at each. */
  readonly answersPerStep: number;
}

/**
 * Builds the step.
 *
 * @throws {ExecutorError} `bad_request`, `bad_shape`, `unsupported_operator`, `malformed_model`.
 */
export function buildEvaluationStep(options: EvaluationStepOptions): EvaluationStep {
  const output = outputName(options);
  const model = bindModel({ ...options, model: inferenceForm(options.model) }, [output]);
  const builder = new GraphBuilder({ name: "evaluation step", opset: model.opset });
  const state = beginState(builder), read = batchReader(builder, options);
  const moved = runningStatistics(options.model).filter((name) => model.initializers.has(name));
  const carried = [...trainableParameters(model, options.parameters), ...moved];
  const names = embedModel(state, model, options, read, carried);
  const answers = builder.add("ArgMax", [names.get(output) ?? output], { axis: -1, keepdims: 0 });
  const labels = read(options.labels, "int64");
  const { shape } = builder.type(answers);
  if (String(builder.type(labels).shape) !== String(shape)) {
    throw new ExecutorError(
      "bad_shape",
      `The model answers with [${shape}], but the labels "${options.labels}" of a batch are [${
        builder.type(labels).shape
      }].`,
    );
  }
  const right = builder.add("Cast", [builder.add("Equal", [answers, labels])], { to: 7 });
  const count = builder.add("ReduceSum", [right], { keepdims: 0 });
  state.next(CORRECT, "Add", [state.declare(CORRECT, counterZero()), count]);
  const answersPerStep = shape.reduce((product, size) => product * size, 1);
  return { step: { mode: "carry", graph: builder.finish() }, state: state.initial, answersPerStep };
}
