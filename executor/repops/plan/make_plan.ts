/**
 * From a graph to steps over storages.
 *
 * @module
 */
import type { TensorInfo } from "../../../ledger/primitives/mod.ts";
import { ExecutorError } from "../../errors.ts";
import type { GraphNode, TypedGraph } from "../../graph.ts";
import type { Precision } from "../numbers/mod.ts";
import { type InputNeeds, inputsFor, type KnownInputs, type NodeRange } from "../access/mod.ts";
import { evaluateNode, requireSupported } from "../reference/mod.ts";
import { admit, type CanonicalTensor, release, sizeOf } from "../values.ts";
import { expandComposites } from "./composites/mod.ts";

/** A value of the graph: its type, the storage that holds it, and its elements if they are known before the run. */
export interface PlannedValue {
  readonly info: TensorInfo;
  readonly storage: number;
  readonly constant: CanonicalTensor | undefined;
}

/** A node to run. */
export interface Step {
  readonly node: GraphNode;
  /** `undefined` where an optional input is absent. */
  readonly inputs: readonly (PlannedValue | undefined)[];
  readonly outputs: readonly PlannedValue[];
  /** Where a backend runs several steps as one: those steps, in order. */
  readonly parts?: readonly Step[];
}

/** What to run, and on what storage. */
export interface Plan {
  readonly steps: readonly Step[];
  readonly values: ReadonlyMap<string, PlannedValue>;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Elements of each storage: the most that any of its values has. */
  readonly storages: readonly number[];
  /**
   * Which input chunks a range of an output of one of the graph's nodes needs, and what it costs (SPEC 9), before any value is known but
   * the graph's constants and those `known` besides.
   *
   * @param node A node of the graph as it was loaded.
   * @throws {ExecutorError} As `inputsFor` of `access/` does.
   */
  inputsFor(node: GraphNode, range: NodeRange, known?: KnownInputs): InputNeeds;
}

/** Operators whose output is the first input's elements under another shape. */
const SAME_ELEMENTS = new Set(["Reshape", "Flatten", "Squeeze", "Unsqueeze", "Identity"]);

/** Larger results are not folded: the reference would make loading slow, and a kernel is fast. */
const FOLD_LIMIT = 2 ** 20;

/**
 * Plans a graph.
 *
 * @param native Operators that the backend has kernels for in every form. Others may be written as several nodes.
 * @throws {ExecutorError} `unsupported_operator` naming node and operator; `bad_shape` if a value has no type.
 */
export function makePlan(
  given: TypedGraph,
  precision: Precision,
  native: ReadonlySet<string> = new Set(),
): Plan {
  const graph = expandComposites(given, native);
  const values = new Map<string, PlannedValue>();
  const storages: number[] = [];
  const steps: Step[] = [];
  const newStorage = (info: TensorInfo) => storages.push(sizeOf(info)) - 1;
  const define = (name: string, info: TensorInfo, constant?: CanonicalTensor): PlannedValue => {
    const value = { info, storage: newStorage(info), constant };
    values.set(name, value);
    return value;
  };
  const valueOf = (name: string): PlannedValue => {
    const value = values.get(name);
    if (value) return value;
    throw new ExecutorError(
      "malformed_model",
      `Nothing produces the value "${name}" of graph ${graph.name}.`,
    );
  };
  for (const { name } of graph.inputs) define(name, typeOf(graph, name));
  for (const [name, tensor] of graph.initializers) {
    const constant = admitNamed(name, tensor);
    define(name, { dtype: tensor.dtype, shape: tensor.shape }, constant);
  }
  for (const node of graph.nodes) {
    const inputs = node.inputs.map((name) => (name === "" ? undefined : valueOf(name)));
    const infos = node.outputs.map((name) => (name === "" ? undefined : typeOf(graph, name)));
    const [source] = inputs;
    requireSupported({
      node,
      opset: graph.opset,
      inputs: inputs.map((value) => value?.info),
      outputs: infos.flatMap((info) => (info ? [info] : [])),
    });
    const [first] = node.outputs;
    const firstInfo = infos[0];
    if (SAME_ELEMENTS.has(node.operator) && source && first && firstInfo) {
      const constant = source.constant && { ...source.constant, shape: firstInfo.shape };
      values.set(first, { info: firstInfo, storage: source.storage, constant });
      continue;
    }
    const evaluation = { node, opset: graph.opset, precision };
    const folded = fold(evaluation, inputs, infos);
    const outputs = node.outputs.map((name, i): PlannedValue => {
      const info = infos[i];
      if (name !== "" && info) return define(name, info, folded?.[i]);
      return { info: { dtype: "float32", shape: [0] }, storage: -1, constant: undefined };
    });
    if (!folded) steps.push({ node, inputs, outputs });
  }
  const outputs = graph.outputs.map(({ name }) => name);
  outputs.forEach(valueOf);
  return {
    steps,
    values,
    storages,
    inputs: graph.inputs.map(({ name }) => name),
    outputs,
    inputsFor: (node, range, known) => {
      const inputs = node.inputs.map((name) => (name === "" ? undefined : valueOf(name)));
      const constants = inputs.flatMap((value, i) =>
        value?.constant ? [[i, release(value.constant)] as const] : []
      );
      const types = {
        node,
        opset: graph.opset,
        precision,
        inputs: inputs.map((value) => value?.info),
        outputs: node.outputs.map((name) => typeOf(graph, name)),
      };
      return inputsFor(types, range, new Map([...constants, ...(known ?? [])]));
    },
  };
}

function typeOf(graph: TypedGraph, name: string): TensorInfo {
  const info = graph.types.get(name);
  if (info) return info;
  throw new ExecutorError(
    "bad_shape",
    `The value "${name}" of graph ${graph.name} has no type: infer shapes first.`,
  );
}

function admitNamed(name: string, tensor: Parameters<typeof admit>[0]): CanonicalTensor {
  try {
    return admit(tensor);
  } catch (error) {
    if (!(error instanceof ExecutorError)) throw error;
    throw new ExecutorError(error.code, `Initializer "${name}": ${error.message}`);
  }
}

/** The outputs of a node whose inputs are all constants; `undefined` otherwise, or if they are large. */
function fold(
  evaluation: { readonly node: GraphNode; readonly opset: number; readonly precision: Precision },
  inputs: readonly (PlannedValue | undefined)[],
  infos: readonly (TensorInfo | undefined)[],
): readonly CanonicalTensor[] | undefined {
  const known = inputs.every((value) => value === undefined || value.constant);
  const outputs = infos.flatMap((info) => (info ? [info] : []));
  if (!known || outputs.length < infos.length) return undefined;
  if (outputs.some((info) => sizeOf(info) > FOLD_LIMIT)) return undefined;
  return evaluateNode({ ...evaluation, inputs: inputs.map((value) => value?.constant), outputs });
}
