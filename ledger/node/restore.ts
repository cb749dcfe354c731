/**
 * Making a replica, from genesis or from what its store holds.
 *
 * @module
 */
import { blockHash, chainIdOf, genesisState } from "../chain/mod.ts";
import { type ConsensusRecord, prepareValidators, restore, step } from "../consensus/mod.ts";
import { equalBytes } from "../primitives/mod.ts";
import { epochOf, paramsInForce, State, validatorSetOf } from "../state/mod.ts";
import { type FinalizedBlock, RESYNC_ADVICE, type Store } from "../store/mod.ts";
import { addBlock, candidateOf, type ChainHead, knownFromBytes } from "./block_tree.ts";
import { NodeError } from "./errors.ts";
import { executeOn } from "./execution.ts";
import { createGossip } from "./gossip_state.ts";
import type { CertifiedHead } from "./light_offer.ts";
import { createMempool } from "./mempool.ts";
import { type ReplicaOptions } from "./options.ts";
import type { Replica } from "./replica_state.ts";
import { openEpoch } from "./voting.ts";

function bare(options: ReplicaOptions): Replica {
  const state = genesisState(options.genesis);
  const chainId = chainIdOf(options.genesis);
  const set = validatorSetOf(state, 0n);
  if (set === undefined) {
    throw new NodeError("halted", "The genesis state has no validators. Report the bug.");
  }
  return {
    options,
    chainId,
    tree: new Map(),
    pool: createMempool(options.mempool, options.reader),
    recent: new Map(),
    local: new Map(),
    requests: new Map(),
    gossip: createGossip(),
    // The first block's parent is the genesis itself, whose hash is the chain's id.
    head: { hash: chainId, height: 0n, header: undefined, state },
    epoch: 0n,
    certified: undefined,
    validators: prepareValidators(set),
    core: undefined,
    early: [],
    building: undefined,
    nextRequest: 0,
    started: false,
    syncing: false,
    offer: undefined,
    stateSync: undefined,
    needsCheckpoint: false,
    polledHeight: 0n,
    halted: false,
    sender: undefined,
    records: [],
    effects: [],
  };
}

/**
 * A replica that stands where its store does: the last final block executed, and every own vote remembered. Give it `start`, then
 * the rest. PERF: executes the blocks since the last snapshot.
 *
 * @throws {NodeError} `bad_store` if what the store holds does not make a chain.
 * @throws {StoreError} if it cannot be read.
 */
export function createReplica(options: ReplicaOptions, store: Store): Replica {
  const replica = bare(options);
  const stored = store.load();
  if (stored.snapshot !== undefined) {
    const { height, entries } = stored.snapshot;
    const final = requireFinal(store, height);
    replica.head = headOf(final, State.from(entries));
  }
  for (let height = replica.head.height + 1n; height <= stored.finalizedHeight; height++) {
    const final = requireFinal(store, height);
    const known = knownFromBytes(final.block);
    if (!equalBytes(known.block.header.parent, replica.head.hash)) {
      throw damaged(`Its block ${height} does not follow on the one before.`);
    }
    enterEpoch(replica, height);
    replica.head = headOf(final, executeOn(replica, replica.head.state, known).state);
  }
  replica.certified = certifiedHead(replica.head, store);
  for (const { block } of stored.pending) addBlock(replica.tree, { ...knownFromBytes(block), stored: true });
  openEpoch(replica);
  const { core } = replica;
  if (core === undefined) return replica;
  const votes = stored.votes.map((vote): ConsensusRecord => ({ kind: "vote", vote }));
  const certificates = stored.certificates.map((certificate): ConsensusRecord => ({
    kind: "certificate",
    certificate,
  }));
  for (const record of [...certificates, ...votes]) restore(core, record);
  for (const known of replica.tree.values()) step(core, { kind: "block", candidate: candidateOf(known) });
  return replica;
}

function certifiedHead({ header, height, state }: ChainHead, store: Store): CertifiedHead | undefined {
  const certificate = store.finalizedAt(height)?.certificate ?? null;
  return header === undefined || certificate === null ? undefined : { header, certificate, state };
}

function enterEpoch(replica: Replica, height: bigint): void {
  const { state } = replica.head;
  const set = validatorSetOf(state, epochOf(paramsInForce.get(state), height));
  if (set !== undefined && set.epoch !== replica.epoch) {
    replica.epoch = set.epoch;
    replica.validators = prepareValidators(set);
  }
}

function damaged(reason: string): NodeError {
  return new NodeError(
    "bad_store",
    `The store does not hold a chain of this genesis. ${reason} ${RESYNC_ADVICE}`,
  );
}

function requireFinal(store: Store, height: bigint): FinalizedBlock {
  const final = store.finalizedAt(height);
  if (final === undefined) throw damaged(`Its block ${height} is missing.`);
  return final;
}

function headOf({ height, hash, block }: FinalizedBlock, state: State): ChainHead {
  const { header } = knownFromBytes(block).block;
  const isTrue = equalBytes(blockHash(header), hash) && header.height === height &&
    equalBytes(header.stateRoot, state.root);
  if (!isTrue) {
    throw damaged(`Its block ${height} is not the one that was finalized, or the state after it differs.`);
  }
  return { hash, height, header, state };
}
