/**
 * Blobs between peers. A node serves what its store holds, and fetches what it lacks from several peers at once: first the
 * manifest, which proves itself against the id, then chunks, each proved against the manifest. So it does not matter whom a
 * byte came from, and a peer that dies or lies costs one chunk's time.
 *
 * @module
 */
import {
  bytes32,
  bytesToHex,
  CHUNK_BYTES,
  decode,
  encode,
  messageOf,
  record,
  type Schema,
  u32,
} from "../ledger/primitives/mod.ts";
import { type BlobId, BlobManifest, isChunk, parseBlobId, provesId } from "./blob_manifest.ts";
import type { BlobStore } from "./blob_store.ts";
import { NetError } from "./errors.ts";
import { type Fault, makePeerScores } from "./peer_scores.ts";
import { makeSemaphore } from "./semaphore.ts";
import { type Timers, withDeadline } from "./timers.ts";
import { type Handler, MAX_TRANSPORT_BYTES, type PeerId, type Transport } from "./transport.ts";

/** Asks for a manifest; the numbers change with the message formats. */
export const MANIFEST_PROTOCOL = "/assay/blob-manifest/1";

/** Asks for a chunk. */
export const CHUNK_PROTOCOL = "/assay/blob-chunk/1";

/** Chunks asked of one peer at once: 512 KiB on the way keep a 40 Mbit/s line with 100 ms delay busy. */
const WINDOW = 8;

/** Peers fetched from at once: more only costs memory once the own line is full. */
const MAX_SOURCES = 8;

/** A peer that takes longer for 64 KiB is slower than anybody we would want; another is asked. */
const CHUNK_TIMEOUT_MS = 10_000;

/** Chunks or manifests served at once over all peers; with {@link MAX_WAITING} it bounds memory to 70 MB. */
const MAX_SERVING = 16;

/** Askers that may wait for their turn; the next is refused with `busy`. */
const MAX_WAITING = 1024;

/** How long an asker waits for its turn: less than its own patience. */
const TURN_MS = 5_000;

/** Default deadline of a fetch. */
const FETCH_TIMEOUT_MS = 60_000;

/** Largest blob fetched by default. It is assembled in memory. */
const DEFAULT_MAX_BYTES = 1024 * 1024 * 1024;

const ManifestRequest = record("ManifestRequest", { blob: bytes32 });
const ChunkRequest = record("ChunkRequest", { blob: bytes32, index: u32 });

/** Settings of {@link makeBlobExchange}. */
export interface BlobExchangeOptions {
  readonly timers: Timers;
  /** Told of peers that sent bytes that are not what they were asked for. */
  readonly blame?: (peer: PeerId, fault: Fault) => void;
  /** Largest blob that is fetched, in bytes. */
  readonly maxBytes?: number;
}

/** How far a fetch has come. */
export interface FetchProgress {
  readonly receivedBytes: number;
  readonly totalBytes: number;
}

/** Settings of one fetch. */
export interface FetchOptions {
  /** Peers that should have it, best first. Connected peers are asked after them. */
  readonly from?: readonly PeerId[];
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: FetchProgress) => void;
}

/** Serving and fetching. */
export interface BlobExchange {
  /**
   * The blob, from the store or from peers. What is fetched is kept in the store.
   *
   * @throws {NetError} `not_found` if nobody asked has it, `timed_out`, `cancelled`, `too_large`, or what the store throws.
   */
  fetch(id: BlobId, options?: FetchOptions): Promise<Uint8Array>;
  /** Stops serving. */
  close(): void;
}

/** A download under way. Chunks stay when the peer they came from dies. */
interface Download {
  readonly manifest: BlobManifest;
  readonly blob: Uint8Array;
  readonly missing: number[];
  left: number;
}

function parse<T>(schema: Schema<T>, message: Uint8Array): T {
  try {
    return decode(schema, message);
  } catch (thrown) {
    throw new NetError("protocol_error", `The bytes are not a ${schema.name}: ${messageOf(thrown)}`, {}, thrown);
  }
}

function notFound(id: BlobId, asked: number, failures: readonly string[]): NetError {
  const reasons = [...new Set(failures)].slice(0, 3).join(" ");
  const sentence = `Blob ${id.slice(0, 12)}… could not be had from any of ${asked} peers. ${reasons}`;
  return new NetError("not_found", sentence.trim(), { id, asked });
}

