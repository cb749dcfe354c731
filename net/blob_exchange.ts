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
  decode,
  encode,
  messageOf,
  record,
  type Schema,
  u32,
} from "../ledger/primitives/mod.ts";
import { type Download, type DownloadRun, makeDownload, runDownload } from "./blob_download.ts";
import { type BlobId, BlobManifest, isChunk, parseBlobId, provesId } from "./blob_manifest.ts";
import type { BlobStore } from "./blob_store.ts";
import { NetError } from "./errors.ts";
import { type Chunks, fetchChunks } from "./fetch_chunks.ts";
import { type Fault, makePeerScores } from "./peer_scores.ts";
import { makeSemaphore } from "./semaphore.ts";
import { pause, type Timers, withDeadline } from "./timers.ts";
import type { Handler, PeerId, Transport } from "./transport.ts";

/** Asks for a manifest; the numbers change with the message formats. */
export const MANIFEST_PROTOCOL = "/assay/blob-manifest/1";

/** Asks for a chunk. */
export const CHUNK_PROTOCOL = "/assay/blob-chunk/1";

/** A peer that takes longer for 64 KiB is slower than anybody we would want; another is asked. */
const CHUNK_TIMEOUT_MS = 10_000;

/** Chunks or manifests served at once over all peers; with {@link MAX_WAITING} it bounds memory to 70 MB. */
const MAX_SERVING = 16;

/** Askers that may wait for their turn; the next is refused with `busy`. */
const MAX_WAITING = 1024;

/** How long an asker waits for its turn: less than its own patience. */
const TURN_MS = 5_000;

/** Times that peers which were busy, slow or away are asked again, and the pause before it. */
const ROUNDS = 3;
const ROUND_PAUSE_MS = 250;

/** Unfinished downloads kept for the next attempt. */
const MAX_PARTIAL = 4;

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
   * The blob, from the store or from peers. What is fetched is kept in the store; what was verified before a failure is
   * kept for the next attempt.
   *
   * @throws {NetError} `not_found` if nobody asked has it, `timed_out`, `cancelled`, `too_large`, or what the store throws.
   */
  readonly fetch: (id: BlobId, options?: FetchOptions) => Promise<Uint8Array>;
  /**
   * Some chunks of a blob, from the store or from peers, by their position. They are not kept.
   *
   * @throws {NetError} as {@link BlobExchange.fetch}.
   */
  readonly fetchChunks: (
    id: BlobId,
    positions: readonly number[],
    options?: Omit<FetchOptions, "onProgress">,
  ) => Promise<Chunks>;
  /** Stops serving. */
  close(): void;
}

function parse<T>(schema: Schema<T>, message: Uint8Array): T {
  try {
    return decode(schema, message);
  } catch (thrown) {
    throw new NetError(
      "protocol_error",
      `The bytes are not a ${schema.name}: ${messageOf(thrown)}`,
      {},
      thrown,
    );
  }
}

function notFound(id: BlobId, asked: number, failures: readonly string[]): NetError {
  const reasons = [...new Set(failures)].slice(0, 3).join(" ");
  const sentence = `Blob ${id.slice(0, 12)}… could not be had from any of ${asked} peers. ${reasons}`;
  return new NetError("not_found", sentence.trim(), { id, asked });
}

