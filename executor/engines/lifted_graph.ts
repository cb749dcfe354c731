/**
 * A graph made ready for ONNX Runtime: every constant becomes an input.
 *
 * ONNX Runtime repacks the weights that it finds as constants and then multiplies by another kernel, with other bits. A value
 * that comes in as an input is never repacked, and so a node gives the same bits alone as within its graph. `Constant` nodes
 * are lifted as well, since the runtime turns them into initializers when it loads a model.
 *
 * @module
 */
import { ExecutorError } from "../errors.ts";
import type { Tensors } from "../engine.ts";
import type { Attribute, Graph, GraphNode, TypedGraph, ValueInfo } from "../graph.ts";
import type { Tensor } from "../tensor.ts";

/** What is left for the runtime, and what the host does itself. */
export interface LiftedGraph {
  /** Nodes and nothing else: no initializer, no `Constant`. Its inputs are exactly the values that some node reads. */
  readonly model: Graph;
  /** The lifted constants by name. */
  readonly constants: Tensors;
  /** Outputs of the original graph that are its inputs or constants, passed through by the host. */
  readonly passedThrough: readonly string[];
}

/**
 * Lifts a graph's constants.
 *
 * @throws {ExecutorError} `unsupported_operator` for a `Constant` node without a numeric value, `bad_shape` for a value
 * without a type.
 */
export function liftGraph(graph: TypedGraph): LiftedGraph {
  const constants: Record<string, Tensor> = Object.fromEntries(graph.initializers);
  const nodes: GraphNode[] = [];
  for (const node of graph.nodes) {
    const name = node.outputs[0];
    if (node.operator === "Constant" && node.domain === "" && name !== undefined) {
      constants[name] = constantOf(node);
    } else {
      nodes.push(node);
    }
  }
  const computed = new Set(nodes.flatMap((node) => node.outputs));
  const read = new Set(
    nodes.flatMap((node) => node.inputs).filter((name) => name !== "" && !computed.has(name)),
  );
  const model: Graph = {
    name: graph.name,
    opset: graph.opset,
    nodes,
    inputs: [...read].map((name) => declare(graph, name)),
    outputs: graph.outputs.filter(({ name }) => computed.has(name)).map(({ name }) => declare(graph, name)),
    initializers: new Map(),
  };
  const passedThrough = graph.outputs.map(({ name }) => name).filter((name) => !computed.has(name));
  return { model, constants, passedThrough };
}

function declare(graph: TypedGraph, name: string): ValueInfo {
  const info = graph.types.get(name);
  if (info === undefined) {
    throw new ExecutorError(
      "bad_shape",
      `The value "${name}" has no inferred type: infer shapes before loading the graph.`,
    );
  }
  return { name, dtype: info.dtype, shape: info.shape };
}

function constantOf(node: GraphNode): Tensor {
  for (const [name, attribute] of Object.entries(node.attributes)) {
    const tensor = name.startsWith("value") ? numbersOf(attribute) : undefined;
    if (tensor !== undefined) return tensor;
  }
  throw new ExecutorError(
    "unsupported_operator",
    `The Constant node "${node.name}" holds no dense numbers: use value, value_int(s) or value_float(s).`,
    { node: node.name, operator: node.operator },
  );
}

function numbersOf(attribute: Attribute): Tensor | undefined {
  switch (attribute.type) {
    case "tensor":
      return attribute.value;
    case "int":
      return { dtype: "int64", shape: [], data: BigInt64Array.of(attribute.value) };
    case "ints":
      return { dtype: "int64", shape: [attribute.value.length], data: BigInt64Array.from(attribute.value) };
    case "float":
      return { dtype: "float32", shape: [], data: Float32Array.of(attribute.value) };
    case "floats":
      return { dtype: "float32", shape: [attribute.value.length], data: Float32Array.from(attribute.value) };
    case "string":
    case "strings":
      return undefined;
  }
}
