/**
 * A blob being fetched: which chunks are here, which are missing, and the work of several peers on it. Verified chunks stay,
 * whoever dies.
 *
 * @module
 */
import { CHUNK_BYTES, messageOf } from "../ledger/primitives/mod.ts";
import type { BlobManifest } from "./blob_manifest.ts";
import { NetError } from "./errors.ts";
import type { PeerId } from "./transport.ts";

/** Chunks asked of one peer at once: 512 KiB on the way keep a 40 Mbit/s line with 100 ms delay busy. */
const WINDOW = 8;

/** Peers fetched from at once: more only costs memory once the own line is full. */
const MAX_SOURCES = 8;

/** A blob of which some chunks are here. Several fetches of one blob share it. */
export interface Download {
  readonly manifest: BlobManifest;
  readonly blob: Uint8Array;
  /** Bytes verified so far. */
  received(): number;
  /** Whether every chunk is here. */
  complete(): boolean;
  /** Takes a missing chunk's index to fetch it; waits while all missing ones are being fetched. `undefined` when complete. */
  take(signal: AbortSignal): Promise<number | undefined>;
  /** A taken chunk's verified bytes. */
  deliver(index: number, chunk: Uint8Array): void;
  /** A taken chunk could not be had. */
  giveBack(index: number): void;
}

/** A download with no chunk yet. Takes the blob's length in memory. */
export function makeDownload(manifest: BlobManifest): Download {
  const blob = new Uint8Array(Number(manifest.byteLength));
  const missing = [...manifest.chunks.keys()].reverse();
  const waiting = new Set<() => void>();
  let left = missing.length;
  let received = 0;
  const wake = () => {
    for (const notify of [...waiting]) notify();
  };
  const change = (signal: AbortSignal) =>
    new Promise<void>((resolve) => {
      const finish = () => {
        waiting.delete(finish);
        signal.removeEventListener("abort", finish);
        resolve();
      };
      waiting.add(finish);
      signal.addEventListener("abort", finish);
    });
  return {
    manifest,
    blob,
    received: () => received,
    complete: () => left === 0,
    async take(signal) {
      while (left > 0) {
        if (signal.aborted) throw signal.reason;
        const index = missing.pop();
        if (index !== undefined) return index;
        await change(signal);
      }
      return undefined;
    },
    deliver(index, chunk) {
      blob.set(chunk, index * CHUNK_BYTES);
      received += chunk.length;
      left--;
      if (left === 0) wake();
    },
    giveBack(index) {
      missing.push(index);
      wake();
    },
  };
}

/** How one attempt at a blob asks and tells. */
export interface DownloadRun {
  /** The shared download, once a manifest is known. */
  readonly current: () => Download | undefined;
  /** Asks a peer for the manifest and begins the download, unless another peer's was first. Throws {@link NetError}. */
  readonly begin: (peer: PeerId, signal: AbortSignal) => Promise<Download>;
  /** Asks a peer for a chunk. Returns verified bytes or throws {@link NetError}. */
  readonly askChunk: (
    peer: PeerId,
    download: Download,
    index: number,
    signal: AbortSignal,
  ) => Promise<Uint8Array>;
  readonly onChunk: (download: Download) => void;
}

/** What is left of the sources when they were all tried. */
export interface RunOutcome {
  /** Peers whose failure may pass: busy, slow or away. */
  readonly again: readonly PeerId[];
  readonly failures: readonly string[];
}

/** Whether a peer that failed so may have the blob all the same. */
function mayPass(thrown: unknown): boolean {
  if (!(thrown instanceof NetError)) return false;
  if (thrown.code === "remote_error") return thrown.fields.remoteCode === "busy";
  return ["busy", "timed_out", "closed", "unreachable"].includes(thrown.code);
}

/**
 * Works through `sources`, several at once, until the download is complete or nobody is left to ask. A peer is given up at its
 * first failure, and its chunks go to the others.
 *
 * @throws {NetError} `too_large` from `begin`; every other failure is in the outcome.
 */
export async function runDownload(
  run: DownloadRun,
  sources: readonly PeerId[],
  signal: AbortSignal,
): Promise<RunOutcome> {
  const queue = [...sources];
  const again: PeerId[] = [];
  const failures: string[] = [];
  const finished = new AbortController();
  const both = AbortSignal.any([signal, finished.signal]);

  /** One place in a peer's window. `stop` ends the taking, `abandon` also what is under way. */
  const fetchChunks = async (
    peer: PeerId,
    download: Download,
    stop: AbortController,
    abandon: AbortController,
  ) => {
    const taking = AbortSignal.any([both, stop.signal]);
    const asking = AbortSignal.any([both, abandon.signal]);
    while (true) {
      const index = await download.take(taking);
      if (index === undefined) return;
      try {
        download.deliver(index, await run.askChunk(peer, download, index, asking));
      } catch (thrown) {
        download.giveBack(index);
        stop.abort(thrown);
        // Of a peer that does not answer, nothing more is to be hoped for; of any other, what it is sending may be good.
        if (thrown instanceof NetError && thrown.code === "timed_out") abandon.abort(thrown);
        throw thrown;
      }
      run.onChunk(download);
    }
  };

  const useSource = async (peer: PeerId) => {
    try {
      const download = run.current() ?? await run.begin(peer, both);
      const [stop, abandon] = [new AbortController(), new AbortController()];
      const window = Array.from({ length: WINDOW }, () => fetchChunks(peer, download, stop, abandon));
      const failed = (await Promise.allSettled(window)).find((place) => place.status === "rejected");
      if (failed !== undefined) throw stop.signal.reason ?? failed.reason;
    } catch (thrown) {
      if (thrown instanceof NetError && thrown.code === "too_large") throw thrown;
      if (both.aborted) return;
      failures.push(messageOf(thrown));
      if (mayPass(thrown)) again.push(peer);
    }
  };

  const lane = async () => {
    while (!both.aborted && run.current()?.complete() !== true) {
      const peer = queue.shift();
      if (peer === undefined) return;
      await useSource(peer);
      // Those still waiting for an answer from others need not, once everything is here.
      if (run.current()?.complete() === true) finished.abort();
    }
  };
  try {
    await Promise.all(Array.from({ length: MAX_SOURCES }, lane));
  } finally {
    finished.abort();
  }
  return { again, failures };
}
