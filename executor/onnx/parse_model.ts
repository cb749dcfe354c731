/**
 * Reads ONNX models into {@link Graph}s.
 *
 * @module
 */
import onnxProto, { type onnx } from "onnx-proto";
import { messageOf } from "../../ledger/primitives/mod.ts";
import { ExecutorError } from "../errors.ts";
import type { Attribute, Graph, GraphNode, ValueInfo } from "../graph.ts";
import type { Tensor } from "../tensor.ts";
import { dtypeOfOnnx } from "./element_types.ts";
import { parseAttribute } from "./parse_attribute.ts";
import { parseDimension, parseTensor } from "./parse_tensor.ts";
import { topologicalOrder } from "./topological_order.ts";
import { BASE_OPSET, upgradeNodes } from "./upgrade_nodes.ts";

/** Oldest standard operator set that is read. Nodes older than operator set 11 are brought into its forms. */
export const MIN_OPSET = 1;

/** The dimension list of an output whose rank the model does not declare; inference finds the real one. */
export const UNKNOWN_RANK = "*";

/** Longest name of a value, node or attribute in characters: names are repeated in messages and commitments. */
const MAX_NAME = 1024;

/**
 * Parses an ONNX model: initializers and `Constant` nodes become initializers, nodes come in topological order and have names,
 * unnamed dimensions are named `<input>.<axis>`. A model of an operator set before 11 becomes one of operator set 11.
 *
 * @param bytes The model file, with all its tensors inside.
 * @throws {ExecutorError} `malformed_model`, `unsupported_operator` (sub-graphs). Never anything else, whatever the bytes.
 */
export function parseModel(bytes: Uint8Array): Graph {
  const model = decodeProto(bytes);
  const graph = model.graph;
  if (!graph) throw new ExecutorError("malformed_model", "The bytes hold no ONNX graph: pass an .onnx file.");
  if ((model.functions?.length ?? 0) > 0) {
    throw new ExecutorError(
      "malformed_model",
      "The model defines functions of its own: inline them before exporting.",
    );
  }
  if ((graph.sparseInitializer?.length ?? 0) > 0) {
    throw new ExecutorError(
      "malformed_model",
      "The model has sparse initializers: export them as dense tensors.",
    );
  }
  const opset = standardOpset(model);
  const initializers = new Map<string, Tensor>();
  for (const proto of graph.initializer ?? []) addInitializer(initializers, proto);
  const written = foldConstants((graph.node ?? []).map(parseNode), initializers);
  const inputs = (graph.input ?? []).map((value) => parseValue(value, "input")).filter(({ name }) =>
    !initializers.has(name)
  );
  const given = new Set([...inputs.map(({ name }) => name), ...initializers.keys()]);
  if (given.size !== inputs.length + initializers.size) {
    throw new ExecutorError("malformed_model", "Two inputs of the model have the same name.");
  }
  const nodes = upgradeNodes(written, opset, { inputs, initializers });
  const ordered = topologicalOrder(nodes, new Set([...given, ...initializers.keys()]));
  const outputs = (graph.output ?? []).map((value) => parseValue(value, "output"));
  checkOutputs(outputs, new Set([...given, ...nodes.flatMap((node) => node.outputs)]));
  return {
    name: checkName(graph.name ?? "", "The graph"),
    opset: Math.max(opset, BASE_OPSET),
    nodes: ordered,
    inputs,
    outputs,
    initializers,
  };
}

function decodeProto(bytes: Uint8Array): onnx.ModelProto {
  try {
    return onnxProto.onnx.ModelProto.decode(bytes);
  } catch (cause) {
    throw new ExecutorError(
      "malformed_model",
      `The bytes are not an ONNX model (${messageOf(cause)}).`,
      {},
      cause,
    );
  }
}

/** A model of other domains only need not name a version of the standard one. */
function standardOpset(model: onnx.IModelProto): number {
  const imports = model.opsetImport ?? [];
  const version = Number(
    imports.find(({ domain }) => !domain || domain === "ai.onnx")?.version ??
      (imports.length > 0 ? BASE_OPSET : 0),
  );
  if (!Number.isInteger(version) || version < MIN_OPSET || version > 1000) {
    throw new ExecutorError(
      "malformed_model",
      `The model uses operator set ${version}: export it with operator set ${MIN_OPSET} or newer.`,
      { opset: version },
    );
  }
  return version;
}

function addInitializer(initializers: Map<string, Tensor>, proto: onnx.ITensorProto): void {
  const name = checkName(proto.name ?? "", "An initializer");
  if (name === "") throw new ExecutorError("malformed_model", "An initializer has no name.");
  if (initializers.has(name)) {
    throw new ExecutorError("malformed_model", `Two initializers are named "${name}".`);
  }
  initializers.set(name, parseTensor(proto, `The initializer "${name}"`));
}

