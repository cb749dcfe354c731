/**
 * From a training run back to a model: what was learned, written where the model keeps its weights.
 *
 * @module
 */
import { ExecutorError } from "../errors.ts";
import type { Graph } from "../graph.ts";
import { buildModel } from "../onnx/mod.ts";
import type { Tensor } from "../tensor.ts";
import type { NamedTensor } from "./build_program.ts";
import { WEIGHT } from "./embed_model.ts";
import { inferenceForm } from "./training_form.ts";

/**
 * The parameters in a training program's state, under the names that the model knows them by.
 *
 * @param state Any state of a run, in any order; what is no parameter (moments, counters) is passed over.
 */
export function trainedWeights(state: readonly NamedTensor[]): Readonly<Record<string, Tensor>> {
  return Object.fromEntries(
    state.flatMap(({ name, tensor }) => name.startsWith(WEIGHT) ? [[name.slice(WEIGHT.length), tensor]] : []),
  );
}

/**
 * The model with other weights.
 *
 * @param model As `parseModel` gave it. Its symbolic dimensions stay.
 * @param weights By the names of the model's initializers; those that are not named keep their values.
 * @throws {ExecutorError} `bad_request` for a weight that the model has not; `bad_tensor` for one of another type or shape.
 */
export function withWeights(model: Graph, weights: Readonly<Record<string, Tensor>>): Graph {
  const initializers = new Map(model.initializers);
  for (const [name, tensor] of Object.entries(weights)) {
    const old = initializers.get(name);
    if (old === undefined) {
      throw new ExecutorError("bad_request", `The model has no initializer "${name}" to take the weights.`);
    }
    if (old.dtype !== tensor.dtype || String(old.shape) !== String(tensor.shape)) {
      throw new ExecutorError(
        "bad_tensor",
        `The model's initializer "${name}" is ${old.dtype} [${old.shape}]: got ${tensor.dtype} [${tensor.shape}].`,
      );
    }
    initializers.set(name, tensor);
  }
  return { ...model, initializers };
}

/**
 * The trained model as an ONNX file, in the form that infers: Dropout drops nothing, and BatchNormalization takes the running
 * statistics that training left.
 *
 * @throws {ExecutorError} as {@link withWeights} does.
 */
export function trainedModel(model: Graph, state: readonly NamedTensor[]): Uint8Array {
  return buildModel(withWeights(inferenceForm(model), trainedWeights(state)));
}
