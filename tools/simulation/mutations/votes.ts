/**
 * Mutations of what a validator signs. They reach into the consensus core of a running replica and make it forget what a rule rests
 * on; the core itself is as it is.
 *
 * @module
 */
import type { Core } from "../../../ledger/consensus/mod.ts";
import { NodeMessage, readBlock, type ReplicaInput } from "../../../ledger/node/mod.ts";
import { bytesToHex, CodecError, decode } from "../../../ledger/primitives/mod.ts";
import { BlockError, blockHash, executeBlock } from "../../../ledger/chain/mod.ts";
import type { Seat, Twist } from "../behaviour.ts";
import type { Mutation } from "./mutation.ts";

function messageIn(input: ReplicaInput): NodeMessage | undefined {
  if (input.kind !== "message") return undefined;
  try {
    return decode(NodeMessage, input.bytes);
  } catch (thrown) {
    if (thrown instanceof CodecError) return undefined;
    throw thrown;
  }
}

/** Does something to the core before every step. */
function beforeSteps(change: (core: Core, input: ReplicaInput, seat: Seat) => void): Twist {
  return (seat, plain) => ({
    ...plain,
    step(input) {
      if (seat.replica.core !== undefined) change(seat.replica.core, input, seat);
      return plain.step(input);
    },
  });
}

/** Least stake of the validators: without it, a bare quorum is one. */
const quorumOneShort: Twist = (seat, plain) => {
  const lower = () => {
    const { validators } = seat.replica;
    const smallest = validators.members.reduce(
      (least, { stake }) => stake < least ? stake : least,
      validators.totalStake,
    );
    const quorum = validators.totalStake * 2n / 3n + 1n - smallest;
    if (quorum > 0n) Object.defineProperty(validators, "quorum", { value: quorum });
  };
  return {
    ...plain,
    step(input) {
      lower();
      return plain.step(input);
    },
  };
};

/** While a proposal is looked at, every view that it skips counts as nullified. */
const forgetGap: Twist = (seat, plain) => ({
  ...plain,
  step(input) {
    const { core } = seat.replica;
    const message = messageIn(input);
    if (core === undefined || message?.kind !== "proposal" || message.vote.vote.kind !== "notarize") {
      return plain.step(input);
    }
    const { parentView, view, epoch } = message.vote.vote.proposal;
    const pretended = [...core.rounds.values()].filter((round) =>
      round.view > parentView && round.view < view && round.certificates.nullify === undefined
    );
    for (const round of pretended) {
      const vote = { kind: "nullify", epoch, view: round.view } as const;
      round.certificates.nullify = { vote, signers: new Uint8Array(), signatures: [] };
    }
    const effects = plain.step(input);
    for (const round of pretended) round.certificates.nullify = undefined;
    return effects;
  },
});

/** Blocks of a proposal are taken as executed with the root that they claim. */
const skipStateRoot = beforeSteps((_core, input, { replica }) => {
  const message = messageIn(input);
  if (message?.kind !== "proposal") return;
  const block = readBlock(message.block);
  const hash = blockHash(block.header);
  const key = bytesToHex(hash);
  const parent = bytesToHex(block.header.parent);
  const before = parent === bytesToHex(replica.head.hash)
    ? replica.head.state
    : replica.tree.get(parent)?.result?.state;
  if (before === undefined || replica.tree.has(key) || block.header.height <= replica.head.height) return;
  try {
    const result = executeBlock(before, block);
    replica.tree.set(key, { hash, block, encoded: message.block, result, stored: false });
  } catch (thrown) {
    if (!(thrown instanceof BlockError)) throw thrown;
  }
});

/** See the module. */
export const voteMutations: readonly Mutation[] = [
  {
    name: "quorum_one_short",
    breaks: "a certificate needs more than two thirds of the stake",
    withinSeeds: 3,
    wish: { validators: 4, equalStakes: true },
    twist: quorumOneShort,
  },
  {
    name: "forget_nullified_gap",
    breaks: "every view between a proposal and its parent must be nullified",
    withinSeeds: 10,
    wish: { validators: 4, equalStakes: true, misdeeds: ["conflicter"] },
    twist: forgetGap,
  },
  {
    name: "finalize_after_nullify",
    breaks: "a validator that nullified a view does not finalize in it",
    withinSeeds: 10,
    wish: { validators: 4, isStormy: true },
    twist: beforeSteps((core) => {
      for (const { own } of core.rounds.values()) own.nullify = undefined;
    }),
  },
  {
    name: "notarize_every_proposal",
    breaks: "a validator notarizes one proposal of a view",
    withinSeeds: 10,
    wish: { validators: 4, equalStakes: true, misdeeds: ["equivocator", "twins"] },
    twist: beforeSteps((core, input) => {
      const message = messageIn(input);
      if (message?.kind !== "proposal" || message.vote.vote.kind !== "notarize") return;
      const round = core.rounds.get(message.vote.vote.proposal.view);
      if (round === undefined) return;
      round.own.notarize = undefined;
      round.proposal = undefined;
      round.votes.notarize.delete(message.vote.signer);
    }),
  },
  {
    name: "skip_state_root",
    breaks: "a block's header names the state that executing it gives",
    withinSeeds: 10,
    wish: { validators: 4, equalStakes: true, misdeeds: ["invalid_blocks"] },
    twist: skipStateRoot,
  },
  {
    name: "accept_any_signature",
    breaks: "votes carry the signature of the validator that they name",
    withinSeeds: 5,
    wish: { validators: 4, equalStakes: true, misdeeds: ["impersonator"] },
    verification: "always",
  },
];
