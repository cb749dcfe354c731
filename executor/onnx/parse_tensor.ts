/**
 * Reads ONNX tensors, whichever of their two forms they have: raw little-endian bytes or a typed field.
 *
 * @module
 */
import type { onnx } from "onnx-proto";
import { MAX_RANK } from "../../ledger/primitives/mod.ts";
import { ExecutorError } from "../errors.ts";
import { elementCount, type Tensor, tensorFromBytes, zeros } from "../tensor.ts";
import { dtypeOfOnnx } from "./element_types.ts";

/** `TensorProto.DataLocation.EXTERNAL`. */
const EXTERNAL = 1;

/** Dimensions are `u32` in every commitment. */
const DIMENSION_LIMIT = 2 ** 32;

/**
 * The tensor that a `TensorProto` holds, copied.
 *
 * @param where What the tensor is, for messages, for example `The initializer "w"`.
 * @throws {ExecutorError} `malformed_model`.
 */
export function parseTensor(proto: onnx.ITensorProto, where: string): Tensor {
  if (proto.dataLocation === EXTERNAL || (proto.externalData?.length ?? 0) > 0) {
    throw new ExecutorError(
      "malformed_model",
      `${where} keeps its data in another file: export the model with all data inside one ONNX file.`,
    );
  }
  if (proto.segment) {
    throw new ExecutorError(
      "malformed_model",
      `${where} is one segment of a tensor: segments are not supported.`,
    );
  }
  const dtype = dtypeOfOnnx(proto.dataType ?? 0, where);
  const shape = (proto.dims ?? []).map((dimension) => parseDimension(dimension, where));
  if (shape.length > MAX_RANK) {
    throw new ExecutorError(
      "malformed_model",
      `${where} has ${shape.length} dimensions: at most ${MAX_RANK} are supported.`,
    );
  }
  const raw = proto.rawData;
  const info = { dtype, shape };
  if (raw instanceof Uint8Array && raw.length > 0) return fromRaw(info, raw, where);
  const elements = typedElements(proto, dtype);
  const expected = elementCount(shape);
  if (elements.length !== expected) {
    throw new ExecutorError(
      "malformed_model",
      `${where} of shape [${shape}] needs ${expected} ${dtype} elements: it holds ${elements.length}.`,
    );
  }
  const tensor = zeros(info);
  if (tensor.data instanceof BigInt64Array || tensor.data instanceof BigUint64Array) {
    for (const [i, element] of elements.entries()) tensor.data[i] = BigInt(String(element));
  } else {
    for (const [i, element] of elements.entries()) tensor.data[i] = Number(element);
  }
  return oneOrZero(tensor);
}

function fromRaw(info: Pick<Tensor, "dtype" | "shape">, raw: Uint8Array, where: string): Tensor {
  try {
    return oneOrZero(tensorFromBytes(info, raw));
  } catch (cause) {
    throw new ExecutorError(
      "malformed_model",
      `${where} of type ${info.dtype} and shape [${info.shape}] has ${raw.length} bytes of raw data, which is another size.`,
      {},
      cause,
    );
  }
}

/** Booleans are committed as bytes 0 and 1; ONNX takes any other byte for true. Changes the tensor's own, fresh elements. */
function oneOrZero(tensor: Tensor): Tensor {
  if (tensor.dtype === "bool" && tensor.data instanceof Uint8Array) {
    for (const [i, flag] of tensor.data.entries()) tensor.data[i] = flag === 0 ? 0 : 1;
  }
  return tensor;
}

/** A dimension as protobuf gives it: a number or a 64-bit integer object. */
export function parseDimension(dimension: unknown, where: string): number {
  const value = Number(dimension);
  if (!Number.isInteger(value) || value < 0 || value >= DIMENSION_LIMIT) {
    throw new ExecutorError(
      "malformed_model",
      `${where} has a dimension of ${value}: it must be in [0, 2^32).`,
    );
  }
  return value;
}

/** The typed field that holds elements of a type, by onnx.proto's comments on `TensorProto`. */
function typedElements(proto: onnx.ITensorProto, dtype: Tensor["dtype"]): readonly unknown[] {
  switch (dtype) {
    case "float32":
      return proto.floatData ?? [];
    case "float64":
      return proto.doubleData ?? [];
    case "int64":
      return proto.int64Data ?? [];
    case "uint32":
    case "uint64":
      return proto.uint64Data ?? [];
    default:
      return proto.int32Data ?? [];
  }
}
