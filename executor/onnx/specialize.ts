/**
 * A model made static by the tensors that it will be given: for running a model on inputs at hand, where a task would state
 * every size beforehand.
 *
 * @module
 */
import { ExecutorError } from "../errors.ts";
import type { Tensors } from "../engine.ts";
import type { Graph, TypedGraph, ValueInfo } from "../graph.ts";
import type { Tensor } from "../tensor.ts";
import { bindShapes } from "./infer_shapes.ts";
import { UNKNOWN_RANK } from "./parse_model.ts";

/**
 * Binds a model's symbolic dimensions to the sizes of its inputs. Where a shape depends on an input's elements, such as the
 * `shape` of a Reshape that the model takes as an input, that input becomes a constant; all others stay inputs.
 *
 * @param inputs A tensor for each of the model's inputs.
 * @throws {ExecutorError} `bad_tensor` for an input that is missing or not as declared, naming it; `bad_shape`, `unsupported_operator`,
 * `malformed_model` as `bindShapes` does.
 */
export function specialize(model: Graph, inputs: Tensors): TypedGraph {
  const bindings: Record<string, number> = {};
  const typed = model.inputs.map((declared): ValueInfo => {
    const { dtype, shape } = inputFor(declared, inputs, bindings);
    return { name: declared.name, dtype, shape };
  });
  let graph: Graph = { ...model, inputs: typed };
  for (;;) {
    try {
      return bindShapes(graph, bindings);
    } catch (thrown) {
      const wanted = thrown instanceof ExecutorError ? thrown.fields["value"] : undefined;
      const fixed = typeof wanted === "string" ? fixInputsBehind(graph, wanted, inputs) : graph;
      // Every round fixes an input, or is the last one.
      if (fixed === graph) throw thrown;
      graph = fixed;
    }
  }
}

/** The tensor for a declared input, checked; notes what its symbolic dimensions stand for. */
function inputFor(declared: ValueInfo, inputs: Tensors, bindings: Record<string, number>): Tensor {
  const { name, dtype, shape } = declared;
  const tensor = Object.hasOwn(inputs, name) ? inputs[name] : undefined;
  const wanted = `${dtype} [${shape}]`;
  if (tensor === undefined) {
    throw new ExecutorError("bad_tensor", `The model's input "${name}" (${wanted}) is missing.`, {
      input: name,
    });
  }
  const fits = shape[0] === UNKNOWN_RANK ||
    shape.length === tensor.shape.length && shape.every((size, axis) => {
        const actual = tensor.shape[axis] ?? 0;
        if (typeof size === "number") return size === actual;
        return (bindings[size] ??= actual) === actual;
      });
  if (tensor.dtype === dtype && fits) return tensor;
  throw new ExecutorError(
    "bad_tensor",
    `The model's input "${name}" takes ${wanted}: got ${tensor.dtype} [${tensor.shape}].`,
    { input: name },
  );
}

/** The graph with all inputs that a value is computed from made constants. */
function fixInputsBehind(graph: Graph, value: string, inputs: Tensors): Graph {
  const producers = new Map(graph.nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
  const behind = new Set([value]);
  // A set's iterator goes on to what is added on the way.
  for (const name of behind) for (const before of producers.get(name)?.inputs ?? []) behind.add(before);
  const fixed = graph.inputs.filter(({ name }) => behind.has(name));
  if (fixed.length === 0) return graph;
  const constants = fixed.flatMap(({ name }) => {
    const tensor = inputs[name];
    return tensor === undefined ? [] : [[name, tensor] as const];
  });
  return {
    ...graph,
    inputs: graph.inputs.filter(({ name }) => !behind.has(name)),
    initializers: new Map([...graph.initializers, ...constants]),
  };
}
