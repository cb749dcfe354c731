/**
 * The gate between tensors and a graph's declarations: exactly the declared type, shape and length, or a typed error.
 *
 * @module
 */
import type { Tensors } from "../engine.ts";
import { ExecutorError } from "../errors.ts";
import { ELEMENT_BYTES, elementCount, type Tensor } from "../tensor.ts";
import type { TensorInfo } from "../../ledger/primitives/mod.ts";

/** Whether a tensor is of this type and shape, with as many bytes as they need. */
export function fits(tensor: Tensor, info: TensorInfo): boolean {
  return tensor.dtype === info.dtype && tensor.shape.length === info.shape.length &&
    tensor.shape.every((dimension, i) => dimension === info.shape[i]) &&
    tensor.data.byteLength === elementCount(info.shape) * ELEMENT_BYTES[info.dtype];
}

/** A type and shape for people: `float32 [64,10]`. */
export function showInfo(info: TensorInfo): string {
  return `${info.dtype} [${info.shape}]`;
}

/**
 * The tensor of that name, checked.
 *
 * @throws {ExecutorError} `bad_tensor` if it is missing or not as declared.
 */
export function takeTensor(tensors: Tensors, name: string, info: TensorInfo): Tensor {
  const tensor = Object.hasOwn(tensors, name) ? tensors[name] : undefined;
  if (tensor === undefined) {
    throw new ExecutorError("bad_tensor", `The graph input "${name}" (${showInfo(info)}) is missing.`, {
      input: name,
    });
  }
  if (!fits(tensor, info)) {
    throw new ExecutorError(
      "bad_tensor",
      `The graph input "${name}" must be ${showInfo(info)}: got ${
        showInfo(tensor)
      } with ${tensor.data.byteLength} bytes.`,
      { input: name },
    );
  }
  return tensor;
}
