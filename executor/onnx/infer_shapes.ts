/**
 * Static shape inference: binds symbolic dimensions, finds the type of every value, folds shape arithmetic, and drops what no
 * output needs.
 *
 * @module
 */
import { MAX_RANK, type TensorInfo } from "../../ledger/primitives/mod.ts";
import { ExecutorError } from "../errors.ts";
import type { Graph, GraphNode, TypedGraph, ValueInfo } from "../graph.ts";
import { elementCount, type Tensor } from "../tensor.ts";
import { expandAttention } from "./attention.ts";
import { foldNode } from "./fold_integers.ts";
import { ASSAY_DOMAIN, OWN_SHAPE_RULES, SHAPE_RULES } from "./rules/mod.ts";
import { type NodeContext, nodeError } from "./shape_rule.ts";

/** What is known of a graph's values so far. */
export interface KnownValues {
  readonly types: ReadonlyMap<string, TensorInfo>;
  readonly constants: ReadonlyMap<string, Tensor>;
}

/** What one node gives. */
export interface InferredNode {
  /** Type of each output of the node. */
  readonly outputs: readonly TensorInfo[];
  /** Value of the single output, where it is known before execution. */
  readonly folded: Tensor | undefined;
}

/**
 * Gives every value of a graph its type and static shape.
 *
 * Integer and boolean values that follow from shapes become initializers, and nodes and initializers that no output needs are
 * dropped; applied to its own result, nothing changes any more. The outputs are declared as inferred.
 *
 * @param bindings A size for each symbolic dimension of the inputs, by its name.
 * @throws {ExecutorError} `bad_shape` (an unbound dimension, shapes that do not fit, a shape computed from data),
 * `unsupported_operator`, `malformed_model`, each naming what is concerned.
 */
export function bindShapes(graph: Graph, bindings: Readonly<Record<string, number>> = {}): TypedGraph {
  const inputs = graph.inputs.map((value) => bindInput(value, bindings));
  const types = new Map<string, TensorInfo>(inputs.map(({ name, dtype, shape }) => [name, { dtype, shape }]));
  const constants = new Map<string, Tensor>(graph.initializers);
  for (const [name, { dtype, shape }] of graph.initializers) types.set(name, { dtype, shape });
  const kept: GraphNode[] = [];
  const constant = (name: string, tensor: Tensor) => {
    constants.set(name, tensor);
    types.set(name, { dtype: tensor.dtype, shape: tensor.shape });
  };
  const type = (name: string): TensorInfo => {
    const info = types.get(name);
    if (info) return info;
    throw new ExecutorError("malformed_model", `Nothing produces the value "${name}".`);
  };
  const taken = new Set([...types.keys(), ...graph.nodes.flatMap(({ outputs }) => outputs)]);
  const isTaken = (name: string) => taken.has(name);
  const bind = (node: GraphNode): void => {
    if (node.domain === "" && node.operator === "Attention") {
      return expandAttention(node, { type, isTaken, constant, node: bind });
    }
    const { outputs, folded } = inferNode(node, graph.opset, { types, constants });
    node.outputs.forEach((name, i) => {
      const type = outputs[i];
      if (type !== undefined) types.set(name, type);
    });
    const [name] = node.outputs;
    if (folded === undefined || name === undefined) kept.push(node);
    else constants.set(name, folded);
  };
  graph.nodes.forEach(bind);
  return prune({ ...graph, inputs, nodes: kept, types, initializers: constants });
}

/**
 * Types of one node's outputs.
 *
 * @throws {ExecutorError} As {@link bindShapes}.
 */
export function inferNode(node: GraphNode, opset: number, known: KnownValues): InferredNode {
  const context: NodeContext = {
    node,
    opset,
    optional: (index) => {
      const name = node.inputs[index];
      if (name === undefined || name === "") return undefined;
      const type = known.types.get(name);
      if (type === undefined) {
        throw nodeError(node, "malformed_model", `nothing produces its input "${name}".`);
      }
      return type;
    },
    constant: (index) => known.constants.get(node.inputs[index] ?? ""),
  };
  const rules = node.domain === "" ? SHAPE_RULES : node.domain === ASSAY_DOMAIN ? OWN_SHAPE_RULES : undefined;
  const rule = rules?.get(node.operator);
  if (rule === undefined) {
    const operator = node.domain === "" ? node.operator : `${node.domain}.${node.operator}`;
    throw new ExecutorError(
      "unsupported_operator",
      `The node "${node.name}" uses the operator ${operator}, which is not supported.`,
      { node: node.name, operator },
    );
  }
  const outputs = rule(context).slice(0, node.outputs.length);
  const [first] = outputs;
  if (outputs.length < node.outputs.length || first === undefined) {
    throw nodeError(
      node,
      "malformed_model",
      `it has ${node.outputs.length} outputs, more than the operator gives.`,
    );
  }
  for (const { shape } of outputs) checkShape(node, shape);
  return { outputs, folded: foldNode(context, first) };
}

function checkShape(node: GraphNode, shape: readonly number[]): void {
  const countable = shape.every((size) => Number.isInteger(size) && size >= 0 && size < 2 ** 32) &&
    Number.isSafeInteger(elementCount(shape));
  if (shape.length > MAX_RANK || !countable) {
    throw nodeError(
      node,
      "bad_shape",
      `the result's shape would be [${shape}]: at most ${MAX_RANK} sizes in [0, 2^32) and 2^53 elements.`,
    );
  }
}

function bindInput(value: ValueInfo, bindings: Readonly<Record<string, number>>): ValueInfo & TensorInfo {
  const shape = value.shape.map((size) => {
    const bound = typeof size === "number"
      ? size
      : Object.hasOwn(bindings, size)
      ? bindings[size]
      : undefined;
    if (bound === undefined || !Number.isInteger(bound) || bound < 0 || bound >= 2 ** 32) {
      throw new ExecutorError(
        "bad_shape",
        `The dimension "${size}" of the input "${value.name}" needs a size: bind it to an integer of 0 or more.`,
        { input: value.name, dimension: size },
      );
    }
    return bound;
  });
  if (shape.length > MAX_RANK) {
    throw new ExecutorError(
      "bad_shape",
      `The input "${value.name}" has ${shape.length} dimensions: at most ${MAX_RANK}.`,
    );
  }
  return { name: value.name, dtype: value.dtype, shape };
}

/** Drops nodes, initializers and types that no output needs; inputs stay, since they are the graph's interface. */
function prune(graph: TypedGraph): TypedGraph {
  const needed = new Set(graph.outputs.map(({ name }) => name));
  const nodes = graph.nodes.toReversed().filter((node) => {
    const used = node.outputs.some((name) => needed.has(name));
    if (used) { for (const name of node.inputs) needed.add(name); }
    return used;
  }).reverse();
  for (const { name } of graph.inputs) needed.add(name);
  for (const node of nodes) for (const name of node.outputs) needed.add(name);
  const outputs = graph.outputs.map(({ name }) => {
    const type = graph.types.get(name);
    if (type === undefined) {
      throw new ExecutorError("malformed_model", `The output "${name}" is produced by nothing.`);
    }
    return { name, dtype: type.dtype, shape: type.shape };
  });
  return {
    ...graph,
    nodes,
    outputs,
    initializers: new Map([...graph.initializers].filter(([name]) => needed.has(name))),
    types: new Map([...graph.types].filter(([name]) => needed.has(name))),
  };
}
