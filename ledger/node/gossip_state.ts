/**
 * What spreading transactions has to remember, see `gossip.ts`.
 *
 * @module
 */
import type { PeerId } from "./effects.ts";

/** What a node has to tell, and what it was told of. Mutable; only `gossip.ts` writes it. */
export interface Gossip {
  /** Own transactions that nobody was told of yet, by id. */
  readonly untold: Map<string, Uint8Array>;
  /** Ids that were not announced yet. */
  readonly unannounced: Set<string>;
  /** Whether the `gossip` timer runs. */
  isGathering: boolean;
  /** Ids that each peer announced and that were not asked of it yet. */
  readonly announced: Map<PeerId, Set<string>>;
  /** Peers with a question under way. */
  readonly asked: Set<PeerId>;
}

/** Nothing to tell. */
export function createGossip(): Gossip {
  return {
    untold: new Map(),
    unannounced: new Set(),
    isGathering: false,
    announced: new Map(),
    asked: new Set(),
  };
}
