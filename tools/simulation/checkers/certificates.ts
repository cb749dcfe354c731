/**
 * Certificates: whatever an honest node spreads or finalizes by carries true signatures of more than two thirds of the stake.
 *
 * @module
 */
import type { Certificate, Vote } from "../../../ledger/consensus/mod.ts";
import { voteMessage } from "../../../ledger/consensus/mod.ts";
import { bytesToHex, type Hash } from "../../../ledger/primitives/mod.ts";
import type { SigningBook } from "../signing_book.ts";
import { PromiseBroken, type Watcher } from "../watcher.ts";
import type { ValidatorSets } from "./validator_sets.ts";

function isNamed(signers: Uint8Array, position: number): boolean {
  return Math.floor((signers[Math.floor(position / 8)] ?? 0) / 2 ** (position % 8)) % 2 === 1;
}

function describe(vote: Vote): string {
  return vote.kind === "nullify"
    ? `nullification of view ${vote.view} of epoch ${vote.epoch}`
    : `${
      vote.kind === "notarize" ? "notarization" : "finalization"
    } of view ${vote.proposal.view} of epoch ${vote.proposal.epoch}`;
}

/** A checker of the certificates of honest nodes. */
export function checkCertificates(
  chainId: Hash,
  book: SigningBook,
  sets: ValidatorSets,
  isHonest: (name: string) => boolean,
): Watcher {
  const found = new Set<string>();
  const check = (node: string, { vote, signers }: Certificate) => {
    const message = voteMessage(chainId, vote);
    const key = `${bytesToHex(message)} ${bytesToHex(signers)}`;
    if (found.has(key)) return;
    const epoch = vote.kind === "nullify" ? vote.epoch : vote.proposal.epoch;
    const named = new Set(
      sets.members(epoch).filter((_, position) => isNamed(signers, position)).map(({ address }) => address),
    );
    if (!sets.isQuorum(epoch, (address) => named.has(address))) {
      throw new PromiseBroken(
        "certificates",
        `the ${describe(vote)} that ${node} relies on is signed by less than a quorum`,
      );
    }
    for (const address of named) {
      if (book.hasSigned(address, message)) continue;
      throw new PromiseBroken(
        "certificates",
        `the ${describe(vote)} that ${node} relies on carries a signature that ${
          address.slice(0, 8)
        } never made`,
      );
    }
    found.add(key);
  };
  return {
    sent({ name }, message) {
      if (isHonest(name) && message?.kind === "certificate") check(name, message.certificate);
    },
    finalized({ name }, { certificate }) {
      if (certificate !== null) check(name, certificate);
    },
  };
}
