/**
 * Where a node keeps blobs: by content, whole and verified. What is half received stays with the exchange.
 *
 * @module
 */
import { CHUNK_BYTES } from "../ledger/primitives/mod.ts";
import { type BlobId, type BlobManifest, manifestId, manifestOf, parseBlobId } from "./blob_manifest.ts";
import { NetError } from "./errors.ts";

/** A content-addressed store. What `get`, `manifest` and `chunk` return is what the id says, or they fail. */
export interface BlobStore {
  has(id: BlobId): Promise<boolean>;
  /** The blob, or `undefined` if it is not here. Throws {@link NetError} `bad_blob` if it was damaged: it is deleted then. */
  get(id: BlobId): Promise<Uint8Array | undefined>;
  /** Keeps a blob. Idempotent. Throws {@link NetError} `store_full`, `store_failed` or `too_large`. */
  put(blob: Uint8Array): Promise<BlobId>;
  /** Returns whether it was here. */
  delete(id: BlobId): Promise<boolean>;
  /** Length and chunk roots, or `undefined`. */
  manifest(id: BlobId): Promise<BlobManifest | undefined>;
  /** Bytes of one chunk, or `undefined` if the blob or the chunk is not here. The asker verifies it against the manifest. */
  chunk(id: BlobId, index: number): Promise<Uint8Array | undefined>;
}

/** Default bound of a store in memory: the blobs of a small task. */
const DEFAULT_MAX_BYTES = 256 * 1024 * 1024;

/** The error of a full store. */
export function storeFull(needed: number, used: number, maxBytes: number): NetError {
  const sentence =
    `The blob store holds ${used} of at most ${maxBytes} bytes and cannot take ${needed} more: delete some blobs.`;
  return new NetError("store_full", sentence, { needed, used, maxBytes });
}

/** A store in memory of at most `maxBytes` bytes. Blobs are copied in and out. */
export function makeMemoryBlobStore(options: { readonly maxBytes?: number } = {}): BlobStore {
  const maxBytes = options.maxBytes ?? DEFAULT_MAX_BYTES;
  const blobs = new Map<BlobId, { readonly bytes: Uint8Array; readonly manifest: BlobManifest }>();
  let used = 0;
  const find = (id: BlobId) => {
    parseBlobId(id);
    return blobs.get(id);
  };
  // `async` throughout, so that every failure is a rejection.
  return {
    has: async (id) => await Promise.resolve(find(id) !== undefined),
    get: async (id) => {
      const found = await Promise.resolve(find(id));
      return found === undefined ? undefined : new Uint8Array(found.bytes);
    },
    put: async (blob) => {
      const manifest = manifestOf(blob);
      const id = manifestId(manifest);
      if (blobs.has(id)) return id;
      if (used + blob.length > maxBytes) throw storeFull(blob.length, used, maxBytes);
      blobs.set(id, { bytes: new Uint8Array(blob), manifest });
      used += blob.length;
      return await Promise.resolve(id);
    },
    delete: async (id) => {
      const found = await Promise.resolve(find(id));
      if (found === undefined) return false;
      used -= found.bytes.length;
      return blobs.delete(id);
    },
    manifest: async (id) => await Promise.resolve(find(id)?.manifest),
    chunk: async (id, index) => {
      const found = await Promise.resolve(find(id));
      if (found === undefined || index >= found.manifest.chunks.length) return undefined;
      return found.bytes.slice(index * CHUNK_BYTES, (index + 1) * CHUNK_BYTES);
    },
  };
}
