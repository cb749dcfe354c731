/**
 * Blobs as files in a directory, each named by its id. A file appears whole or not at all: it is written under a temporary
 * name, synced, and renamed. What is read back is verified; a damaged file is removed and reported.
 *
 * @module
 */
import { CHUNK_BYTES, messageOf } from "../ledger/primitives/mod.ts";
import {
  type BlobId,
  type BlobManifest,
  chunkLength,
  isChunk,
  manifestId,
  manifestOf,
  parseBlobId,
} from "./blob_manifest.ts";
import { type BlobStore, storeFull } from "./blob_store.ts";
import { asNetError, NetError } from "./errors.ts";

/** Default bound of a store on disk. */
const DEFAULT_MAX_BYTES = 16 * 1024 * 1024 * 1024;

/** Manifests kept in memory, so that serving a chunk does not hash its whole blob. 64 full ones have 140 MB at most. */
const MAX_MANIFESTS = 64;

/** Ends the name of a file that is being written; one that is found at the start was left by a crash. */
const TEMPORARY_SUFFIX = ".part";

async function failing<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    throw asNetError(thrown, "store_failed", `The blob store cannot ${what}: ${messageOf(thrown)}`);
  }
}

async function orMissing<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (thrown) {
    if (thrown instanceof Deno.errors.NotFound) return undefined;
    throw thrown;
  }
}

async function measure(directory: string): Promise<number> {
  let used = 0;
  for await (const entry of Deno.readDir(directory)) {
    if (entry.name.endsWith(TEMPORARY_SUFFIX)) await Deno.remove(`${directory}/${entry.name}`);
    else if (entry.isFile) used += (await Deno.stat(`${directory}/${entry.name}`)).size;
  }
  return used;
}

async function readAt(path: string, offset: number, length: number): Promise<Uint8Array> {
  using file = await Deno.open(path);
  await file.seek(offset, Deno.SeekMode.Start);
  const buffer = new Uint8Array(length);
  let filled = 0;
  while (filled < length) {
    const count = await file.read(buffer.subarray(filled));
    if (count === null) break;
    filled += count;
  }
  return buffer.subarray(0, filled);
}

async function writeSynced(path: string, bytes: Uint8Array): Promise<void> {
  using file = await Deno.open(path, { write: true, createNew: true });
  let written = 0;
  while (written < bytes.length) written += await file.write(bytes.subarray(written));
  await file.syncData();
}

/**
 * Opens a store in `directory`, which is made if it is missing. One process at a time.
 *
 * @throws {NetError} `store_failed`
 */
export async function openFileBlobStore(
  directory: string,
  options: { readonly maxBytes?: number } = {},
): Promise<BlobStore> {
  const maxBytes = options.maxBytes ?? DEFAULT_MAX_BYTES;
  let used = await failing("open its directory", async () => {
    await Deno.mkdir(directory, { recursive: true });
    return await measure(directory);
  });
  const manifests = new Map<BlobId, BlobManifest>();
  const writing = new Map<BlobId, Promise<void>>();
  const pathOf = (id: BlobId) => {
    parseBlobId(id);
    return `${directory}/${id}`;
  };
  const remember = (id: BlobId, manifest: BlobManifest) => {
    manifests.delete(id);
    manifests.set(id, manifest);
    const oldest = manifests.keys().next().value;
    if (manifests.size > MAX_MANIFESTS && oldest !== undefined) manifests.delete(oldest);
  };

  const sizeOf = async (id: BlobId): Promise<number | undefined> =>
    (await orMissing(() => Deno.stat(pathOf(id))))?.size;

  const remove = async (id: BlobId): Promise<boolean> => {
    const size = await sizeOf(id);
    if (size === undefined) return false;
    await Deno.remove(pathOf(id));
    manifests.delete(id);
    used -= size;
    return true;
  };

  const damaged = async (id: BlobId): Promise<NetError> => {
    await remove(id);
    return new NetError("bad_blob", `Blob ${id} was damaged on disk and has been removed: fetch it again.`, {
      id,
    });
  };

  const load = async (id: BlobId): Promise<Uint8Array | undefined> => {
    const blob = await orMissing(() => Deno.readFile(pathOf(id)));
    if (blob === undefined) return undefined;
    const manifest = manifestOf(blob);
    if (manifestId(manifest) !== id) throw await damaged(id);
    remember(id, manifest);
    return blob;
  };

  const manifestFor = async (id: BlobId): Promise<BlobManifest | undefined> => {
    const known = manifests.get(id);
    if (known !== undefined) return known;
    await load(id);
    return manifests.get(id);
  };

  const write = async (id: BlobId, blob: Uint8Array): Promise<void> => {
    const temporary = `${directory}/${id}.${crypto.randomUUID()}${TEMPORARY_SUFFIX}`;
    try {
      await writeSynced(temporary, blob);
      await Deno.rename(temporary, pathOf(id));
    } catch (thrown) {
      used -= blob.length;
      await orMissing(() => Deno.remove(temporary));
      throw thrown;
    }
  };

  return {
    has: (id) => failing("look for a blob", async () => await sizeOf(id) !== undefined),
    get: (id) => failing("read a blob", () => load(id)),
    put: (blob) =>
      failing("write a blob", async () => {
        const manifest = manifestOf(blob);
        const id = manifestId(manifest);
        const underWay = writing.get(id);
        if (underWay !== undefined) {
          await underWay;
          return id;
        }
        if (await sizeOf(id) === blob.length) return id;
        if (used + blob.length > maxBytes) throw storeFull(blob.length, used, maxBytes);
        used += blob.length; // before the first wait, so that two writers cannot both take the last room
        const work = write(id, blob).finally(() => writing.delete(id));
        writing.set(id, work);
        await work;
        remember(id, manifest);
        return id;
      }),
    delete: (id) => failing("delete a blob", () => remove(id)),
    manifest: (id) => failing("read a blob", () => manifestFor(id)),
    chunk: (id, index) =>
      failing("read a chunk", async () => {
        const manifest = await manifestFor(id);
        if (manifest === undefined || index >= manifest.chunks.length) return undefined;
        const length = chunkLength(manifest, index);
        const chunk = await orMissing(() => readAt(pathOf(id), index * CHUNK_BYTES, length));
        if (chunk !== undefined && !isChunk(manifest, index, chunk)) throw await damaged(id);
        return chunk;
      }),
  };
}
