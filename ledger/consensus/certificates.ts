/**
 * Certificates: one statement signed by a quorum. Notarization, nullification and finalization are certificates over the three
 * kinds of vote.
 *
 * @module
 */
import { bytes, fixedBytes, type Hash, type Infer, list, record } from "../primitives/mod.ts";
import { ConsensusError } from "./errors.ts";
import { MAX_VALIDATORS, stakeOf, type Validators } from "./validators.ts";
import { epochOf, isSignedBy, type SignedVote, viewOf, Vote, voteMessage } from "./votes.ts";

/** A statement, the bitmap of who signed it (validator i is bit `i % 8` of byte `i / 8`), and the signatures in that order. */
export const Certificate = record("Certificate", {
  vote: Vote,
  signers: bytes(MAX_VALIDATORS / 8),
  signatures: list(fixedBytes(64), MAX_VALIDATORS),
});
/** See {@link Certificate}. */
export type Certificate = Infer<typeof Certificate>;

/** Joins votes on one statement, one for each signer, into a certificate. Does not check that they are a quorum. */
export function assembleCertificate(
  validators: Validators,
  vote: Vote,
  votes: readonly SignedVote[],
): Certificate {
  const signers = new Uint8Array(Math.ceil(validators.members.length / 8));
  const sorted = [...votes].sort((a, b) => a.signer - b.signer);
  for (const { signer } of sorted) signers[signer >>> 3] = (signers[signer >>> 3] ?? 0) | 1 << (signer & 7);
  return { vote, signers, signatures: sorted.map(({ signature }) => signature) };
}

/** Positions of the validators that the bitmap names, ascending. */
export function signersOf(certificate: Certificate): readonly number[] {
  const positions: number[] = [];
  for (const [byte, bits] of certificate.signers.entries()) {
    for (let bit = 0; bit < 8; bit++) if ((bits >>> bit & 1) === 1) positions.push(byte * 8 + bit);
  }
  return positions;
}

/** The votes a certificate is made of: what a node that lacks some of them can learn from it. */
export function votesOf(certificate: Certificate): readonly SignedVote[] {
  return signersOf(certificate).flatMap((signer, i) => {
    const signature = certificate.signatures[i];
    return signature === undefined ? [] : [{ vote: certificate.vote, signer, signature }];
  });
}

/**
 * Checks a certificate from somebody else: form first, then stake, then the signatures, which cost the most.
 *
 * @param known Says whether a vote's signature has been verified before; those are not verified again.
 * @throws {ConsensusError} `wrong_epoch`, `bad_statement`, `unknown_signer`, `no_quorum` or `bad_signature`.
 */
export function verifyCertificate(
  chainId: Hash,
  validators: Validators,
  certificate: Certificate,
  known: (vote: SignedVote) => boolean = () => false,
): void {
  const { vote } = certificate;
  const fields = { kind: vote.kind, view: viewOf(vote), epoch: epochOf(vote) };
  if (epochOf(vote) !== validators.epoch) {
    throw new ConsensusError(
      "wrong_epoch",
      `The certificate is of epoch ${epochOf(vote)}: this is epoch ${validators.epoch}.`,
      fields,
    );
  }
  if (!isCoherent(vote)) {
    throw new ConsensusError("bad_statement", "The certificate's statement contradicts itself.", fields);
  }
  const signers = signersOf(certificate);
  const count = validators.members.length;
  if (
    certificate.signers.length !== Math.ceil(count / 8) || signers.length !== certificate.signatures.length ||
    signers.some((signer) => signer >= count)
  ) {
    throw new ConsensusError(
      "unknown_signer",
      "The certificate's bitmap does not fit its signatures and the validator set.",
      fields,
    );
  }
  const stake = stakeOf(validators, signers);
  if (stake < validators.quorum) {
    throw new ConsensusError(
      "no_quorum",
      `The certificate's signers hold ${stake} of stake: ${validators.quorum} is a quorum.`,
      fields,
    );
  }
  const message = voteMessage(chainId, vote);
  for (const signed of votesOf(certificate)) {
    if (known(signed) || isSignedBy(validators, signed, message)) continue;
    throw new ConsensusError(
      "bad_signature",
      `The certificate's signature of validator ${signed.signer} does not verify.`,
      fields,
    );
  }
}

/** Views start at 1, and a proposal builds on an earlier one. */
export function isCoherent(vote: Vote): boolean {
  return vote.kind === "nullify"
    ? vote.view >= 1n
    : vote.proposal.parentView < vote.proposal.view && vote.proposal.height >= 1n;
}
