/**
 * What is known of one view: votes, certificates, the leader's proposal, and what this node has signed.
 *
 * @module
 */
import { assembleCertificate, type Certificate } from "./certificates.ts";
import { conflictOf, type Evidence } from "./evidence.ts";
import { stakeOf, type Validators } from "./validators.ts";
import { sameVote, type SignedVote, type VoteKind } from "./votes.ts";

/** At most one value for each kind of vote. */
export type ByKind<T> = { [K in VoteKind]: T };

/** See the module. Mutable; only this folder writes it. */
export interface Round {
  readonly view: bigint;
  /** First verified vote of each signer and kind. */
  readonly votes: ByKind<Map<number, SignedVote>>;
  readonly certificates: ByKind<Certificate | undefined>;
  /** What this node has signed: once set, never replaced. */
  readonly own: ByKind<SignedVote | undefined>;
  /** The leader's first proposal. */
  proposal: SignedVote | undefined;
  /** The leader signed two proposals. */
  leaderEquivocated: boolean;
  /** The notarized block is held, executed and valid. */
  certified: boolean;
  /** `build` was asked for in this view. */
  building: boolean;
  /** Signers whose fault in this view was reported. */
  readonly reported: Set<number>;
}

/** A view of which nothing is known. */
export function emptyRound(view: bigint): Round {
  return {
    view,
    votes: { notarize: new Map(), nullify: new Map(), finalize: new Map() },
    certificates: { notarize: undefined, nullify: undefined, finalize: undefined },
    own: { notarize: undefined, nullify: undefined, finalize: undefined },
    proposal: undefined,
    leaderEquivocated: false,
    certified: false,
    building: false,
    reported: new Set(),
  };
}

/** Whether this very vote, signature included, has been verified before. */
export function hasVerified(round: Round | undefined, signed: SignedVote): boolean {
  const known = round?.votes[signed.vote.kind].get(signed.signer);
  return known !== undefined && sameVote(known.vote, signed.vote) &&
    known.signature.every((byte, i) => byte === signed.signature[i]);
}

/**
 * Counts a verified vote: the first of each signer and kind.
 *
 * @returns Evidence, the first time that the signer contradicts itself in this view.
 */
export function countVote(round: Round, signed: SignedVote): Evidence | undefined {
  const { signer, vote } = signed;
  const earlier = [round.votes.notarize, round.votes.nullify, round.votes.finalize]
    .map((votes) => votes.get(signer))
    .find((other) => other !== undefined && conflictOf(other.vote, vote) !== undefined);
  if (!round.votes[vote.kind].has(signer)) round.votes[vote.kind].set(signer, signed);
  if (earlier === undefined || round.reported.has(signer)) return undefined;
  round.reported.add(signer);
  return { first: earlier, second: signed };
}

/** The certificate that the counted votes on `signed`'s statement form, if they are a quorum and there is none yet. */
export function tryCertificate(
  round: Round,
  validators: Validators,
  signed: SignedVote,
): Certificate | undefined {
  const { kind } = signed.vote;
  if (round.certificates[kind] !== undefined) return undefined;
  const agreeing = [...round.votes[kind].values()].filter((other) => sameVote(other.vote, signed.vote));
  const stake = stakeOf(validators, agreeing.map(({ signer }) => signer));
  return stake < validators.quorum ? undefined : assembleCertificate(validators, signed.vote, agreeing);
}
