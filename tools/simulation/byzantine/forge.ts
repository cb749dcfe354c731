/**
 * The tools of a dishonest validator: votes that it should not sign, blocks that it should not make, and a say in what it sends to
 * whom.
 *
 * @module
 */
import {
  type Block,
  Block as BlockSchema,
  BlockError,
  blockHash,
  type BlockHeader,
  encodeTransaction,
  executeBlock,
  signTransaction,
  transactionsRootOf,
} from "../../../ledger/chain/mod.ts";
import {
  indexOfValidator,
  type Proposal,
  type SignedVote,
  signVote,
  type Vote,
} from "../../../ledger/consensus/mod.ts";
import { encodeMessage, NodeMessage, type ReplicaEffect } from "../../../ledger/node/mod.ts";
import {
  type Address,
  bytesToHex,
  decode,
  encode,
  equalBytes,
  type Hash,
} from "../../../ledger/primitives/mod.ts";
import { accountOf, type State, validatorSetOf, validatorsHash } from "../../../ledger/state/mod.ts";
import type { Seat } from "../behaviour.ts";

/** What a replica wants to send to validators, read. */
export type Sending = Extract<ReplicaEffect, { kind: "send" }> & { readonly message: NodeMessage };

/** Replaces what a step sends to validators; everything else stays. */
export function rewriteSends(
  effects: readonly ReplicaEffect[],
  rewrite: (sending: Sending) => readonly ReplicaEffect[],
): readonly ReplicaEffect[] {
  return effects.flatMap((effect) =>
    effect.kind === "send" ? rewrite({ ...effect, message: decode(NodeMessage, effect.bytes) }) : [effect]
  );
}

/** A message to some validators. */
export function sendTo(to: readonly Address[], message: NodeMessage): ReplicaEffect {
  return { kind: "send", to, bytes: encodeMessage(message) };
}

/** Every validator of the epoch but this one. */
export function peersOf({ replica, signer }: Seat): readonly Address[] {
  return replica.validators.members.map(({ address }) => address)
    .filter((address) => signer === undefined || !equalBytes(address, signer.address));
}

/** Signs a vote for the present epoch, honest or not; `undefined` where the node has no vote. */
export function forgeVote({ signer, replica }: Seat, vote: Vote): SignedVote | undefined {
  const index = signer === undefined ? undefined : indexOfValidator(replica.validators, signer.address);
  return signer === undefined || index === undefined
    ? undefined
    : signVote(signer, replica.chainId, index, vote);
}

/** A block with the vote that proposes it. */
export interface ForgedProposal {
  readonly block: Uint8Array;
  readonly vote: SignedVote;
}

/** The state after a block that the replica holds. */
export function stateAfter({ replica: { head, tree } }: Seat, hash: Hash): State | undefined {
  return equalBytes(hash, head.hash) ? head.state : tree.get(bytesToHex(hash))?.result?.state;
}

/** Where a forged block is to stand. */
export type Place = Pick<BlockHeader, "view" | "parentView" | "parent" | "height">;

/**
 * Makes a block of the present epoch, and the vote for it.
 *
 * @param tamper Changes the finished header.
 * @returns `undefined` if the parent's state is not there or the transactions cannot stand on it.
 */
export function forgeBlock(
  seat: Seat,
  place: Place,
  transactions: readonly Uint8Array[],
  tamper: (header: BlockHeader) => BlockHeader = (header) => header,
): ForgedProposal | undefined {
  const { signer, replica: { chainId, epoch } } = seat;
  const state = stateAfter(seat, place.parent);
  const set = state === undefined ? undefined : validatorSetOf(state, epoch);
  if (state === undefined || set === undefined || signer === undefined) return undefined;
  const known = {
    chainId,
    epoch,
    view: place.view,
    height: place.height,
    parentView: place.parentView,
    proposer: signer.address,
    validatorsHash: validatorsHash(set),
    beaconSignature: new Uint8Array(),
  };
  const stateRoot = rootAfter(state, { header: known, transactions });
  if (stateRoot === undefined) return undefined;
  const header = tamper({
    ...known,
    ...place,
    transactionsRoot: transactionsRootOf(transactions),
    stateRoot,
  });
  return propose(seat, { header, transactions });
}

function rootAfter(state: State, block: Parameters<typeof executeBlock>[1]): Hash | undefined {
  try {
    return executeBlock(state, block).stateRoot;
  } catch (thrown) {
    if (thrown instanceof BlockError) return undefined;
    throw thrown;
  }
}

/** The vote for a block of one's own, whatever is in it. */
export function propose(seat: Seat, block: Block): ForgedProposal | undefined {
  const { header } = block;
  const proposal: Proposal = {
    epoch: header.epoch,
    view: header.view,
    parentView: header.parentView,
    height: header.height,
    block: blockHash(header),
  };
  const vote = forgeVote(seat, { kind: "notarize", proposal });
  return vote === undefined ? undefined : { vote, block: encode(BlockSchema, block) };
}

/** A transfer to oneself: makes a block differ from one without it. */
export function ownTransfer(seat: Seat, parent: Hash): Uint8Array | undefined {
  const { signer, replica: { chainId, head } } = seat;
  const state = stateAfter(seat, parent);
  if (signer === undefined || state === undefined) return undefined;
  return encodeTransaction(signTransaction(signer, {
    chainId,
    nonce: accountOf(state, signer.address).nonce,
    expiry: head.height + 100n,
    operation: { kind: "transfer", to: signer.address, amount: 1n },
  }));
}

/** Splits the peers in two at random. */
export function halves(seat: Seat): readonly [readonly Address[], readonly Address[]] {
  const peers = seat.dice.shuffled(peersOf(seat));
  const middle = Math.ceil(peers.length / 2);
  return [peers.slice(0, middle), peers.slice(middle)];
}
