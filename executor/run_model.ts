/**
 * A model, run once on tensors at hand: no program, no commitment.
 *
 * @module
 */
import type { Engine, Tensors } from "./engine.ts";
import type { Graph } from "./graph.ts";
import { specialize } from "./onnx/mod.ts";
import { inferenceForm } from "./program/mod.ts";

/**
 * The outputs of a model, which infers: one that was exported for training drops nothing and uses its running statistics.
 *
 * @param inputs A tensor for each of the model's inputs, by name; symbolic dimensions take their sizes.
 * @throws {ExecutorError} `bad_tensor` for an input that is missing or not as declared; `bad_shape`, `unsupported_operator`,
 * `malformed_model`, `engine_failed`.
 *
 * @example
 * ```ts
 * import { parseModel, runModel, type Engine, type Tensor } from "./mod.ts";
 * const classify = (engine: Engine, file: Uint8Array, image: Tensor) => runModel(engine, parseModel(file), { image });
 * ```
 */
export async function runModel(engine: Engine, model: Graph, inputs: Tensors): Promise<Tensors> {
  const session = await engine.load(specialize(inferenceForm(model), inputs));
  try {
    const outputs = await session.run(inputs);
    return Object.fromEntries(model.outputs.flatMap(({ name }) => {
      const tensor = outputs[name];
      return tensor === undefined ? [] : [[name, tensor]];
    }));
  } finally {
    await session.close();
  }
}
