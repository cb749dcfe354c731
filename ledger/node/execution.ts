/**
 * Executing blocks on the states after their parents, and making them final.
 *
 * @module
 */
import { BlockError, type BlockResult } from "../chain/mod.ts";
import type { Certificate } from "../consensus/mod.ts";
import { bytesToHex, equalBytes, type Hash, verifyContribution } from "../primitives/mod.ts";
import { heads, type State } from "../state/mod.ts";
import { dropBelow, findBlock, type KnownBlock, pathTo, stateAfter } from "./block_tree.ts";
import { NodeError } from "./errors.ts";
import { linkRecord } from "./light_offer.ts";
import { pruneMempool } from "./mempool.ts";
import { encodeMessage } from "./messages.ts";
import { type Replica, storeBlock } from "./replica_state.ts";

/** Final blocks kept in memory for peers that lack one of them: a few seconds of a busy chain, below 50 MiB. */
const RECENT_BLOCKS = 32;

/**
 * Executes a block whose parent has been executed.
 *
 * @returns Whether it is valid.
 * @throws {NodeError} `halted` if its parent's state is not there: a bug.
 */
export function executeKnown(replica: Replica, known: KnownBlock): boolean {
  if (known.result !== undefined) return true;
  const { header } = known.block;
  const before = stateAfter(replica.tree, replica.head, header.parent);
  if (before === undefined) {
    throw new NodeError(
      "halted",
      `The parent of block ${bytesToHex(known.hash)} was not executed. Report the bug.`,
    );
  }
  try {
    const result = executeOn(replica, before, known);
    if (!hasValidContribution(replica, known, before)) return false;
    known.result = result;
    return true;
  } catch (thrown) {
    if (thrown instanceof BlockError) return false;
    throw thrown;
  }
}

/** Executes a block on a state. Throws `BlockError` if it is invalid. */
export function executeOn(replica: Replica, before: State, known: KnownBlock): BlockResult {
  const { execute, reader } = replica.options;
  return execute(before, known.block, { reader });
}

/** A leader with a registered beacon key must contribute, one without must not. PERF: 25 ms, so it comes last. */
function hasValidContribution(replica: Replica, { block: { header } }: KnownBlock, before: State): boolean {
  const proposer = replica.validators.members.find(({ address }) => equalBytes(address, header.proposer));
  if (proposer === undefined) return false;
  if (proposer.beaconKey.length === 0) return header.beaconSignature.length === 0;
  const { chainId, epoch, view } = header;
  const previous = heads.get(before).beacon;
  return verifyContribution(header.beaconSignature, { chainId, epoch, view, previous }, proposer.beaconKey);
}

/**
 * Makes an executed block and its ancestors final: records, notices, the new head, and the end of what they use up.
 *
 * @param certificate The finalization of the block, or null if it lies further on.
 */
export function finalizeTo(replica: Replica, hash: Hash, certificate: Certificate | null): void {
  const path = pathTo(replica.tree, replica.head, hash) ?? [];
  for (const known of path) {
    const { result, block, encoded } = known;
    const { height } = block.header;
    if (result === undefined) {
      throw new NodeError("halted", `Block ${height} was finalized before it was executed. Report the bug.`);
    }
    const own = equalBytes(known.hash, hash) ? certificate : null;
    storeBlock(replica, known);
    replica.records.push({ kind: "finalized", height, hash: known.hash, certificate: own });
    replica.head = { hash: known.hash, height, header: block.header, state: result.state };
    remember(replica, known.hash, encoded);
    replica.effects.push({
      kind: "finalized",
      notice: { height, hash: known.hash, block, certificate: own, result },
    });
    if (height % replica.options.snapshotEvery === 0n) {
      replica.records.push({ kind: "snapshot", height, hash: known.hash, entries: result.state.entries() });
      pruneBlocks(replica, height);
    }
  }
  if (path.length === 0) return;
  if (certificate !== null) showCertified(replica, certificate);
  renewOffer(replica, certificate);
  dropBelow(replica.tree, replica.head.height);
  pruneMempool(replica.pool, replica.head.state);
  publishOwn(replica, hash, certificate);
}

/** Shows light clients the head, which a certificate finalized, and keeps the link to the next epoch if it ends one. */
export function showCertified(replica: Replica, certificate: Certificate): void {
  const { head: { header, state }, options, records } = replica;
  if (header === undefined) return;
  replica.certified = { header, certificate, state };
  const link = linkRecord(replica.certified, options.keepBlocks === null);
  if (link !== undefined) records.push(link);
}

/** Forgets blocks that a restart does not need, beyond the horizon. */
function pruneBlocks({ options: { keepBlocks }, records }: Replica, snapshotHeight: bigint): void {
  if (keepBlocks !== null && snapshotHeight > keepBlocks) {
    records.push({ kind: "pruned", below: snapshotHeight - keepBlocks });
  }
}

/** Offers the state after the head to others, as often as it is written down. */
function renewOffer(replica: Replica, certificate: Certificate | null): void {
  const { head: { hash, height, state }, offer, options } = replica;
  const block = replica.recent.get(bytesToHex(hash));
  const isDue = height >= (offer?.height ?? 0n) + options.snapshotEvery;
  if (certificate === null || block === undefined || !isDue) return;
  replica.offer = { height, block, certificate, state, subtrees: undefined };
}

function remember({ recent }: Replica, hash: Hash, encoded: Uint8Array): void {
  recent.set(bytesToHex(hash), encoded);
  if (recent.size <= RECENT_BLOCKS) return;
  const oldest = recent.keys().next();
  if (!oldest.done) recent.delete(oldest.value);
}

/** The proposer tells everybody; whoever misses it asks a peer when it next hears of a block or polls. */
function publishOwn(replica: Replica, hash: Hash, certificate: Certificate | null): void {
  const { signer } = replica.options;
  const { header } = replica.head;
  const encoded = replica.recent.get(bytesToHex(hash));
  if (certificate === null || signer === undefined || header === undefined || encoded === undefined) return;
  if (!equalBytes(header.proposer, signer.address)) return;
  const bytes = encodeMessage({ kind: "finalized", block: encoded, certificate });
  replica.effects.push({ kind: "publish", topic: "blocks", bytes });
}

/** The held block of a hash, final or not, as bytes. */
export function blockBytes(replica: Replica, hash: Hash): Uint8Array | undefined {
  return findBlock(replica.tree, hash)?.encoded ?? replica.recent.get(bytesToHex(hash));
}