/** Serves a store's blobs on a transport, and fetches into it. */
export function makeBlobExchange(transport: Transport, store: BlobStore, options: BlobExchangeOptions): BlobExchange {
  const { timers } = options;
  const maxBytes = options.maxBytes ?? DEFAULT_MAX_BYTES;
  const scores = makePeerScores(timers.now);
  const serving = makeSemaphore(MAX_SERVING);
  let waiting = 0;

  const inTurn = async (serve: () => Promise<Uint8Array>): Promise<Uint8Array> => {
    if (waiting >= MAX_WAITING) throw new NetError("busy", "Too many peers are waiting for blobs: ask another.");
    waiting++;
    try {
      await withDeadline({ timers, timeoutMs: TURN_MS, what: "Waiting to be served" }, (signal) => serving.acquire(signal));
    } finally {
      waiting--;
    }
    try {
      return await serve();
    } finally {
      serving.release();
    }
  };

  const missingHere = (id: BlobId) => new NetError("not_found", `Blob ${id.slice(0, 12)}… is not here.`, { id });

  const serveManifest: Handler = (_from, message) =>
    inTurn(async () => {
      const id = bytesToHex(parse(ManifestRequest, message).blob);
      const manifest = await store.manifest(id);
      if (manifest === undefined) throw missingHere(id);
      return encode(BlobManifest, manifest);
    });

  const serveChunk: Handler = (_from, message) =>
    inTurn(async () => {
      const request = parse(ChunkRequest, message);
      const id = bytesToHex(request.blob);
      const chunk = await store.chunk(id, request.index);
      if (chunk === undefined) throw missingHere(id);
      return chunk;
    });

  const lied = (peer: PeerId, what: string): NetError => {
    scores.blame(peer, "lie");
    options.blame?.(peer, "lie");
    return new NetError("bad_blob", `Peer ${peer.slice(0, 8)}… sent a ${what} that is not what was asked for.`, { peer });
  };

  const askManifest = async (peer: PeerId, id: BlobId, signal: AbortSignal): Promise<BlobManifest> => {
    const message = encode(ManifestRequest, { blob: parseBlobId(id) });
    const reply = await transport.request(peer, MANIFEST_PROTOCOL, message, { timeoutMs: CHUNK_TIMEOUT_MS, signal });
    let manifest;
    try {
      manifest = decode(BlobManifest, reply);
    } catch {
      throw lied(peer, "manifest"); // which rule of the codec it breaks helps nobody
    }
    if (!provesId(manifest, id)) throw lied(peer, "manifest");
    return manifest;
  };

  const askChunk = async (peer: PeerId, id: BlobId, download: Download, index: number, signal: AbortSignal) => {
    const message = encode(ChunkRequest, { blob: parseBlobId(id), index });
    const chunk = await transport.request(peer, CHUNK_PROTOCOL, message, { timeoutMs: CHUNK_TIMEOUT_MS, signal });
    if (!isChunk(download.manifest, index, chunk)) throw lied(peer, "chunk");
    download.blob.set(chunk, index * CHUNK_BYTES);
  };

  /** Peers worth asking, best first: hinted before connected, clean before blamed. */
  const sourcesFor = (hinted: readonly PeerId[]): PeerId[] => {
    const all = [...new Set([...hinted, ...transport.peers()])].filter((peer) => peer !== transport.self);
    return all.filter((peer) => !scores.isShutOut(peer)).toSorted((a, b) => scores.points(a) - scores.points(b));
  };

  const begin = (manifest: BlobManifest): Download => ({
    manifest,
    blob: new Uint8Array(Number(manifest.byteLength)),
    missing: Array.from(manifest.chunks.keys()).reverse(),
    left: manifest.chunks.length,
  });

  return {
    async fetch(id, fetchOptions = {}) {
      parseBlobId(id);
      const held = await store.get(id);
      if (held !== undefined) return held;
      const sources = sourcesFor(fetchOptions.from ?? []);
      const failures: string[] = [];
      const deadline = {
        timers,
        timeoutMs: fetchOptions.timeoutMs ?? FETCH_TIMEOUT_MS,
        signal: fetchOptions.signal,
        what: `Fetching blob ${id.slice(0, 12)}…`,
      };

      const blob = await withDeadline(deadline, async (signal) => {
        let download: Download | undefined;

        const receive = (current: Download) => {
          const totalBytes = current.blob.length;
          fetchOptions.onProgress?.({
            receivedBytes: Math.min(totalBytes, (current.manifest.chunks.length - current.left) * CHUNK_BYTES),
            totalBytes,
          });
        };

        /** Takes chunks off the list until none is missing; gives a chunk back, and the peer up, when one fails. */
        const work = async (peer: PeerId, current: Download, gone: { yet: boolean }) => {
          while (!gone.yet && !signal.aborted) {
            const index = current.missing.pop();
            if (index === undefined) return;
            try {
              await askChunk(peer, id, current, index, signal);
              current.left--;
              receive(current);
            } catch (thrown) {
              current.missing.push(index);
              gone.yet = true;
              failures.push(messageOf(thrown));
            }
          }
        };

        const useSource = async (peer: PeerId) => {
          try {
            const manifest = await askManifest(peer, id, signal);
            if (manifest.byteLength > BigInt(maxBytes)) {
              const sentence = `Blob ${id.slice(0, 12)}… has ${manifest.byteLength} bytes; at most ${maxBytes} are fetched.`;
              throw new NetError("too_large", sentence, { id });
            }
            const current = download ??= begin(manifest);
            const gone = { yet: false };
            await Promise.all(Array.from({ length: WINDOW }, () => work(peer, current, gone)));
          } catch (thrown) {
            if (thrown instanceof NetError && thrown.code === "too_large") throw thrown;
            failures.push(messageOf(thrown));
          }
        };

        const done = () => download !== undefined && download.left === 0;
        const queue = [...sources];
        const lane = async () => {
          while (!signal.aborted && !done()) {
            const peer = queue.shift();
            if (peer === undefined) return;
            await useSource(peer);
          }
        };
        await Promise.all(Array.from({ length: MAX_SOURCES }, lane));
        if (download === undefined || !done()) throw notFound(id, sources.length, failures);
        return download.blob;
      });
      await store.put(blob);
      return blob;
    },
    close() {
      stopManifest();
      stopChunk();
    },
  };
}
