/**
 * Votes: what validators sign, each kind under a domain of its own that includes the chain.
 *
 * @module
 */
import {
  bytes32,
  encode,
  equalBytes,
  fixedBytes,
  type Hash,
  hash,
  type Infer,
  record,
  type Signer,
  u64,
  uint,
  union,
  verifySignature,
} from "../primitives/mod.ts";
import { MAX_VALIDATORS, type Validators } from "./validators.ts";

/**
 * A block put forward in a view. `parentView` is the view within the epoch whose notarized block it builds on, 0 for the epoch's
 * base. Only for the epoch's last block may `view` differ from the view in which the block was made (rule 9 in `mod.ts`).
 */
export const Proposal = record("Proposal", {
  epoch: u64,
  view: u64,
  parentView: u64,
  height: u64,
  block: bytes32,
});
/** See {@link Proposal}. */
export type Proposal = Infer<typeof Proposal>;

/** A statement of one validator about one view. */
export const Vote = union("Vote", {
  /** "I executed this block, and it is the first I saw in its view." */
  notarize: record("Notarize", { proposal: Proposal }),
  /** "I gave up on this view, and will not finalize in it." */
  nullify: record("Nullify", { epoch: u64, view: u64 }),
  /** "I saw a quorum notarize this block, and will not nullify its view." */
  finalize: record("Finalize", { proposal: Proposal }),
});
/** See {@link Vote}. */
export type Vote = Infer<typeof Vote>;

/** The kinds of {@link Vote}. */
export type VoteKind = Vote["kind"];

/** A vote with the position of its signer in the epoch's validator set. */
export const SignedVote = record("SignedVote", {
  vote: Vote,
  signer: uint(MAX_VALIDATORS),
  signature: fixedBytes(64),
});
/** See {@link SignedVote}. */
export type SignedVote = Infer<typeof SignedVote>;

/** The epoch that a vote is about. */
export function epochOf(vote: Vote): bigint {
  return vote.kind === "nullify" ? vote.epoch : vote.proposal.epoch;
}

/** The view that a vote is about. */
export function viewOf(vote: Vote): bigint {
  return vote.kind === "nullify" ? vote.view : vote.proposal.view;
}

/** The last message of each kind: validators say the same about a view, one after the other. */
const latest = new Map<VoteKind, { readonly chainId: Hash; readonly vote: Vote; readonly message: Hash }>();

/** What a signature over `vote` signs: 32 bytes that name the chain, the kind of vote and every field. */
export function voteMessage(chainId: Hash, vote: Vote): Hash {
  const known = latest.get(vote.kind);
  if (known !== undefined && sameVote(known.vote, vote) && equalBytes(known.chainId, chainId)) {
    return known.message;
  }
  const message = hash(`assay/vote/${vote.kind}`, chainId, encode(Vote, vote));
  latest.set(vote.kind, { chainId, vote, message });
  return message;
}

/** Whether two proposals are the same in every field. */
export function sameProposal(a: Proposal, b: Proposal): boolean {
  return a.epoch === b.epoch && a.view === b.view && a.parentView === b.parentView && a.height === b.height &&
    equalBytes(a.block, b.block);
}

/** Whether two votes say the same. */
export function sameVote(a: Vote, b: Vote): boolean {
  if (a.kind === "nullify" || b.kind === "nullify") {
    return a.kind === b.kind && epochOf(a) === epochOf(b) && viewOf(a) === viewOf(b);
  }
  return a.kind === b.kind && sameProposal(a.proposal, b.proposal);
}

/** Signs a vote as the validator at position `index`. */
export function signVote(signer: Signer, chainId: Hash, index: number, vote: Vote): SignedVote {
  return { vote, signer: index, signature: signer.sign(voteMessage(chainId, vote)) };
}

/** Whether a vote carries the signature of the validator it names. Never throws. */
export function verifyVote(chainId: Hash, validators: Validators, signed: SignedVote): boolean {
  return isSignedBy(validators, signed, voteMessage(chainId, signed.vote));
}

/** The same, for whoever has the vote's message already: all votes of a certificate share one. */
export function isSignedBy(
  validators: Validators,
  { signer, signature }: Pick<SignedVote, "signer" | "signature">,
  message: Hash,
): boolean {
  const validator = validators.members[signer];
  return validator !== undefined && verifySignature(signature, message, validator.address);
}
