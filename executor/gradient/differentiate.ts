/**
 * Reverse-mode differentiation on the graph: gradients are more nodes of the same kind, so whatever can execute, commit to and
 * dispute a model can do so with its training.
 *
 * @module
 */
import { ExecutorError } from "../errors.ts";
import type { GraphNode, TypedGraph } from "../graph.ts";
import { ASSAY_DOMAIN, GraphBuilder } from "../onnx/mod.ts";
import { refuse } from "./gradient_rule.ts";
import { GRADIENT_RULES, OWN_RULES } from "./rules/mod.ts";

/** A graph with gradients. */
export interface Differentiated {
  /** The given graph with the gradients' nodes behind its own; the gradients are further outputs. */
  readonly graph: TypedGraph;
  /** Name of the gradient of each value that was asked for. */
  readonly gradients: ReadonlyMap<string, string>;
}

/**
 * Appends the gradients of a scalar.
 *
 * @param loss A float32 value of one element.
 * @param withRespectTo float32 values: inputs, initializers or intermediate ones.
 * @throws {ExecutorError} `unsupported_operator` naming the node that has no gradient, `bad_request` for a loss that is no
 * float32 scalar or does not depend on one of the values.
 */
export function differentiate(
  graph: TypedGraph,
  loss: string,
  withRespectTo: readonly string[],
): Differentiated {
  const usesOwn = graph.nodes.some(({ domain }) => domain === ASSAY_DOMAIN);
  const builder = GraphBuilder.extending(graph, usesOwn);
  const gradients = appendGradients(builder, loss, withRespectTo);
  const outputs = new Set(graph.outputs.map(({ name }) => name));
  for (const gradient of new Set(gradients.values())) if (!outputs.has(gradient)) builder.output(gradient);
  return { graph: builder.finish(), gradients };
}

/**
 * Appends the gradients of a scalar to a graph under construction.
 *
 * @param scale Gradients are of `loss * scale`; a power of two keeps small ones away from the smallest numbers. Default 1.
 * @returns Name of the gradient of each value that was asked for.
 * @throws {ExecutorError} As {@link differentiate}.
 */
export function appendGradients(
  builder: GraphBuilder,
  loss: string,
  withRespectTo: readonly string[],
  scale = 1,
): ReadonlyMap<string, string> {
  const { dtype, shape } = builder.type(loss);
  if (dtype !== "float32" || shape.some((size) => size !== 1)) {
    throw new ExecutorError("bad_request", `A loss is a float32 scalar: "${loss}" is ${dtype} [${shape}].`);
  }
  const forward = [...builder.nodes];
  const wanted = dependents(builder, forward, withRespectTo);
  const gradients = new Map<string, string>();
  const accumulate = (name: string, gradient: string) => {
    const before = gradients.get(name);
    gradients.set(name, before === undefined ? gradient : builder.add("Add", [before, gradient]));
  };
  const seed = builder.float(scale);
  accumulate(loss, shape.length === 0 ? seed : builder.add("Expand", [seed, builder.ints(shape)]));
  for (const node of forward.toReversed()) backward(builder, node, wanted, gradients, accumulate);
  return new Map(withRespectTo.map((name) => {
    const gradient = gradients.get(name);
    if (gradient === undefined) {
      throw new ExecutorError("bad_request", `The loss does not depend on "${name}".`, { value: name });
    }
    return [name, gradient];
  }));
}

/** Values on a path from those asked for, through floats: integers and truth values carry no gradient. */
function dependents(
  builder: GraphBuilder,
  nodes: readonly GraphNode[],
  sources: readonly string[],
): ReadonlySet<string> {
  const reached = new Set(sources);
  for (const node of nodes) {
    if (!node.inputs.some((name) => reached.has(name))) continue;
    for (const name of node.outputs) if (builder.type(name).dtype === "float32") reached.add(name);
  }
  return reached;
}

function backward(
  builder: GraphBuilder,
  node: GraphNode,
  wanted: ReadonlySet<string>,
  gradients: ReadonlyMap<string, string>,
  accumulate: (name: string, gradient: string) => void,
): void {
  const outputGradients = node.outputs.map((name) => gradients.get(name));
  const needs = node.inputs.map((name) => wanted.has(name));
  if (!needs.includes(true) || outputGradients.every((gradient) => gradient === undefined)) return;
  const rules = node.domain === "" ? GRADIENT_RULES : node.domain === ASSAY_DOMAIN ? OWN_RULES : undefined;
  const rule = rules?.get(node.operator);
  if (rule === undefined) throw refuse(node, "the operator has no gradient rule");
  rule({ builder, node, needs, outputGradients }).forEach((gradient, i) => {
    const name = node.inputs[i];
    if (gradient !== undefined && name !== undefined && needs[i]) accumulate(name, gradient);
  });
}
