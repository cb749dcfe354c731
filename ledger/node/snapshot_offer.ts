/**
 * Serving the state to nodes too far behind to follow blocks: a certified final block, and the state after it cut into subtrees that can
 * be checked one by one.
 *
 * @module
 */
import type { Certificate } from "../consensus/mod.ts";
import type { State, Subtree } from "../state/mod.ts";
import type { NodeAnswer } from "./messages.ts";
import { MAX_SUBTREE_BITS } from "./messages.ts";
import { exponentOf } from "./powers_of_two.ts";

/** Bytes of one chunk aimed at: hashed keys spread evenly, so that none comes near the 4 MiB of a message. */
const CHUNK_BYTES = 512 * 1024;

/** What a replica offers. States share what they have in common, so that keeping an older one is cheap. */
export interface SnapshotOffer {
  readonly height: bigint;
  readonly block: Uint8Array;
  readonly certificate: Certificate;
  readonly state: State;
  /** Made when first asked for. */
  subtrees: readonly Subtree[] | undefined;
}

/** Bits of the paths that chunks are told apart by. PERF: walks the state. */
function bitsFor(state: State): number {
  let bytes = 0;
  for (const [key, value] of state.entries()) bytes += key.length + value.length;
  const chunks = Math.ceil(bytes / CHUNK_BYTES);
  return Math.min(MAX_SUBTREE_BITS, exponentOf(Math.max(1, chunks)));
}

function subtreesOf(offer: SnapshotOffer): readonly Subtree[] {
  if (offer.subtrees === undefined) {
    const bits = bitsFor(offer.state);
    offer.subtrees = Array.from({ length: 2 ** bits }, (_, i) => offer.state.subtree(bits, i));
  }
  return offer.subtrees;
}

/** The answer to a request for a snapshot. */
export function answerSnapshot(offer: SnapshotOffer | undefined): NodeAnswer {
  if (offer === undefined) return { kind: "snapshot", offer: null };
  const { block, certificate } = offer;
  return { kind: "snapshot", offer: { block, certificate, subtrees: subtreesOf(offer) } };
}

/** The answer to a request for a chunk: nothing if the snapshot was replaced meanwhile. */
export function answerChunk(offer: SnapshotOffer | undefined, height: bigint, index: number): NodeAnswer {
  if (offer === undefined || offer.height !== height) return { kind: "chunk", entries: null };
  const count = subtreesOf(offer).length;
  if (index >= count) return { kind: "chunk", entries: null };
  const entries = Array.from(
    offer.state.entriesUnder(exponentOf(count), index),
    ([key, value]) => ({ key, value }),
  );
  return { kind: "chunk", entries };
}