function parseNode(proto: onnx.INodeProto, index: number): GraphNode {
  const operator = checkName(proto.opType ?? "", `Node ${index}`);
  if (operator === "") throw new ExecutorError("malformed_model", `Node ${index} names no operator.`);
  const name = checkName(proto.name || `${operator}_${index}`, `Node ${index}`);
  const domain = checkName(proto.domain ?? "", `The node "${name}"`);
  const where = `the node "${name}" (${operator})`;
  const attributes: [string, Attribute][] = [];
  for (const attribute of proto.attribute ?? []) {
    const attributeName = checkName(attribute.name ?? "", where);
    if (attributes.some(([known]) => known === attributeName)) {
      throw new ExecutorError("malformed_model", `${where} has two attributes named "${attributeName}".`);
    }
    attributes.push([attributeName, parseAttribute(attribute, where)]);
  }
  const outputs = trimAbsent(proto.output ?? []).map((output) => checkName(output, where));
  if (outputs.length === 0) throw new ExecutorError("malformed_model", `${where} has no output.`);
  return {
    name,
    operator,
    domain: domain === "ai.onnx" ? "" : domain,
    inputs: trimAbsent(proto.input ?? []).map((input) => checkName(input, where)),
    // An output left out between others gets a name, so that every output of a node has a type.
    outputs: outputs.map((output, i) => output === "" ? `${name}.unused.${i}` : output),
    attributes: Object.fromEntries(attributes),
  };
}

/** Absent inputs and outputs at the end of a list say nothing. */
function trimAbsent(names: readonly string[]): readonly string[] {
  return names.slice(0, names.findLastIndex((name) => name !== "") + 1);
}

function foldConstants(nodes: readonly GraphNode[], initializers: Map<string, Tensor>): readonly GraphNode[] {
  return nodes.filter((node) => {
    if (node.operator !== "Constant" || node.domain !== "") return true;
    const name = node.outputs[0] ?? "";
    if (initializers.has(name)) {
      throw new ExecutorError("malformed_model", `The value "${name}" has two producers.`);
    }
    initializers.set(name, constantTensor(node));
    return false;
  });
}

/** The value of a `Constant` node. */
export function constantTensor(node: GraphNode): Tensor {
  for (const [name, attribute] of Object.entries(node.attributes)) {
    if (name === "value" && attribute.type === "tensor") return attribute.value;
    if (name === "value_int" && attribute.type === "int") {
      return { dtype: "int64", shape: [], data: BigInt64Array.of(attribute.value) };
    }
    if (name === "value_ints" && attribute.type === "ints") {
      return { dtype: "int64", shape: [attribute.value.length], data: BigInt64Array.from(attribute.value) };
    }
    if (name === "value_float" && attribute.type === "float") {
      return { dtype: "float32", shape: [], data: Float32Array.of(attribute.value) };
    }
    if (name === "value_floats" && attribute.type === "floats") {
      return { dtype: "float32", shape: [attribute.value.length], data: Float32Array.from(attribute.value) };
    }
  }
  throw new ExecutorError("malformed_model", `The Constant node "${node.name}" holds no dense numbers.`);
}

function parseValue(proto: onnx.IValueInfoProto, role: "input" | "output"): ValueInfo {
  const name = checkName(proto.name ?? "", `An ${role}`);
  const where = `The ${role} "${name}"`;
  if (name === "") throw new ExecutorError("malformed_model", `An ${role} of the model has no name.`);
  const type = proto.type?.tensorType;
  if (!type) throw new ExecutorError("malformed_model", `${where} is not declared as a dense tensor.`);
  const dtype = dtypeOfOnnx(type.elemType ?? 0, where);
  if (!type.shape) {
    if (role === "output") return { name, dtype, shape: [UNKNOWN_RANK] };
    throw new ExecutorError(
      "malformed_model",
      `${where} has no declared shape: export the model with input shapes.`,
    );
  }
  const shape = (type.shape.dim ?? []).map((dimension, axis) => {
    if (dimension.dimParam) return checkName(dimension.dimParam, where);
    return dimension.dimValue === undefined || dimension.dimValue === null || !isDeclared(dimension)
      ? `${name}.${axis}`
      : parseDimension(dimension.dimValue, where);
  });
  return { name, dtype, shape };
}

/** protobuf gives an unset 64-bit field its default through the prototype: only an own field was in the file. */
function isDeclared(dimension: onnx.TensorShapeProto.IDimension): boolean {
  return Object.hasOwn(dimension, "dimValue");
}

function checkOutputs(outputs: readonly ValueInfo[], produced: ReadonlySet<string>): void {
  if (outputs.length === 0) throw new ExecutorError("malformed_model", "The model has no outputs.");
  if (new Set(outputs.map(({ name }) => name)).size !== outputs.length) {
    throw new ExecutorError("malformed_model", "Two outputs of the model have the same name.");
  }
  const orphan = outputs.find(({ name }) => !produced.has(name));
  if (orphan !== undefined) {
    throw new ExecutorError(
      "malformed_model",
      `The output "${orphan.name}" is produced by nothing in the model.`,
    );
  }
}

function checkName(name: string, where: string): string {
  if (name.length > MAX_NAME || !name.isWellFormed()) {
    throw new ExecutorError(
      "malformed_model",
      `${where} has a name that is too long or no text: at most ${MAX_NAME} characters.`,
    );
  }
  return name;
}
