/**
 * Writes {@link Graph}s as ONNX models, always with the same bytes for the same graph.
 *
 * @module
 */
import onnxProto, { type onnx } from "onnx-proto";
import { utf8 } from "../../ledger/primitives/mod.ts";
import { ExecutorError } from "../errors.ts";
import type { Attribute, Graph, GraphNode, ValueInfo } from "../graph.ts";
import { type Tensor, tensorBytes } from "../tensor.ts";
import { ONNX_TYPE } from "./element_types.ts";
import { ATTRIBUTE_TYPE } from "./parse_attribute.ts";
import { UNKNOWN_RANK } from "./parse_model.ts";

/** The newest IR version that ONNX Runtime 1.30's operator sets need and that every reader of the last years knows. */
const IR_VERSION = 8;

/** What besides the graph goes into the file. */
export interface BuildOptions {
  /** Named in the file's header. Default `assay`. */
  readonly producer?: string;
}

/**
 * The graph as an ONNX model file. `parseModel` of it gives an equal graph. Initializers and attributes are written in their
 * map's order and sorted by name, respectively: the bytes depend on the graph alone.
 *
 * @throws {ExecutorError} `malformed_model` for an integer attribute beyond 64 bits.
 */
export function buildModel(graph: Graph, options: BuildOptions = {}): Uint8Array {
  const domains = [...new Set(graph.nodes.map((node) => node.domain))].filter((domain) => domain !== "")
    .sort();
  const message: onnx.IModelProto = {
    irVersion: IR_VERSION,
    producerName: options.producer ?? "assay",
    opsetImport: [{ domain: "", version: graph.opset }, ...domains.map((domain) => ({ domain, version: 1 }))],
    graph: {
      name: graph.name,
      node: graph.nodes.map(nodeProto),
      initializer: [...graph.initializers].map(([name, tensor]) => tensorProto(tensor, name)),
      input: graph.inputs.map(valueProto),
      output: graph.outputs.map(valueProto),
    },
  };
  return new Uint8Array(onnxProto.onnx.ModelProto.encode(message).finish());
}

function nodeProto(node: GraphNode): onnx.INodeProto {
  const names = Object.keys(node.attributes).sort();
  return {
    name: node.name,
    opType: node.operator,
    domain: node.domain,
    input: [...node.inputs],
    output: [...node.outputs],
    attribute: names.flatMap((name) => {
      const attribute = node.attributes[name];
      return attribute === undefined ? [] : [attributeProto(name, attribute)];
    }),
  };
}

function attributeProto(name: string, attribute: Attribute): onnx.IAttributeProto {
  const type = ATTRIBUTE_TYPE[attribute.type];
  switch (attribute.type) {
    case "int":
      return { name, type, i: longOf(attribute.value) };
    case "float":
      return { name, type, f: attribute.value };
    case "string":
      return { name, type, s: utf8(attribute.value) };
    case "ints":
      return { name, type, ints: attribute.value.map(longOf) };
    case "floats":
      return { name, type, floats: [...attribute.value] };
    case "strings":
      return { name, type, strings: attribute.value.map(utf8) };
    case "tensor":
      return { name, type, t: tensorProto(attribute.value, "") };
  }
}

/** protobufjs takes a 64-bit integer as its two halves. */
function longOf(value: bigint): { low: number; high: number; unsigned: boolean } {
  if (BigInt.asIntN(64, value) !== value) {
    throw new ExecutorError("malformed_model", `An integer attribute must fit 64 bits: got ${value}.`);
  }
  return {
    low: Number(BigInt.asIntN(32, value)),
    high: Number(BigInt.asIntN(32, value >> 32n)),
    unsigned: false,
  };
}

function tensorProto(tensor: Tensor, name: string): onnx.ITensorProto {
  return { name, dataType: ONNX_TYPE[tensor.dtype], dims: [...tensor.shape], rawData: tensorBytes(tensor) };
}

function valueProto(value: ValueInfo): onnx.IValueInfoProto {
  const elemType = ONNX_TYPE[value.dtype];
  if (value.shape[0] === UNKNOWN_RANK) return { name: value.name, type: { tensorType: { elemType } } };
  const dim = value.shape.map((size) => typeof size === "number" ? { dimValue: size } : { dimParam: size });
  return { name: value.name, type: { tensorType: { elemType, shape: { dim } } } };
}
