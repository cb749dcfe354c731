/**
 * A node of the ledger as a sans-IO composition: consensus, execution, mempool, block building and block sync behind one
 * `stepReplica(replica, input) -> effects`. It knows all of `ledger/`; clock, network and disk are its host's.
 *
 * A replica votes in the epochs whose validator set has its key, and follows in all others. A host
 *
 *  1. opens a store and makes the replica with `createReplica`;
 *  2. gives it `start` when the network is up, then every message, response, timer and submission, one at a time;
 *  3. carries out the effects of each step in order, `persist` first and completely;
 *  4. answers requests of peers with `answerRequest`;
 *  5. stops on `halt`, and when `persist` fails.
 *
 * Read `effects.ts`, then `replica.ts`; `voting.ts` joins consensus, `gossip.ts` spreads transactions, `block_sync.ts` and `answers.ts` are the two ends of catching up on
 * blocks, `state_sync.ts` and `snapshot_offer.ts` those of starting from the state of others.
 *
 * @module
 */
export { answerRequest } from "./answers.ts";
export type { ChainHead } from "./block_tree.ts";
export type {
  FinalizedNotice,
  PeerId,
  ReplicaEffect,
  ReplicaInput,
  ReplicaTimer,
  RequestTarget,
} from "./effects.ts";
export { NodeError, type NodeErrorCode } from "./errors.ts";
export { DEFAULT_MEMPOOL_LIMITS, type MempoolLimits, nextNonce } from "./mempool.ts";
export {
  encodeMessage,
  MAX_ENCODED_BLOCK_BYTES,
  NodeAnswer,
  NodeMessage,
  NodeRequest,
  readBlock,
} from "./messages.ts";
export {
  DEFAULT_SNAPSHOT_EVERY,
  DEFAULT_TIMING,
  type ReplicaOptions,
  replicaOptions,
  type Timing,
} from "./options.ts";
export { type ReplicaStatus, statusOf, stepReplica } from "./replica.ts";
export type { Replica } from "./replica_state.ts";
export { createReplica } from "./restore.ts";
