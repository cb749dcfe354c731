/**
 * The identity of an operator: what a node descriptor commits to instead of the node itself.
 *
 * @module
 */
import {
  bytes32,
  encode,
  type Hash,
  hash,
  type Infer,
  list,
  record,
  text,
  u32,
  u64,
  union,
} from "../../ledger/primitives/mod.ts";
import type { Attribute, GraphNode } from "../graph.ts";
import { rootOfTensor } from "../tensor.ts";

/** Most values in a list attribute, and longest text: beyond, constants belong into tensors. */
const MAX_LIST = 4096;

/** An attribute without ambiguity: integers as two's complement, binary32 as its bits, tensors as their root. */
const AttributeValue = union("AttributeValue", {
  int: record("IntValue", { value: u64 }),
  float: record("FloatValue", { bits: u32 }),
  string: record("StringValue", { value: text(MAX_LIST) }),
  ints: record("IntsValue", { value: list(u64, MAX_LIST) }),
  floats: record("FloatsValue", { bits: list(u32, MAX_LIST) }),
  strings: record("StringsValue", { value: list(text(MAX_LIST), MAX_LIST) }),
  tensor: record("TensorValue", { root: bytes32 }),
});

/** The canonical description of an operator. Attributes are sorted by name and as the model states them: defaults stay out. */
const OperatorDescription = record("OperatorDescription", {
  domain: text(MAX_LIST),
  operator: text(MAX_LIST),
  opset: u32,
  attributes: list(record("NamedAttribute", { name: text(MAX_LIST), value: AttributeValue }), 256),
});

/**
 * Hash of a node's operator: domain, type, operator set and attributes; not its name, inputs or outputs.
 *
 * @param opset The version of the standard operator set that the graph declares.
 * @throws {CodecError} `too_long` for lists and texts beyond the schema's bounds.
 */
export function operatorHash(node: GraphNode, opset: number): Hash {
  const attributes = Object.entries(node.attributes)
    .sort(([a], [b]) => a < b ? -1 : 1)
    .map(([name, attribute]) => ({ name, value: canonicalValue(attribute) }));
  return hash(
    "assay/operator",
    encode(OperatorDescription, { domain: node.domain, operator: node.operator, opset, attributes }),
  );
}

function canonicalValue(attribute: Attribute): Infer<typeof AttributeValue> {
  switch (attribute.type) {
    case "int":
      return { kind: "int", value: BigInt.asUintN(64, attribute.value) };
    case "float":
      return { kind: "float", bits: floatBits(attribute.value) };
    case "string":
      return { kind: "string", value: attribute.value };
    case "ints":
      return { kind: "ints", value: attribute.value.map((value) => BigInt.asUintN(64, value)) };
    case "floats":
      return { kind: "floats", bits: attribute.value.map(floatBits) };
    case "strings":
      return { kind: "strings", value: attribute.value };
    case "tensor":
      return { kind: "tensor", root: rootOfTensor(attribute.value) };
  }
}

function floatBits(value: number): number {
  const view = new DataView(new ArrayBuffer(4));
  view.setFloat32(0, value);
  return view.getUint32(0);
}
