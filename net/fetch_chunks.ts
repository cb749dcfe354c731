/**
 * Some chunks of a blob, for somebody who needs no more of it: first the manifest, which proves itself, then each chunk, proved by the
 * manifest. Nothing is kept.
 *
 * @module
 */
import { messageOf } from "../ledger/primitives/mod.ts";
import type { BlobManifest } from "./blob_manifest.ts";
import { NetError } from "./errors.ts";
import type { PeerId } from "./transport.ts";

/** Chunks asked of one peer at once, as in a download of the whole. */
const WINDOW = 8;

/** What fetching chunks needs. */
export interface ChunkSource {
  /** A verified manifest from a peer. */
  manifest(peer: PeerId, signal: AbortSignal): Promise<BlobManifest>;
  /** A verified chunk from a peer. */
  chunk(peer: PeerId, manifest: BlobManifest, index: number, signal: AbortSignal): Promise<Uint8Array>;
}

/** Chunks by their position. */
export type Chunks = ReadonlyMap<number, Uint8Array>;

/**
 * The chunks at some positions, from the first peers that give them.
 *
 * @param what Names the blob in errors.
 * @throws {NetError} `not_found` if no peer gives them all, or the blob has no such chunk.
 */
export async function fetchChunks(
  source: ChunkSource,
  peers: readonly PeerId[],
  positions: readonly number[],
  what: string,
  signal: AbortSignal,
): Promise<Chunks> {
  const chunks = new Map<number, Uint8Array>();
  const failures: string[] = [];
  for (const peer of peers) {
    try {
      const manifest = await source.manifest(peer, signal);
      const beyond = positions.find((position) => position >= manifest.chunks.length);
      if (beyond !== undefined) {
        throw new NetError(
          "not_found",
          `${what} has ${manifest.chunks.length} chunks: there is no chunk ${beyond}.`,
        );
      }
      const missing = positions.filter((position) => !chunks.has(position));
      for (let at = 0; at < missing.length; at += WINDOW) {
        await Promise.all(
          missing.slice(at, at + WINDOW).map(async (position) => {
            chunks.set(position, await source.chunk(peer, manifest, position, signal));
          }),
        );
      }
      return chunks;
    } catch (thrown) {
      if (signal.aborted) throw signal.reason;
      failures.push(messageOf(thrown));
    }
  }
  throw new NetError(
    "not_found",
    `Chunks of ${what} could not be had from any of ${peers.length} peers. ${failures.slice(0, 3).join(" ")}`
      .trim(),
  );
}
