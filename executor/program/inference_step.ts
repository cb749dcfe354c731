/**
 * One step of inference as a graph: the model on a batch of rows, from a state that does not change.
 *
 * State: `weight.*`. Outputs: the model's, under their own names.
 *
 * @module
 */
import { GraphBuilder } from "../onnx/mod.ts";
import { batchReader, bindModel, embedModel, type ModelUse } from "./embed_model.ts";
import { STEP_NAMES } from "./step_graph.ts";
import { beginState } from "./step_state.ts";
import { inferenceForm } from "./training_form.ts";
import type { StepWithState } from "./training_step.ts";

/** What is computed, on what. */
export interface InferenceStepOptions extends ModelUse {
  /** The model's outputs that are wanted. Default: all. */
  readonly outputs?: readonly string[];
}

/**
 * Builds the step. All float32 initializers of more than one element become state: weights are committed to as state, and the
 * graph stays small.
 *
 * @throws {ExecutorError} `bad_request`, `bad_shape`, `unsupported_operator`, `malformed_model`.
 */
export function buildInferenceStep(options: InferenceStepOptions): StepWithState {
  const model = bindModel({ ...options, model: inferenceForm(options.model) }, options.outputs);
  const builder = new GraphBuilder({ name: "inference step", opset: model.opset });
  const state = beginState(builder), read = batchReader(builder, options);
  const weights = [...model.initializers].filter(([, { dtype, data }]) =>
    dtype === "float32" && data.length > 1
  );
  const computed = new Set(model.nodes.flatMap((node) => node.outputs));
  const outputNames = new Map(
    model.outputs.filter(({ name }) => computed.has(name)).map((
      { name },
    ) => [name, STEP_NAMES.output + name]),
  );
  const names = embedModel(state, model, options, read, weights.map(([name]) => name), outputNames);
  for (const { name } of model.outputs) builder.output(names.get(name) ?? name, STEP_NAMES.output + name);
  return { step: { mode: "map", graph: builder.finish() }, state: state.initial };
}