/** Serves a store's blobs on a transport, and fetches into it. */
export function makeBlobExchange(
  transport: Transport,
  store: BlobStore,
  options: BlobExchangeOptions,
): BlobExchange {
  const { timers } = options;
  const maxBytes = options.maxBytes ?? DEFAULT_MAX_BYTES;
  const scores = makePeerScores(timers.now);
  const serving = makeSemaphore(MAX_SERVING);
  const downloads = new Map<BlobId, Download>();
  let waiting = 0;

  const inTurn = async (serve: () => Promise<Uint8Array>): Promise<Uint8Array> => {
    if (waiting >= MAX_WAITING) {
      throw new NetError("busy", "Too many peers are waiting for blobs: ask another.");
    }
    waiting++;
    try {
      await withDeadline(
        { timers, timeoutMs: TURN_MS, what: "Waiting to be served" },
        (signal) => serving.acquire(signal),
      );
    } finally {
      waiting--;
    }
    try {
      return await serve();
    } finally {
      serving.release();
    }
  };

  const missingHere = (id: BlobId) =>
    new NetError("not_found", `Blob ${id.slice(0, 12)}… is not here.`, { id });

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
    return new NetError(
      "bad_blob",
      `Peer ${peer.slice(0, 8)}… sent a ${what} that is not what was asked for.`,
      { peer },
    );
  };

  const askManifest = async (peer: PeerId, id: BlobId, signal: AbortSignal): Promise<BlobManifest> => {
    const message = encode(ManifestRequest, { blob: parseBlobId(id) });
    const reply = await transport.request(peer, MANIFEST_PROTOCOL, message, {
      timeoutMs: CHUNK_TIMEOUT_MS,
      signal,
    });
    let manifest;
    try {
      manifest = decode(BlobManifest, reply);
    } catch {
      throw lied(peer, "manifest"); // which rule of the codec it breaks helps nobody
    }
    if (!provesId(manifest, id)) throw lied(peer, "manifest");
    return manifest;
  };

  const askChunk = async (
    peer: PeerId,
    id: BlobId,
    manifest: BlobManifest,
    index: number,
    signal: AbortSignal,
  ) => {
    const message = encode(ChunkRequest, { blob: parseBlobId(id), index });
    const chunk = await transport.request(peer, CHUNK_PROTOCOL, message, {
      timeoutMs: CHUNK_TIMEOUT_MS,
      signal,
    });
    if (!isChunk(manifest, index, chunk)) throw lied(peer, "chunk");
    return chunk;
  };

  /** Peers worth asking, best first: hinted before connected, clean before blamed. */
  const sourcesFor = (hinted: readonly PeerId[]): PeerId[] => {
    const all = [...new Set([...hinted, ...transport.peers()])].filter((peer) => peer !== transport.self);
    return all.filter((peer) => !scores.isShutOut(peer)).toSorted((a, b) =>
      scores.points(a) - scores.points(b)
    );
  };

  const begin = async (peer: PeerId, id: BlobId, signal: AbortSignal): Promise<Download> => {
    const manifest = await askManifest(peer, id, signal);
    if (manifest.byteLength > BigInt(maxBytes)) {
      const sentence = `Blob ${
        id.slice(0, 12)
      }… has ${manifest.byteLength} bytes; at most ${maxBytes} are fetched.`;
      throw new NetError("too_large", sentence, { id });
    }
    const known = downloads.get(id);
    if (known !== undefined) return known;
    const download = makeDownload(manifest);
    downloads.set(id, download);
    const oldest = downloads.keys().next().value;
    if (downloads.size > MAX_PARTIAL && oldest !== undefined) downloads.delete(oldest);
    return download;
  };

  const download = async (
    id: BlobId,
    fetchOptions: FetchOptions,
    signal: AbortSignal,
  ): Promise<Uint8Array> => {
    // Held here too: the map may forget it in favour of others.
    let current = downloads.get(id);
    const run: DownloadRun = {
      current: () => current,
      begin: async (peer, inner) => current ??= await begin(peer, id, inner),
      askChunk: (peer, { manifest }, index, inner) => askChunk(peer, id, manifest, index, inner),
      onChunk: ({ received, blob }) =>
        fetchOptions.onProgress?.({ receivedBytes: received(), totalBytes: blob.length }),
    };
    const failures: string[] = [];
    let sources: readonly PeerId[] = sourcesFor(fetchOptions.from ?? []);
    const asked = sources.length;
    for (let round = 1;; round++) {
      const outcome = await runDownload(run, sources, signal);
      if (signal.aborted) throw signal.reason;
      if (current?.complete() === true) return current.blob;
      failures.push(...outcome.failures);
      if (outcome.again.length === 0 || round === ROUNDS) throw notFound(id, asked, failures);
      await pause(timers, ROUND_PAUSE_MS, signal);
      sources = outcome.again;
    }
  };

  /** Chunks from the store, if the blob is here. */
  const heldChunks = async (id: BlobId, positions: readonly number[]): Promise<Chunks | undefined> => {
    const chunks = new Map<number, Uint8Array>();
    for (const position of positions) {
      const chunk = await store.chunk(id, position);
      if (chunk === undefined) return undefined;
      chunks.set(position, chunk);
    }
    return chunks;
  };

  const stops = [
    transport.handle(MANIFEST_PROTOCOL, serveManifest),
    transport.handle(CHUNK_PROTOCOL, serveChunk),
  ];

  return {
    fetch: async (id, fetchOptions = {}) => {
      parseBlobId(id);
      const held = await store.get(id);
      if (held !== undefined) return held;
      const { timeoutMs = FETCH_TIMEOUT_MS, signal } = fetchOptions;
      const deadline = { timers, timeoutMs, signal, what: `Fetching blob ${id.slice(0, 12)}…` };
      const blob = await withDeadline(deadline, (inner) => download(id, fetchOptions, inner));
      await store.put(blob);
      downloads.delete(id);
      return blob;
    },
    fetchChunks: async (id, positions, fetchOptions = {}) => {
      parseBlobId(id);
      const held = await heldChunks(id, positions);
      if (held !== undefined) return held;
      const { timeoutMs = FETCH_TIMEOUT_MS, signal } = fetchOptions;
      const what = `blob ${id.slice(0, 12)}…`;
      const source = {
        manifest: (peer: PeerId, inner: AbortSignal) => askManifest(peer, id, inner),
        chunk: (peer: PeerId, manifest: BlobManifest, index: number, inner: AbortSignal) =>
          askChunk(peer, id, manifest, index, inner),
      };
      return await withDeadline(
        { timers, timeoutMs, signal, what: `Fetching chunks of ${what}` },
        (inner) => fetchChunks(source, sourcesFor(fetchOptions.from ?? []), positions, what, inner),
      );
    },
    close() {
      for (const stop of stops) stop();
    },
  };
}
