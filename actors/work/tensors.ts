/**
 * Tensors between parties: a header says what a tensor root is the hash of, the blob it names has the elements.
 *
 * @module
 */
import {
  type Address,
  equalBytes,
  type Hash,
  type StateEntry,
  type TensorHeader,
  tensorRoot,
} from "../../ledger/primitives/mod.ts";
import { type Tensor, tensorBytes, tensorFromBytes } from "../../executor/mod.ts";
import { ActorError } from "../runtime/mod.ts";
import type { BlobAccess } from "./blob_access.ts";

/** Keeps a tensor's elements as a blob, to be served from now on. */
export async function publishTensor(blobs: BlobAccess, tensor: Tensor): Promise<TensorHeader> {
  return { dtype: tensor.dtype, shape: tensor.shape, blob: await blobs.put(tensorBytes(tensor)) };
}

/**
 * Gets a tensor whose root is known.
 *
 * @param header What somebody says that `root` is the hash of.
 * @throws {ActorError} `mismatch` if it is not; what getting the blob throws.
 */
export async function fetchTensor(
  blobs: BlobAccess,
  root: Hash,
  header: TensorHeader,
  call: { readonly signal: AbortSignal; readonly from: readonly Address[] },
): Promise<Tensor> {
  if (!equalBytes(tensorRoot(header), root)) {
    throw new ActorError(
      "mismatch",
      "A tensor's header is not what its root is the hash of: ask another party for it.",
    );
  }
  return tensorFromBytes({ dtype: header.dtype, shape: header.shape }, await blobs.get(header.blob, call));
}

/** Keeps all tensors of a state or of a step's outputs. */
export function publishAll(
  blobs: BlobAccess,
  { entries, tensors }: { readonly entries: readonly StateEntry[]; readonly tensors: readonly Tensor[] },
): Promise<readonly { readonly name: string; readonly header: TensorHeader }[]> {
  return Promise.all(entries.map(async ({ name }, i) => {
    const tensor = tensors[i];
    if (tensor === undefined) {
      throw new ActorError("mismatch", `The executor gave no tensor for "${name}".`, { name });
    }
    return { name, header: await publishTensor(blobs, tensor) };
  }));
}
