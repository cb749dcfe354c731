/**
 * Validators that sign what contradicts itself: two blocks in a view, nullify and finalize, everything at once.
 *
 * @module
 */
import type { Proposal, Vote } from "../../../ledger/consensus/mod.ts";
import {
  type NodeMessage,
  NodeMessage as NodeMessageSchema,
  readBlock,
  type ReplicaEffect,
  type ReplicaInput,
} from "../../../ledger/node/mod.ts";
import { bytesToHex, CodecError, decode, sha256 } from "../../../ledger/primitives/mod.ts";
import type { Seat, Twist } from "../behaviour.ts";
import {
  forgeBlock,
  forgeVote,
  halves,
  ownTransfer,
  peersOf,
  rewriteSends,
  type Sending,
  sendTo,
} from "./forge.ts";

function voteTo(seat: Seat, to: Parameters<typeof sendTo>[0], vote: Vote): readonly ReplicaEffect[] {
  const signed = forgeVote(seat, vote);
  return signed === undefined ? [] : [sendTo(to, { kind: "vote", vote: signed })];
}

function otherProposal(seat: Seat, bytes: Uint8Array): NodeMessage | undefined {
  const { header, transactions } = readBlock(bytes);
  const own = ownTransfer(seat, header.parent);
  if (own === undefined) return undefined;
  const forged = forgeBlock(seat, header, transactions.length > 0 ? [] : [own]);
  return forged === undefined ? undefined : { kind: "proposal", ...forged };
}

function tellTwo(seat: Seat, { bytes, message }: Sending): readonly ReplicaEffect[] {
  const [some, rest] = halves(seat);
  const first: ReplicaEffect = { kind: "send", to: some, bytes };
  if (message.kind === "proposal") {
    const other = otherProposal(seat, message.block);
    return [first, ...other === undefined ? [] : [sendTo(rest, other)]];
  }
  if (message.kind !== "vote") return [{ kind: "send", to: peersOf(seat), bytes }];
  const { vote } = message.vote;
  if (vote.kind === "nullify") return [{ kind: "send", to: peersOf(seat), bytes }];
  const { proposal } = vote;
  const contrary: Vote = vote.kind === "notarize"
    ? { kind: "notarize", proposal: { ...proposal, block: sha256(proposal.block) } }
    : { kind: "nullify", epoch: proposal.epoch, view: proposal.view };
  return [first, ...voteTo(seat, rest, contrary)];
}

/** Tells half of its peers one thing and the other half another: two valid blocks, two votes. */
export const equivocator: Twist = (seat, plain) => ({
  ...plain,
  step: (input) => rewriteSends(plain.step(input), (sending) => tellTwo(seat, sending)),
});

/** The proposal or notarization that an input brings. */
function proposalIn(input: ReplicaInput): Proposal | undefined {
  if (input.kind !== "message") return undefined;
  try {
    const message = decode(NodeMessageSchema, input.bytes);
    const vote = message.kind === "proposal"
      ? message.vote.vote
      : message.kind === "certificate"
      ? message.certificate.vote
      : undefined;
    return vote?.kind === "notarize" ? vote.proposal : undefined;
  } catch (thrown) {
    if (thrown instanceof CodecError) return undefined;
    throw thrown;
  }
}

/** A block on an older parent than it should stand on, as if what came after had never been notarized. */
function skipBack(seat: Seat, bytes: Uint8Array): readonly ReplicaEffect[] {
  const { header } = readBlock(bytes);
  const parent = seat.replica.tree.get(bytesToHex(header.parent))?.block.header;
  const place = parent === undefined
    ? undefined
    : { view: header.view, parentView: parent.parentView, parent: parent.parent, height: parent.height };
  const own = place === undefined ? undefined : ownTransfer(seat, place.parent);
  const forged = place === undefined || own === undefined ? undefined : forgeBlock(seat, place, [own]);
  return forged === undefined ? [] : [sendTo(peersOf(seat), { kind: "proposal", ...forged })];
}

/** Votes for every block it hears of in every way, and as leader leaves out the block before. */
export const conflicter: Twist = (seat, plain) => ({
  ...plain,
  step(input) {
    const effects = rewriteSends(plain.step(input), ({ message, ...effect }) => {
      const skipping = message.kind === "proposal" ? skipBack(seat, message.block) : [];
      return skipping.length > 0 ? skipping : [effect];
    });
    const proposal = proposalIn(input);
    if (proposal === undefined || proposal.epoch !== seat.replica.epoch) return effects;
    const peers = peersOf(seat);
    return [
      ...effects,
      ...voteTo(seat, peers, { kind: "notarize", proposal }),
      ...voteTo(seat, peers, { kind: "finalize", proposal }),
      ...seat.dice.chance(0.5)
        ? voteTo(seat, peers, { kind: "nullify", epoch: proposal.epoch, view: proposal.view })
        : [],
    ];
  },
});

/** Gives up on every view as soon as it begins, and votes for nothing. */
export const nullifyOnly: Twist = (seat, plain) => {
  let last = 0n;
  return {
    ...plain,
    step(input) {
      const effects = rewriteSends(
        plain.step(input),
        ({ message, ...effect }) => message.kind === "certificate" ? [effect] : [],
      );
      const view = seat.replica.core?.view ?? 0n;
      if (view === last) return effects;
      last = view;
      return [
        ...effects,
        ...voteTo(seat, peersOf(seat), { kind: "nullify", epoch: seat.replica.epoch, view }),
      ];
    },
  };
};
