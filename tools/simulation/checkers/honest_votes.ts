/**
 * What no honest validator ever signs, in all its lives together: two blocks in one view, nullify and finalize in one view, or a
 * block above views that no quorum gave up on.
 *
 * @module
 */
import { type SignedVote, voteMessage } from "../../../ledger/consensus/mod.ts";
import { bytesToHex, type Hash } from "../../../ledger/primitives/mod.ts";
import type { SigningBook } from "../signing_book.ts";
import { PromiseBroken, type Watcher } from "../watcher.ts";
import type { ValidatorSets } from "./validator_sets.ts";

interface Signed {
  notarized?: string;
  finalized?: string;
  nullified?: true;
}

/** A checker of the votes that honest nodes send. */
export function checkHonestVotes(
  chainId: Hash,
  book: SigningBook,
  sets: ValidatorSets,
  isHonest: (name: string) => boolean,
): Watcher {
  const views = new Map<string, Signed>();
  const skipped = new Set<string>();

  const requireNullified = (name: string, epoch: bigint, view: bigint) => {
    const key = `${epoch} ${view}`;
    if (skipped.has(key)) return;
    const message = voteMessage(chainId, { kind: "nullify", epoch, view });
    if (!sets.isQuorum(epoch, (address) => book.hasSigned(address, message))) {
      throw new PromiseBroken(
        "nullified gap",
        `${name} votes for a block that skips view ${view}, which no quorum nullified`,
      );
    }
    skipped.add(key);
  };

  const check = (name: string, address: string, { vote }: SignedVote) => {
    const { epoch, view } = vote.kind === "nullify" ? vote : vote.proposal;
    const key = `${address} ${epoch} ${view}`;
    const signed = views.get(key) ?? {};
    views.set(key, signed);
    const refuse = (what: string) => {
      throw new PromiseBroken("honest votes", `${name} ${what} in view ${view} of epoch ${epoch}`);
    };
    if (vote.kind === "nullify") {
      signed.nullified = true;
    } else {
      const block = `${bytesToHex(vote.proposal.block)} on ${vote.proposal.parentView}`;
      const field = vote.kind === "notarize" ? "notarized" : "finalized";
      if ((signed[field] ??= block) !== block) refuse(`${field} two blocks`);
      for (let skippedView = vote.proposal.parentView + 1n; skippedView < view; skippedView++) {
        requireNullified(name, epoch, skippedView);
      }
    }
    if (signed.nullified && signed.finalized !== undefined) refuse("nullified and finalized");
  };

  return {
    sent({ name, address }, message) {
      if (address === undefined || !isHonest(name)) return;
      if (message?.kind === "vote" || message?.kind === "proposal") check(name, address, message.vote);
    },
  };
}
