/**
 * Tensors inside repops: canonical, every element in one 32-bit word, as a GPU holds them (SPEC 1).
 *
 * @module
 */
import type { Dtype, TensorInfo } from "../../ledger/primitives/mod.ts";
import { ExecutorError } from "../errors.ts";
import { elementCount, type Tensor, zeros } from "../tensor.ts";
import { canonical } from "./numbers/mod.ts";

/** The words of a tensor: float32 values, signed integers, or unsigned ones (uint32 and uint64). */
export type Words = Float32Array | Int32Array | Uint32Array;

/** A tensor whose elements are canonical. */
export interface CanonicalTensor extends TensorInfo {
  readonly words: Words;
}

/** Whether repops can hold the type. float64 has no counterpart on GPUs. */
export function isHeld(dtype: Dtype): boolean {
  return dtype !== "float64";
}

/** Whether elements of the type are binary32 values; all others are integers to repops. */
export function isFloat(dtype: Dtype): boolean {
  return dtype === "float32";
}

/** Zeroed words for `count` elements. */
export function makeWords(dtype: Dtype, count: number): Words {
  if (isFloat(dtype)) return new Float32Array(count);
  return dtype === "uint32" || dtype === "uint64" ? new Uint32Array(count) : new Int32Array(count);
}

/**
 * A tensor as it comes in: floats made canonical, 64-bit integers limited to 32 bits, any non-zero bool 1.
 *
 * @throws {ExecutorError} `bad_tensor` for float64.
 */
export function admit(tensor: Tensor): CanonicalTensor {
  const { dtype, shape, data } = tensor;
  if (!isHeld(dtype)) {
    throw new ExecutorError("bad_tensor", `repops does not compute with ${dtype}: cast it to float32.`);
  }
  if (data instanceof Float32Array) return { dtype, shape, words: canonicalFloats(data) };
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) {
    return { dtype, shape, words: limitedWords(data) };
  }
  // Shorter integers are in range as they are.
  const words = makeWords(dtype, data.length);
  if (dtype !== "bool") words.set(data);
  else for (let i = 0; i < data.length; i++) words[i] = data[i] === 0 ? 0 : 1;
  return { dtype, shape, words };
}

/** 64-bit integers limited to 32 bits, read as pairs of words. */
function limitedWords(data: BigInt64Array | BigUint64Array): Words {
  const isSigned = data instanceof BigInt64Array, pairs = pairsOf(data);
  const words = isSigned ? new Int32Array(data.length) : new Uint32Array(data.length);
  for (let i = 0; i < words.length; i++) {
    const low = pairs[2 * i] ?? 0, high = pairs[2 * i + 1] ?? 0;
    if (high === (isSigned ? low >> 31 : 0)) words[i] = low;
    else words[i] = isSigned ? (high < 0 ? -(2 ** 31) : 2 ** 31 - 1) : 2 ** 32 - 1;
  }
  return words;
}

/** The low and high words of 64-bit integers, one after the other: the order of bytes that WebAssembly has, and every host it runs on. */
function pairsOf({ buffer, byteOffset, length }: BigInt64Array | BigUint64Array): Int32Array {
  return new Int32Array(buffer, byteOffset, 2 * length);
}

function canonicalFloats(data: Float32Array): Float32Array {
  const words = data.slice();
  for (let i = 0; i < words.length; i++) words[i] = canonical(words[i] ?? 0);
  return words;
}

/** The tensor as it goes out and is committed: 64-bit integers widened again. */
export function release(tensor: CanonicalTensor): Tensor {
  const { dtype, shape, words } = tensor;
  const out = zeros({ dtype, shape });
  if (out.data instanceof BigInt64Array || out.data instanceof BigUint64Array) {
    const pairs = pairsOf(out.data), isSigned = out.data instanceof BigInt64Array;
    for (let i = 0; i < words.length; i++) {
      const word = words[i] ?? 0;
      pairs[2 * i] = word;
      pairs[2 * i + 1] = isSigned ? word >> 31 : 0;
    }
  } else {
    out.data.set(words);
  }
  return out;
}

/** Number of elements. */
export function sizeOf(info: TensorInfo): number {
  return elementCount(info.shape);
}
