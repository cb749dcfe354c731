/**
 * Which of a model's constants are trained.
 *
 * @module
 */
import { ExecutorError } from "../errors.ts";
import type { Graph, GraphNode } from "../graph.ts";
import { elementCount, type Tensor } from "../tensor.ts";

/** Inputs, by position, that hold what is learned; `*` is any. BatchNormalization's statistics are not. */
const LEARNED_INPUTS: Readonly<Record<string, readonly number[] | "*">> = {
  MatMul: "*",
  Gemm: "*",
  Einsum: "*",
  Conv: [1, 2],
  ConvTranspose: [1, 2],
  LayerNormalization: [1, 2],
  RMSNormalization: [1],
  BatchNormalization: [1, 2],
  InstanceNormalization: [1, 2],
  GroupNormalization: [1, 2],
  Gather: [0],
  PRelu: [1],
  Add: "*",
  Mul: "*",
};

/** A constant with larger elements is a mask (such as -1e9 or minus infinity for attention), not a weight. */
const LARGEST_WEIGHT = 1e6;

/**
 * Names of the initializers to train, in the model's order.
 *
 * Without `chosen`: float32 initializers of more than one element that an operator with weights reads where its weights
 * stand, masks excepted. A model whose constants are not told apart by that names its parameters.
 *
 * @param chosen The names, if the job states them.
 * @throws {ExecutorError} `bad_request` for a name that is no float32 initializer, or if nothing is left to train.
 */
export function trainableParameters(model: Graph, chosen?: readonly string[]): readonly string[] {
  const wanted = chosen === undefined ? learnedByPlace(model) : new Set(chosen);
  for (const name of wanted) {
    if (model.initializers.get(name)?.dtype !== "float32") {
      throw new ExecutorError(
        "bad_request",
        `The model has no float32 parameter "${name}": it has ${
          [...model.initializers.keys()].slice(0, 20).join(", ")
        }.`,
      );
    }
  }
  const parameters = [...model.initializers.keys()].filter((name) => wanted.has(name));
  if (parameters.length === 0) {
    throw new ExecutorError(
      "bad_request",
      "The model has nothing to train: export it with its weights as initializers.",
    );
  }
  return parameters;
}

function learnedByPlace(model: Graph): ReadonlySet<string> {
  return new Set(
    model.nodes.flatMap((node) =>
      learnedInputs(node).filter((name) => isWeight(model.initializers.get(name)))
    ),
  );
}

function learnedInputs(node: GraphNode): readonly string[] {
  const places = node.domain === "" && Object.hasOwn(LEARNED_INPUTS, node.operator)
    ? LEARNED_INPUTS[node.operator]
    : [];
  return places === "*" ? node.inputs : node.inputs.filter((_, i) => places?.includes(i));
}

function isWeight(tensor: Tensor | undefined): boolean {
  return tensor?.data instanceof Float32Array && elementCount(tensor.shape) > 1 &&
    tensor.data.every((value) => Math.abs(value) <= LARGEST_WEIGHT);
}
