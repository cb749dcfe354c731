/**
 * A tensor in memory: element type, shape, and row-major elements.
 *
 * @module
 */
import type { Dtype, Hash, TensorInfo } from "../ledger/primitives/mod.ts";
import { blobRoot, DTYPE_BYTES, tensorRoot } from "../ledger/primitives/mod.ts";
import { ExecutorError } from "./errors.ts";

/** Elements of a tensor. float16 and bfloat16 are held as their 16 bits; bool as one byte, 0 or 1. */
export type TensorData =
  | Float32Array
  | Float64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | BigInt64Array
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigUint64Array;

/** A dense row-major tensor. `data.length` is the product of `shape`; a scalar has shape []. */
export interface Tensor extends TensorInfo {
  readonly data: TensorData;
}

/** Bytes of one element. */
export const ELEMENT_BYTES: Readonly<Record<Dtype, number>> = DTYPE_BYTES;

/** Number of elements of a shape; 1 for a scalar. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, dimension) => product * dimension, 1);
}

/** The elements' bytes, little-endian (every supported host is), without copying. */
export function tensorBytes(tensor: Tensor): Uint8Array {
  return new Uint8Array(tensor.data.buffer, tensor.data.byteOffset, tensor.data.byteLength);
}

/**
 * A tensor over a copy of little-endian bytes.
 *
 * @throws {ExecutorError} `bad_tensor` if the bytes do not fill the shape.
 */
export function tensorFromBytes(info: TensorInfo, bytes: Uint8Array): Tensor {
  const expected = elementCount(info.shape) * ELEMENT_BYTES[info.dtype];
  if (bytes.byteLength !== expected) {
    throw new ExecutorError(
      "bad_tensor",
      `A ${info.dtype} tensor of shape [${info.shape}] has ${expected} bytes: got ${bytes.byteLength}.`,
    );
  }
  // Not slice(): a Node Buffer is a Uint8Array too, and its slice shares a pool.
  const copy = new Uint8Array(bytes).buffer;
  return { dtype: info.dtype, shape: info.shape, data: viewElements(info.dtype, copy) };
}

/** Zeros of a type and shape. */
export function zeros(info: TensorInfo): Tensor {
  const buffer = new ArrayBuffer(elementCount(info.shape) * ELEMENT_BYTES[info.dtype]);
  return { dtype: info.dtype, shape: info.shape, data: viewElements(info.dtype, buffer) };
}

function viewElements(dtype: Dtype, buffer: ArrayBuffer): TensorData {
  switch (dtype) {
    case "float32":
      return new Float32Array(buffer);
    case "float64":
      return new Float64Array(buffer);
    case "float16":
    case "bfloat16":
    case "uint16":
      return new Uint16Array(buffer);
    case "int8":
      return new Int8Array(buffer);
    case "int16":
      return new Int16Array(buffer);
    case "int32":
      return new Int32Array(buffer);
    case "int64":
      return new BigInt64Array(buffer);
    case "uint8":
    case "bool":
      return new Uint8Array(buffer);
    case "uint32":
      return new Uint32Array(buffer);
    case "uint64":
      return new BigUint64Array(buffer);
  }
}

/** The commitment to a tensor: dtype, shape and every byte. */
export function rootOfTensor(tensor: Tensor): Hash {
  return tensorRoot({ dtype: tensor.dtype, shape: tensor.shape, blob: blobRoot(tensorBytes(tensor)) });
}
