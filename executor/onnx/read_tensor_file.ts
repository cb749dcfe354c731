/**
 * Reads single tensors from protobuf files (`.pb`), the form in which ONNX's own tests hold inputs and outputs.
 *
 * @module
 */
import onnxProto from "onnx-proto";
import { messageOf } from "../../ledger/primitives/mod.ts";
import { ExecutorError } from "../errors.ts";
import type { Tensor } from "../tensor.ts";
import { parseTensor } from "./parse_tensor.ts";

/**
 * The tensor in a serialized `TensorProto`.
 *
 * @throws {ExecutorError} `malformed_file` for bytes that are none; `malformed_model` for one that is inconsistent.
 */
export function readTensorFile(bytes: Uint8Array): Tensor {
  try {
    return parseTensor(onnxProto.onnx.TensorProto.decode(bytes), "The tensor in the file");
  } catch (cause) {
    if (cause instanceof ExecutorError) throw cause;
    throw new ExecutorError(
      "malformed_file",
      `The bytes are no ONNX tensor (${messageOf(cause)}).`,
      {},
      cause,
    );
  }
}
