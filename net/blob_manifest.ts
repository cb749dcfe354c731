/**
 * What a blob is made of: its length and its chunks' roots. A manifest proves itself: its hash is the blob's id.
 *
 * @module
 */
import {
  blobRootOfChunks,
  bytes32,
  bytesToHex,
  CHUNK_BYTES,
  chunkRoot,
  chunkRoots,
  equalBytes,
  hexToBytes,
  type Infer,
  list,
  record,
  u64,
} from "../ledger/primitives/mod.ts";
import { NetError } from "./errors.ts";

/** A blob: the hex of its root (64 digits), see `blobRoot` in the primitives. */
export type BlobId = string;

/** Most chunks of a blob: 4 GiB. Larger data is several blobs. A full manifest has 2.2 MB, below one message. */
export const MAX_CHUNKS = 65_536;

/** Length in bytes and the root of each chunk, in order. */
export const BlobManifest = record("BlobManifest", { byteLength: u64, chunks: list(bytes32, MAX_CHUNKS) });
/** See {@link BlobManifest}. */
export type BlobManifest = Infer<typeof BlobManifest>;

/**
 * The manifest of a byte string.
 *
 * @throws {NetError} `too_large` above {@link MAX_CHUNKS} chunks.
 */
export function manifestOf(blob: Uint8Array): BlobManifest {
  if (blob.length > MAX_CHUNKS * CHUNK_BYTES) {
    throw new NetError(
      "too_large",
      `A blob has at most ${MAX_CHUNKS * CHUNK_BYTES} bytes: got ${blob.length}. Split it.`,
    );
  }
  return { byteLength: BigInt(blob.length), chunks: chunkRoots(blob) };
}

/** The id that a manifest proves. */
export function manifestId(manifest: BlobManifest): BlobId {
  return bytesToHex(blobRootOfChunks(manifest.chunks, Number(manifest.byteLength)));
}

/** Whether a manifest is the one of `id`, and its length fits its number of chunks. */
export function provesId(manifest: BlobManifest, id: BlobId): boolean {
  const fitting = Math.ceil(Number(manifest.byteLength) / CHUNK_BYTES);
  return manifest.chunks.length === fitting && manifestId(manifest) === id;
}

/** Bytes of chunk `index`. */
export function chunkLength(manifest: BlobManifest, index: number): number {
  return Math.min(CHUNK_BYTES, Number(manifest.byteLength) - index * CHUNK_BYTES);
}

/** Whether `chunk` is chunk `index` of the manifest's blob. */
export function isChunk(manifest: BlobManifest, index: number, chunk: Uint8Array): boolean {
  const root = manifest.chunks[index];
  return root !== undefined && chunk.length === chunkLength(manifest, index) &&
    equalBytes(chunkRoot(chunk), root);
}

/**
 * The bytes of an id.
 *
 * @throws {NetError} `bad_address` if it is not 64 lower-case hexadecimal digits.
 */
export function parseBlobId(id: BlobId): Uint8Array {
  if (!/^[0-9a-f]{64}$/.test(id)) {
    throw new NetError(
      "bad_address",
      `A blob id has 64 lower-case hexadecimal digits: got "${id.slice(0, 80)}".`,
    );
  }
  return hexToBytes(id);
}
