/**
 * Following live nodes: which questions a client asks, in which order, and what it makes of the answers. Whoever answers is trusted in
 * nothing; how questions reach it is the host's.
 *
 * @module
 */
import { blockHash, type BlockHeader } from "../chain/mod.ts";
import { equalBytes, messageOf } from "../primitives/mod.ts";
import { LightError } from "./errors.ts";
import { follow, learnValidators, type LightClient, proven } from "./light_client.ts";
import type { EpochLink, EpochLinks, LightState } from "./messages.ts";

/** A node that answers light clients. Methods reject when it does not. */
export interface LightSource {
  /** Links from the end of this epoch on: see {@link EpochLinks}. */
  links(fromEpoch: bigint): Promise<EpochLinks>;
  /** What keys hold after the latest certified block; at most {@link MAX_LIGHT_KEYS} keys. */
  state(keys: readonly Uint8Array[]): Promise<LightState>;
}

/** What was read, and the client, which may have gone on meanwhile. */
export interface ProvenRead {
  readonly client: LightClient;
  /** For each key what it holds in the state after `client.height`; undefined for nothing. */
  readonly values: readonly (Uint8Array | undefined)[];
}

/** Goes on to a header, which may be the one that is trusted already, and leaves open when trust ends. */
function reach(client: LightClient, update: EpochLink["update"], nowMs: bigint): LightClient {
  const { height, block, trustedAtMs } = client;
  const isSame = update.header.height === height && equalBytes(blockHash(update.header), block);
  return isSame ? client : { ...follow(client, update, nowMs), trustedAtMs };
}

/** The last epoch whose validators the client knows. */
function lastEpoch({ present, next }: LightClient): bigint {
  return (next ?? present).validators.epoch;
}

/** Takes the link from the last known epoch to the one after. */
function takeLink(client: LightClient, { update, next, proof }: EpochLink, nowMs: bigint): LightClient {
  const epoch = lastEpoch(client) + 1n;
  if (next.epoch !== epoch) {
    throw new LightError(
      "bad_proof",
      `The link leads to epoch ${next.epoch} instead of ${epoch}. Ask another node.`,
      {
        epoch,
      },
    );
  }
  return learnValidators(reach(client, update, nowMs), next, proof);
}

/**
 * Learns the validators of a later epoch, over every epoch between.
 *
 * That a link is old does not weaken it: its signers are slashable for longer than those that the client trusts to begin with. But it
 * says nothing of the present, so trust is not renewed by it.
 */
async function cross(
  client: LightClient,
  source: LightSource,
  epoch: bigint,
  nowMs: bigint,
): Promise<LightClient> {
  let reached = client;
  while (lastEpoch(reached) < epoch) {
    const from = lastEpoch(reached);
    const { links } = await source.links(from);
    if (links.length === 0) {
      throw new LightError(
        "unknown_validators",
        `The node does not have the end of epoch ${from}. Ask another node, or start from a newer checkpoint.`,
        { epoch: from },
      );
    }
    for (const link of links) if (lastEpoch(reached) < epoch) reached = takeLink(reached, link, nowMs);
  }
  return reached;
}

async function reachHeader(
  client: LightClient,
  source: LightSource,
  update: EpochLink["update"],
  nowMs: bigint,
): Promise<LightClient> {
  return reach(await cross(client, source, update.header.epoch, nowMs), update, nowMs);
}

/**
 * Goes on to the latest block that any of several nodes has, and renews trust: at least one of them must be honest, and none of the
 * others can do more than be ignored.
 *
 * @param nowMs When it is now, in milliseconds since 1970.
 * @throws {LightError} `trust_expired`, or `bad_header` if no node led on; its message says why each did not.
 */
export async function followLatest(
  client: LightClient,
  sources: readonly LightSource[],
  nowMs: bigint,
): Promise<LightClient> {
  let latest: LightClient | undefined;
  const failures: string[] = [];
  for (const source of sources) {
    try {
      const { update } = await source.state([]);
      if (latest !== undefined && update.header.height <= latest.height) continue;
      latest = await reachHeader(latest ?? client, source, update, nowMs);
    } catch (thrown) {
      if (thrown instanceof LightError && thrown.code === "trust_expired") throw thrown;
      failures.push(messageOf(thrown));
    }
  }
  if (latest !== undefined) return { ...latest, trustedAtMs: nowMs };
  throw new LightError(
    "bad_header",
    `None of ${sources.length} nodes led on from height ${client.height}: ${failures.join(" ")}`,
    { height: client.height },
  );
}

/**
 * Reads keys of the state from one node, at the latest certified block that it has. Trust is not renewed: it might show an old one.
 *
 * @param keys At most {@link MAX_LIGHT_KEYS}.
 * @throws {LightError} if the answer does not hold, or the node is behind the client (`bad_header`); the client stays as it was.
 */
export async function readProven(
  client: LightClient,
  source: LightSource,
  keys: readonly Uint8Array[],
  nowMs: bigint,
): Promise<ProvenRead> {
  const { update, entries } = await source.state(keys);
  const reached = await reachHeader(client, source, update, nowMs);
  return { client: reached, values: keys.map((key, i) => entryOf(reached, update.header, key, entries[i])) };
}

function entryOf(
  client: LightClient,
  header: BlockHeader,
  key: Uint8Array,
  entry: LightState["entries"][number] | undefined,
): Uint8Array | undefined {
  if (entry === undefined) {
    throw new LightError(
      "bad_proof",
      `The node left out a key at height ${header.height}. Ask for fewer keys at a time, or another node.`,
      { height: header.height },
    );
  }
  return proven(client, key, entry.value ?? undefined, entry.proof);
}
