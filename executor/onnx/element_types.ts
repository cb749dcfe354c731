/**
 * ONNX's numbers for element types (`TensorProto.DataType` of onnx.proto) and ours.
 *
 * @module
 */
import type { Dtype } from "../../ledger/primitives/mod.ts";
import { ExecutorError } from "../errors.ts";

/** `TensorProto.DataType` of each element type. */
export const ONNX_TYPE: Readonly<Record<Dtype, number>> = {
  float32: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  float64: 11,
  uint32: 12,
  uint64: 13,
  bfloat16: 16,
};

const BY_NUMBER: ReadonlyMap<number, Dtype> = new Map(
  Object.entries(ONNX_TYPE).map(([dtype, number]) => [number, dtype as Dtype]),
);

/**
 * The element type of an ONNX number.
 *
 * @param where What has the type, for the message, for example `The initializer "w"`.
 * @throws {ExecutorError} `malformed_model` for strings, complex numbers, 8-bit and 4-bit floats, and unknown numbers.
 */
export function dtypeOfOnnx(number: number, where: string): Dtype {
  const dtype = BY_NUMBER.get(number);
  if (dtype === undefined) {
    throw new ExecutorError(
      "malformed_model",
      `${where} has the ONNX element type ${number}: only dense numbers and booleans are supported (${
        [...BY_NUMBER].map(([known, name]) => `${known} ${name}`).join(", ")
      }).`,
    );
  }
  return dtype;
}
