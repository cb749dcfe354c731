/**
 * Reads ONNX attributes.
 *
 * @module
 */
import type { onnx } from "onnx-proto";
import { ExecutorError } from "../errors.ts";
import type { Attribute } from "../graph.ts";
import { parseTensor } from "./parse_tensor.ts";

/** `AttributeProto.AttributeType` of onnx.proto. */
export const ATTRIBUTE_TYPE = {
  float: 1,
  int: 2,
  string: 3,
  tensor: 4,
  graph: 5,
  floats: 6,
  ints: 7,
  strings: 8,
  graphs: 10,
} as const;

/**
 * One attribute.
 *
 * @param where The node it belongs to, for messages.
 * @throws {ExecutorError} `malformed_model`; `unsupported_operator` for a sub-graph (If, Loop, Scan).
 */
export function parseAttribute(proto: onnx.IAttributeProto, where: string): Attribute {
  const place = `The attribute "${proto.name}" of ${where}`;
  if (proto.refAttrName) {
    throw new ExecutorError(
      "malformed_model",
      `${place} refers to a function's attribute: inline functions before exporting.`,
    );
  }
  switch (attributeType(proto)) {
    case ATTRIBUTE_TYPE.float:
      return { type: "float", value: proto.f ?? 0 };
    case ATTRIBUTE_TYPE.int:
      return { type: "int", value: integer(proto.i ?? 0) };
    case ATTRIBUTE_TYPE.string:
      return { type: "string", value: decodeText(proto.s ?? new Uint8Array(), place) };
    case ATTRIBUTE_TYPE.tensor:
      if (!proto.t) {
        throw new ExecutorError("malformed_model", `${place} is declared a tensor but holds none.`);
      }
      return { type: "tensor", value: parseTensor(proto.t, place) };
    case ATTRIBUTE_TYPE.floats:
      return { type: "floats", value: [...(proto.floats ?? [])] };
    case ATTRIBUTE_TYPE.ints:
      return { type: "ints", value: (proto.ints ?? []).map(integer) };
    case ATTRIBUTE_TYPE.strings:
      return { type: "strings", value: (proto.strings ?? []).map((bytes) => decodeText(bytes, place)) };
    case ATTRIBUTE_TYPE.graph:
    case ATTRIBUTE_TYPE.graphs:
      throw new ExecutorError(
        "unsupported_operator",
        `${where} holds a sub-graph ("${proto.name}"): control flow (If, Loop, Scan) is not supported. Export the model with static control flow.`,
      );
    default:
      throw new ExecutorError("malformed_model", `${place} has the unknown type ${proto.type}.`);
  }
}

/** The declared type or, in models of the first ONNX versions, the one field that is set. */
function attributeType(proto: onnx.IAttributeProto): number {
  if (proto.type) return proto.type;
  if (proto.ints?.length) return ATTRIBUTE_TYPE.ints;
  if (proto.floats?.length) return ATTRIBUTE_TYPE.floats;
  if (proto.strings?.length) return ATTRIBUTE_TYPE.strings;
  if (proto.t) return ATTRIBUTE_TYPE.tensor;
  if (proto.g) return ATTRIBUTE_TYPE.graph;
  if (proto.s?.length) return ATTRIBUTE_TYPE.string;
  return proto.f ? ATTRIBUTE_TYPE.float : ATTRIBUTE_TYPE.int;
}

function integer(value: unknown): bigint {
  return BigInt.asIntN(64, BigInt(String(value)));
}

function decodeText(bytes: Uint8Array, place: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new ExecutorError("malformed_model", `${place} is not UTF-8 text.`, {}, cause);
  }
}
