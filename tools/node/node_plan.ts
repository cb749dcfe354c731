/**
 * What a node is to be: plain data, so that it can be logged, tested, and handed to workers.
 *
 * @module
 */
import type { ProviderPolicy } from "../../actors/mod.ts";
import type { Fault } from "../../executor/mod.ts";
import type { Genesis } from "../../ledger/mod.ts";
import type { Timing } from "../../ledger/node/mod.ts";

/** Roles that a node can play besides following the chain, which every node does. */
export const NODE_ROLES = ["validator", "provider", "challenger", "arbiter", "market", "requester"] as const;

/** See {@link NODE_ROLES}. */
export type NodeRole = typeof NODE_ROLES[number];

/** What a node keeps of the chain, and from where it may start. */
export interface NodeHistory {
  /** Final blocks kept below the latest snapshot of the state; absent: all, as an archive does. */
  readonly keepBlocks?: bigint;
  /** Final blocks between snapshots; absent: 500. */
  readonly snapshotEvery?: bigint;
  /** Encoding of a checkpoint that the operator trusts, see `assay checkpoint`. */
  readonly checkpoint?: Uint8Array;
}

/** See the module. */
export interface NodePlan {
  /** 32 bytes: the node's account, vote and network key. */
  readonly seed: Uint8Array;
  readonly genesis: Genesis;
  /** The node's home, an existing folder: see `home_file.ts`. */
  readonly home: string;
  readonly roles: readonly NodeRole[];
  /** Address and UDP port to listen on; 127.0.0.1 and a free port by default. */
  readonly listen?: { readonly host?: string; readonly port?: number };
  /** Whether its network address is the same after a restart. Default true; costs up to a second at the first start. */
  readonly stableAddress?: boolean;
  /** Addresses of nodes to stay connected to. */
  readonly join: readonly string[];
  /** Engine that the node's executor computes with. */
  readonly engine: string;
  /** Threads that the engine `repops` shares large products between. Default 1. */
  readonly threads?: number;
  readonly timing?: Partial<Timing>;
  readonly history?: NodeHistory;
  readonly provider?: Partial<ProviderPolicy>;
  /** A lie that the node's executor tells: for demonstrations and tests of cheats being caught. */
  readonly fault?: Fault;
}

/** What a provider offers unless its plan says otherwise: two tasks at a time, any reward, a laptop's spare memory. */
export const DEFAULT_PROVIDER: ProviderPolicy = { memoryMiB: 2048, minReward: 0n, slots: 2 };

/** Engine of a node unless its plan says otherwise. */
export const DEFAULT_ENGINE = "repops";
