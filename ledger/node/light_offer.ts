/**
 * Serving light clients: the latest certified header with proofs of what the state holds after it, and one link for each epoch.
 *
 * A link is written down with the block that ends its epoch, because the state after that block is gone soon. The boundary block is
 * the one of an epoch that always has a finalization of its own: the next epoch only starts on it.
 *
 * @module
 */
import type { BlockHeader } from "../chain/mod.ts";
import type { Certificate } from "../consensus/mod.ts";
import { EpochLink, LightState, MAX_EPOCH_LINKS } from "../light/mod.ts";
import { decode, encode } from "../primitives/mod.ts";
import {
  heads,
  lastHeightOf,
  paramsInForce,
  type State,
  validatorSetKey,
  validatorSetOf,
} from "../state/mod.ts";
import type { FinalizedReader, StoreRecord } from "../store/mod.ts";
import type { NodeAnswer } from "./messages.ts";

/** The latest final block with a finalization of its own, and the state after it. */
export interface CertifiedHead {
  readonly header: BlockHeader;
  readonly certificate: Certificate;
  readonly state: State;
}

/** Bytes of values and proofs in one answer, unless a single one is larger: leaves room for the header's certificate below 4 MiB. */
const MAX_STATE_BYTES = 2 * 1024 * 1024;

/**
 * The record to write down when a block becomes final that ends its epoch; nothing for any other block.
 *
 * @param keepsAll Whether links of epochs stay whose validators may have withdrawn their stake: no client may start from there.
 */
export function linkRecord(
  { header, certificate, state }: CertifiedHead,
  keepsAll: boolean,
): StoreRecord | undefined {
  const { epoch } = heads.get(state);
  const params = paramsInForce.get(state);
  const next = validatorSetOf(state, epoch + 1n);
  if (header.height !== lastHeightOf(params, epoch) || next === undefined) return undefined;
  const proof = state.prove(validatorSetKey(epoch + 1n));
  const kept = BigInt(Math.ceil(params.unbondingBlocks / params.epochBlocks)) + 1n;
  const first = epoch > kept && !keepsAll ? epoch - kept : 0n;
  const link = encode(EpochLink, { update: { header, certificate }, next, proof });
  return { kind: "link", epoch, link, keepFrom: first };
}

/** The answer to a request for links. */
export function answerLinks(finalized: FinalizedReader, from: bigint): NodeAnswer {
  const links: EpochLink[] = [];
  for (let epoch = from; links.length < MAX_EPOCH_LINKS; epoch++) {
    const link = finalized.linkAt(epoch);
    if (link === undefined) break;
    links.push(decode(EpochLink, link));
  }
  return { kind: "light_links", links: { links } };
}

/** The answer to a request for state; null while no block has a finalization of its own. */
export function answerLightState(head: CertifiedHead | undefined, keys: readonly Uint8Array[]): NodeAnswer {
  if (head === undefined) return { kind: "light_state", state: null };
  const { header, certificate, state } = head;
  const entries: LightState["entries"][number][] = [];
  let bytes = 0;
  for (const key of keys) {
    const entry = { value: state.get(key) ?? null, proof: state.prove(key) };
    bytes += (entry.value?.length ?? 0) + 34 * entry.proof.siblings.length;
    if (entries.length > 0 && bytes > MAX_STATE_BYTES) break;
    entries.push(entry);
  }
  return { kind: "light_state", state: { update: { header, certificate }, entries } };
}
