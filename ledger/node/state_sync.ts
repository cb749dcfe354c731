/**
 * Starting from the state of others: for a node whose next block nobody near holds any more.
 *
 * The block's certificate is checked against validators that this node knows: from its own state if the block is of the same epoch or the
 * next, or from a checkpoint that its operator trusts. The subtrees must make up the block's state root, and each chunk its subtree, so
 * that a lie is found with the chunk that holds it.
 *
 * @module
 */
import { ConsensusError, prepareValidators, verifyCertificate } from "../consensus/mod.ts";
import { equalBytes } from "../primitives/mod.ts";
import {
  chainIds,
  heads,
  rootOfSubtrees,
  State,
  type StateChange,
  type ValidatorSet,
  validatorSetOf,
  validatorsHash,
} from "../state/mod.ts";
import { dropBelow, knownFromBytes } from "./block_tree.ts";
import type { PeerId } from "./effects.ts";
import { NodeError } from "./errors.ts";
import { showCertified } from "./execution.ts";
import { pruneMempool } from "./mempool.ts";
import type { NodeAnswer } from "./messages.ts";
import { exponentOf, isPowerOfTwo } from "./powers_of_two.ts";
import type { Replica, StateSync } from "./replica_state.ts";
import { askPeer } from "./requests.ts";
import { drive, openEpoch } from "./voting.ts";

type Answer<K extends NodeAnswer["kind"]> = Extract<NodeAnswer, { kind: K }>;

function refuse(message: string): never {
  throw new NodeError("bad_answer", `${message} Ask another peer.`);
}

/**
 * Asks a peer that has pruned the block `asked` for its snapshot, unless the replica has come past what it pruned since it asked.
 * Throws {@link NodeError} if the peer says in one that it pruned the block and that it has it.
 */
export function requestSnapshot(
  replica: Replica,
  { firstHeight }: Answer<"pruned">,
  asked: bigint,
  from: PeerId,
): void {
  if (firstHeight <= asked) refuse("The peer says that it pruned a block that it says it has.");
  if (firstHeight <= replica.head.height + 1n) return;
  if (replica.stateSync === undefined) askPeer(replica, { kind: "snapshot" }, { kind: "peer", peer: from });
}

function trustedSet({ head, options }: Replica, epoch: bigint): ValidatorSet | undefined {
  const checkpoint = options.checkpoint?.validators;
  return checkpoint?.epoch === epoch ? checkpoint : validatorSetOf(head.state, epoch);
}

/** Takes a peer's offer, if it can be checked, and asks for the first chunk. Throws {@link NodeError} for a false one. */
export function takeSnapshot(replica: Replica, { offer }: Answer<"snapshot">, from: PeerId): void {
  if (offer === null || replica.stateSync !== undefined) return;
  const known = knownFromBytes(offer.block);
  const { header } = known.block;
  if (header.height <= replica.head.height) return;
  const set = trustedSet(replica, header.epoch);
  replica.needsCheckpoint = set === undefined;
  if (set === undefined) return;
  const { certificate, subtrees } = offer;
  const { vote } = certificate;
  if (
    !equalBytes(header.chainId, replica.chainId) || !equalBytes(header.validatorsHash, validatorsHash(set))
  ) {
    refuse("The snapshot's block is of another chain or names other validators.");
  }
  if (vote.kind !== "finalize" || !equalBytes(vote.proposal.block, known.hash)) {
    refuse("The certificate does not finalize the snapshot's block.");
  }
  try {
    verifyCertificate(replica.chainId, prepareValidators(set), certificate);
  } catch (thrown) {
    if (!(thrown instanceof ConsensusError)) throw thrown;
    refuse(thrown.message);
  }
  if (
    !isPowerOfTwo(subtrees.length) || !equalBytes(rootOfSubtrees(subtrees), header.stateRoot)
  ) {
    refuse("The snapshot's subtrees do not make up the state of its block.");
  }
  replica.stateSync = { from, known, certificate, subtrees, state: State.empty, received: 0 };
  requestChunk(replica, replica.stateSync);
}

function requestChunk(replica: Replica, { from, known, received }: StateSync): void {
  const { height } = known.block.header;
  const isAsked = askPeer(replica, { kind: "chunk", height, index: received }, { kind: "peer", peer: from });
  if (!isAsked) replica.stateSync = undefined;
}

/** Takes a chunk, and asks for the next or goes on from the snapshot. Throws {@link NodeError} for a false one. */
export function takeChunk(replica: Replica, { entries }: Answer<"chunk">, from: PeerId): void {
  const sync = replica.stateSync;
  if (sync === undefined || sync.from !== from) return;
  replica.stateSync = undefined;
  const expected = sync.subtrees[sync.received];
  if (entries === null || expected === undefined) return; // the peer has another snapshot by now: a poll starts anew
  const bits = exponentOf(sync.subtrees.length);
  const keys = new Set(entries.map(({ key }) => key.join()));
  if (keys.size !== entries.length) refuse("A chunk of the snapshot holds a key twice.");
  const state = sync.state.update(entries.map(({ key, value }): StateChange => [key, value]));
  const subtree = state.subtree(bits, sync.received);
  const isTrue = subtree.count === entries.length && subtree.count === expected.count &&
    equalBytes(subtree.top, expected.top);
  if (!isTrue) refuse(`Chunk ${sync.received} of the snapshot is not the one that its block commits to.`);
  const next = { ...sync, state, received: sync.received + 1 };
  if (next.received === sync.subtrees.length) return adopt(replica, next);
  replica.stateSync = next;
  requestChunk(replica, next);
}

function adopt(replica: Replica, { known, certificate, state }: StateSync): void {
  const { hash, encoded, block: { header } } = known;
  const { height } = header;
  if (height <= replica.head.height) return; // blocks were faster
  const isConsistent = equalBytes(state.root, header.stateRoot) && heads.get(state).height === height &&
    equalBytes(chainIds.get(state), replica.chainId);
  if (!isConsistent) {
    throw new NodeError("halted", `A quorum certified a state of height ${height} that contradicts itself.`);
  }
  replica.records.push({
    kind: "adopted",
    block: { height, hash, block: encoded, certificate },
    entries: state.entries(),
  });
  replica.head = { hash, height, header, state };
  showCertified(replica, certificate);
  dropBelow(replica.tree, height);
  pruneMempool(replica.pool, state);
  if (header.epoch === replica.epoch) {
    drive(replica, { kind: "synced", block: hash, height, view: header.view });
    return;
  }
  openEpoch(replica);
  drive(replica, { kind: "start" });
}
