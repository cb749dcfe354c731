/**
 * Validators whose messages are not what they should be: signatures that do not verify, other people's names, invalid blocks, noise.
 *
 * @module
 */
import type { Block, BlockHeader } from "../../../ledger/chain/mod.ts";
import type { SignedVote } from "../../../ledger/consensus/mod.ts";
import { type NodeMessage, readBlock, type ReplicaEffect } from "../../../ledger/node/mod.ts";
import { concatBytes, sha256 } from "../../../ledger/primitives/mod.ts";
import type { Seat, Twist } from "../behaviour.ts";
import type { Dice } from "../random.ts";
import { forgeBlock, peersOf, propose, rewriteSends, type Sending, sendTo } from "./forge.ts";

function flipped(bytes: Uint8Array, dice: Dice): Uint8Array {
  const copy = new Uint8Array(bytes);
  const at = dice.whole(0, copy.length - 1);
  copy[at] = (copy[at] ?? 0) ^ 1 << dice.whole(0, 7);
  return copy;
}

function misSigned(message: NodeMessage, dice: Dice): NodeMessage {
  const spoil = (vote: SignedVote): SignedVote => ({ ...vote, signature: flipped(vote.signature, dice) });
  switch (message.kind) {
    case "vote":
      return { ...message, vote: spoil(message.vote) };
    case "proposal":
      return { ...message, vote: spoil(message.vote) };
    case "certificate": {
      const { certificate } = message;
      const spoiled = dice.whole(0, certificate.signatures.length - 1);
      const signatures = certificate.signatures.map((signature, i) =>
        i === spoiled ? flipped(signature, dice) : signature
      );
      return { ...message, certificate: { ...certificate, signatures } };
    }
    default:
      return message;
  }
}

/**
 * How often those do it whose every message costs each receiver the slow, portable verifier: seeds should not all go into that.
 */
const SELDOM = 0.1;

/** Spoils some of the signatures that it sends. */
export const invalidSignatures: Twist = (seat, plain) => ({
  ...plain,
  step: (input) =>
    rewriteSends(
      plain.step(input),
      ({ message, ...effect }) =>
        seat.dice.chance(1 - SELDOM) ? [effect] : [sendTo(effect.to, misSigned(message, seat.dice))],
    ),
});

function inAllNames(seat: Seat, { message, ...effect }: Sending): readonly ReplicaEffect[] {
  if (message.kind !== "vote" || seat.dice.chance(1 - SELDOM)) return [effect];
  const { vote } = message;
  const others = seat.replica.validators.members.map((_, signer) =>
    sendTo(effect.to, { kind: "vote", vote: { ...vote, signer } })
  );
  return [effect, ...others];
}

/** Casts some of its votes in the name of every validator. */
export const impersonator: Twist = (seat, plain) => ({
  ...plain,
  step: (input) => rewriteSends(plain.step(input), (sending) => inAllNames(seat, sending)),
});

type Tamper = (header: BlockHeader, dice: Dice) => BlockHeader;

/** What can be wrong with a header. */
const TAMPERS: readonly [Tamper, ...Tamper[]] = [
  (header, dice) => ({ ...header, stateRoot: flipped(header.stateRoot, dice) }),
  (header, dice) => ({ ...header, stateRoot: flipped(header.stateRoot, dice) }),
  (header, dice) => ({ ...header, transactionsRoot: flipped(header.transactionsRoot, dice) }),
  (header, dice) => ({ ...header, validatorsHash: flipped(header.validatorsHash, dice) }),
  (header, dice) => ({ ...header, proposer: flipped(header.proposer, dice) }),
  (header, dice) => ({ ...header, parent: flipped(header.parent, dice) }),
  (header) => ({ ...header, height: header.height + 1n }),
  (header) => ({ ...header, beaconSignature: new Uint8Array(96) }),
];

function spoiledProposal(seat: Seat, bytes: Uint8Array): NodeMessage | undefined {
  const block: Block = readBlock(bytes);
  const { dice } = seat;
  const forged = dice.chance(0.2)
    ? propose(seat, { ...block, transactions: [concatBytes(sha256(bytes), bytes.slice(0, 20))] })
    : forgeBlock(seat, block.header, block.transactions, (header) => dice.pick(TAMPERS)(header, dice));
  return forged === undefined ? undefined : { kind: "proposal", ...forged };
}

/** Proposes blocks that no honest node may accept, and votes for them. */
export const invalidBlocks: Twist = (seat, plain) => ({
  ...plain,
  step: (input) =>
    rewriteSends(plain.step(input), ({ message, ...effect }) => {
      const spoiled = message.kind === "proposal" ? spoiledProposal(seat, message.block) : undefined;
      return spoiled === undefined ? [effect] : [sendTo(peersOf(seat), spoiled)];
    }),
});

/** Now and then flips bits in what it sends and in what it answers, and adds noise. */
export const babbler: Twist = (seat, plain) => {
  const { dice } = seat;
  const noise = () => Uint8Array.from({ length: dice.whole(1, 300) }, () => dice.whole(0, 255));
  return {
    step: (input) =>
      plain.step(input).flatMap((effect): readonly ReplicaEffect[] => {
        if (effect.kind !== "send" && effect.kind !== "publish") return [effect];
        if (dice.chance(1 - SELDOM)) return [effect];
        return [{ ...effect, bytes: flipped(effect.bytes, dice) }, { ...effect, bytes: noise() }];
      }),
    answer(request) {
      const answer = plain.answer(request);
      return answer === undefined || dice.chance(0.5)
        ? answer
        : dice.chance(0.5)
        ? flipped(answer, dice)
        : noise();
    },
  };
};
