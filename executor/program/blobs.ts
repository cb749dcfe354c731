/**
 * Blobs: byte strings under their root. How executors find graphs and tensors without knowing where they are kept.
 *
 * @module
 */
import { blobRoot, bytesToHex, equalBytes, type Hash } from "../../ledger/primitives/mod.ts";
import { ExecutorError } from "../errors.ts";
import { type Tensor, tensorFromBytes } from "../tensor.ts";
import type { NamedHeader } from "./opened_program.ts";

/** A byte string and its root. */
export interface Blob {
  readonly id: Hash;
  readonly bytes: Uint8Array;
}

/** Finds a blob that is at hand. */
export type BlobSource = (id: Hash) => Uint8Array | undefined;

/** A blob of these bytes. Linear in them: every byte is hashed. */
export function blobOf(bytes: Uint8Array): Blob {
  return { id: blobRoot(bytes), bytes };
}

/** A source over blobs in memory. */
export function blobSource(blobs: Iterable<Blob>): BlobSource {
  const byId = new Map([...blobs].map(({ id, bytes }) => [bytesToHex(id), bytes]));
  return (id) => byId.get(bytesToHex(id));
}

/**
 * The bytes under a root, checked against it.
 *
 * @param what For messages, for example `the graph of phase 0`.
 * @throws {ExecutorError} `bad_program` if they are missing or have another root.
 */
export function takeBlob(blobs: BlobSource, id: Hash, what: string): Uint8Array {
  const bytes = blobs(id);
  if (bytes === undefined) {
    throw new ExecutorError(
      "bad_program",
      `The blob ${bytesToHex(id)} (${what}) is missing: fetch it first.`,
    );
  }
  if (!equalBytes(blobRoot(bytes), id)) {
    throw new ExecutorError("bad_program", `The bytes for ${what} do not have the root ${bytesToHex(id)}.`);
  }
  return bytes;
}

/**
 * Tensors of the initial state or of the data, in order, checked against their headers.
 *
 * @throws {ExecutorError} `bad_program` for a missing or different blob, `bad_tensor` for one of another size.
 */
export function loadTensors(headers: readonly NamedHeader[], blobs: BlobSource): readonly Tensor[] {
  return headers.map(({ name, header }) => {
    const { dtype, shape, blob } = header;
    return tensorFromBytes({ dtype, shape }, takeBlob(blobs, blob, `the tensor "${name}"`));
  });
}
