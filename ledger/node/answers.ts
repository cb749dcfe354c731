/**
 * Serving other nodes: a pure reading of what this one holds. Every answer is bounded, whatever was asked.
 *
 * @module
 */
import type { BlockHeader } from "../chain/mod.ts";
import { certificatesIn } from "../consensus/mod.ts";
import { encode } from "../primitives/mod.ts";
import type { FinalizedReader } from "../store/mod.ts";
import { blockBytes } from "./execution.ts";
import { MAX_LINK_HEADERS, MAX_RANGE_BLOCKS, NodeAnswer, NodeRequest, read, readBlock } from "./messages.ts";
import type { Replica } from "./replica_state.ts";
import { answerTransactions } from "./gossip.ts";
import { answerLightState, answerLinks } from "./light_offer.ts";
import { answerChunk, answerSnapshot } from "./snapshot_offer.ts";

/** Bytes of blocks in one range answer, unless a single block is larger: leaves room for 2,048 headers below 4 MiB. */
const MAX_RANGE_BYTES = 2 * 1024 * 1024;

/**
 * Answers a request of a peer.
 *
 * @param finalized The store's final blocks.
 * @returns The answer, to be sent back.
 * @throws {NodeError} `malformed_message` if the bytes are no request: lower the peer's score.
 * @throws {StoreError} if the store fails: stop the node.
 */
export function answerRequest(replica: Replica, finalized: FinalizedReader, encoded: Uint8Array): Uint8Array {
  return encode(NodeAnswer, answer(replica, finalized, read(NodeRequest, encoded)));
}

function answer(replica: Replica, finalized: FinalizedReader, request: NodeRequest): NodeAnswer {
  switch (request.kind) {
    case "block":
      return { kind: "block", block: blockBytes(replica, request.hash) ?? null };
    case "certificates": {
      const { core, epoch } = replica;
      const certificates = core === undefined || epoch !== request.epoch
        ? []
        : certificatesIn(core, request.from, request.to);
      return { kind: "certificates", certificates };
    }
    case "range":
      return request.from >= 1n && request.from < finalized.firstHeight
        ? { kind: "pruned", firstHeight: finalized.firstHeight }
        : range(finalized, request.from);
    case "snapshot":
      return answerSnapshot(replica.offer);
    case "chunk":
      return answerChunk(replica.offer, request.height, request.index);
    case "transactions":
      return answerTransactions(replica, request.hashes);
    case "light_links":
      return answerLinks(finalized, request.from);
    case "light_state":
      return answerLightState(replica.certified, request.keys);
    default:
      return request satisfies never;
  }
}

const NOTHING: NodeAnswer = { kind: "range", blocks: [], link: [], certificate: null };

function range(finalized: FinalizedReader, from: bigint): NodeAnswer {
  const blocks: Uint8Array[] = [];
  let bytes = 0, height = from, epoch: bigint | undefined;
  let last = from < 1n ? undefined : finalized.finalizedAt(from);
  for (let next = last; next !== undefined; next = finalized.finalizedAt(++height)) {
    const header = readBlock(next.block).header;
    epoch ??= header.epoch;
    const isFull = blocks.length >= MAX_RANGE_BLOCKS ||
      (blocks.length > 0 && bytes + next.block.length > MAX_RANGE_BYTES);
    if (isFull || header.epoch !== epoch) break;
    blocks.push(next.block);
    bytes += next.block.length;
    last = next;
  }
  const link: BlockHeader[] = [];
  for (; last !== undefined && last.certificate === null; last = finalized.finalizedAt(height++)) {
    if (link.length >= MAX_LINK_HEADERS) return NOTHING;
    const next = finalized.finalizedAt(height);
    if (next === undefined) return NOTHING;
    link.push(readBlock(next.block).header);
  }
  return last === undefined ? NOTHING : { kind: "range", blocks, link, certificate: last.certificate };
}
