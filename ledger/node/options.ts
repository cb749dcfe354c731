/**
 * What a replica is made from.
 *
 * @module
 */
import { createTransactionReader, type Genesis, type TransactionReader, verifyBlock } from "../chain/mod.ts";
import { DEFAULT_TIMEOUTS, type Timeouts } from "../consensus/mod.ts";
import type { BeaconSigner, Signer } from "../primitives/mod.ts";
import type { Checkpoint } from "../light/mod.ts";
import { NodeError } from "./errors.ts";
import { DEFAULT_MEMPOOL_LIMITS, type MempoolLimits } from "./mempool.ts";

/** Times in milliseconds. They belong to the node, not to the chain. */
export interface Timing {
  /** From entering a view to proposing when no transaction waits. */
  readonly blockIntervalMs: number;
  /** The same when one waits: lets others gather. */
  readonly gatherMs: number;
  /** How often a node that sees no new final block asks around. */
  readonly pollMs: number;
  readonly timeouts: Timeouts;
}

/** Options of a replica. */
export interface ReplicaOptions {
  readonly genesis: Genesis;
  /** Votes with this key in the epochs whose validator set has its address; without it the replica follows. */
  readonly signer?: Signer;
  /** Contributes to the beacon; required of a validator that registered a beacon key. */
  readonly beacon?: BeaconSigner;
  readonly timing: Timing;
  /** Final blocks between snapshots of the state: what a restart has to execute again at most. */
  readonly snapshotEvery: bigint;
  /** Final blocks kept below the latest snapshot; null keeps all (an archive). */
  readonly keepBlocks: bigint | null;
  /** Trusted by the operator: lets a node that is epochs behind start from the state of others in the checkpoint's epoch. */
  readonly checkpoint?: Checkpoint;
  readonly mempool: MempoolLimits;
  /** Reads transactions, and remembers those that it verified. Replicas of one process may share one. Default: one of its own. */
  readonly reader: TransactionReader;
  /** Executes received blocks. Replicas of one process may share one that remembers. Default: `verifyBlock`. */
  readonly execute: typeof verifyBlock;
}

/** Half a second between idle blocks, proposals 20 ms after a transaction came. */
export const DEFAULT_TIMING: Timing = {
  blockIntervalMs: 500,
  gatherMs: 20,
  pollMs: 3_000,
  timeouts: DEFAULT_TIMEOUTS,
};

/** A snapshot every 500 blocks: some seconds of execution on restart. */
export const DEFAULT_SNAPSHOT_EVERY = 500n;

/**
 * Options with defaults for what is not given.
 *
 * @throws {NodeError} `bad_options` if an idle leader would be timed out by its peers.
 */
export function replicaOptions(
  options: Pick<ReplicaOptions, "genesis"> & Partial<ReplicaOptions>,
): ReplicaOptions {
  const complete = {
    timing: DEFAULT_TIMING,
    snapshotEvery: DEFAULT_SNAPSHOT_EVERY,
    keepBlocks: null,
    mempool: DEFAULT_MEMPOOL_LIMITS,
    reader: createTransactionReader(),
    execute: verifyBlock,
    ...options,
  };
  const { blockIntervalMs, timeouts } = complete.timing;
  if (blockIntervalMs >= timeouts.leaderMs || timeouts.leaderMs > timeouts.advanceMs) {
    throw new NodeError(
      "bad_options",
      `Times must rise from blockIntervalMs (${blockIntervalMs}) to timeouts.leaderMs (${timeouts.leaderMs}) to timeouts.advanceMs ` +
        `(${timeouts.advanceMs}): else an idle leader is given up on. Raise the timeouts.`,
    );
  }
  return complete;
}
