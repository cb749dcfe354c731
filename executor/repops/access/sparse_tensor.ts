/**
 * A tensor of which only some chunks are at hand.
 *
 * @module
 */
import { CHUNK_BYTES, type TensorInfo } from "../../../ledger/primitives/mod.ts";
import { ExecutorError } from "../../errors.ts";
import { ELEMENT_BYTES, elementCount, type Tensor, tensorBytes, tensorFromBytes } from "../../tensor.ts";
import type { Operand } from "../reference/mod.ts";
import { admit, type CanonicalTensor, sizeOf } from "../values.ts";

/** Type, shape, and the bytes of some chunks by their position: chunk `i` is bytes 65536 i up to 65536 (i + 1), or the tensor's end. */
export interface SparseTensor extends TensorInfo {
  readonly chunks: ReadonlyMap<number, Uint8Array>;
}

/** Whether only some chunks of a tensor are given. */
export function isSparse(tensor: Tensor | SparseTensor): tensor is SparseTensor {
  return "chunks" in tensor;
}

/** The chunks of a whole tensor at some positions. Positions beyond its end are left out. */
export function sparseTensor(tensor: Tensor, positions: Iterable<number>): SparseTensor {
  const bytes = tensorBytes(tensor);
  const chunks = [...positions].filter((position) => position * CHUNK_BYTES < bytes.length);
  return {
    dtype: tensor.dtype,
    shape: tensor.shape,
    chunks: new Map(
      chunks.map((position) => [position, bytes.slice(position * CHUNK_BYTES, (position + 1) * CHUNK_BYTES)]),
    ),
  };
}

/** Elements in a chunk. */
export function elementsPerChunk(info: TensorInfo): number {
  return CHUNK_BYTES / ELEMENT_BYTES[info.dtype];
}

/** Chunks of a tensor; an empty one has none. */
export function chunkCount(info: TensorInfo): number {
  return Math.ceil((elementCount(info.shape) * ELEMENT_BYTES[info.dtype]) / CHUNK_BYTES);
}

/**
 * The operand that reads a tensor, whole or sparse. Like the reference's, it reads 0 where the tensor has no such element.
 *
 * @param what Names the tensor in errors.
 * @throws {ExecutorError} `bad_tensor` for a chunk of another length than it must have, or elements that repops does not hold; and on
 * reading, `missing_chunk`.
 */
export function operandOf(tensor: Tensor | SparseTensor, what: string): Operand {
  const { dtype, shape } = tensor;
  if (!isSparse(tensor)) {
    const { words } = admit(tensor);
    return { dtype, shape, at: (index) => words[index] ?? 0 };
  }
  const perChunk = elementsPerChunk(tensor);
  const count = sizeOf(tensor);
  const admitted = new Map<number, CanonicalTensor>();
  let latest: { readonly first: number; readonly words: ArrayLike<number> } = { first: 0, words: [] };
  const take = (position: number) => {
    const chunk = admitted.get(position) ?? admitChunk(tensor, position, what);
    admitted.set(position, chunk);
    return { first: position * perChunk, words: chunk.words };
  };
  return {
    dtype,
    shape,
    at: (index) => {
      const near = latest.words[index - latest.first];
      if (near !== undefined) return near;
      if (!(index >= 0 && index < count)) return 0;
      latest = take(Math.floor(index / perChunk));
      return latest.words[index - latest.first] ?? 0;
    },
  };
}

function admitChunk(tensor: SparseTensor, position: number, what: string): CanonicalTensor {
  const bytes = tensor.chunks.get(position);
  if (!bytes) {
    throw new ExecutorError(
      "missing_chunk",
      `Chunk ${position} of ${what} is needed, and was not given: ask inputsFor which chunks are.`,
      { chunk: position },
    );
  }
  const perChunk = elementsPerChunk(tensor);
  const elements = Math.min(perChunk, sizeOf(tensor) - position * perChunk);
  return admit(tensorFromBytes({ dtype: tensor.dtype, shape: [elements] }, bytes));
}
