/**
 * Signing: the only place where this node's votes come into being. Each is checked against what was signed before, made durable,
 * and only then sent.
 *
 * @module
 */
import { type Core, roundOf } from "./core.ts";
import { ConsensusError } from "./errors.ts";
import { conflictOf } from "./evidence.ts";
import { type Certificate, votesOf } from "./certificates.ts";
import { countVote, type Round, tryCertificate } from "./round.ts";
import { leaderOf } from "./validators.ts";
import { type SignedVote, signVote, viewOf, type Vote, type VoteKind } from "./votes.ts";

/** Counts a verified vote of anybody, reports a fault that it proves, and forms the certificate that it completes. */
export function tally(core: Core, signed: SignedVote): void {
  const round = roundOf(core, viewOf(signed.vote));
  const evidence = countVote(round, signed);
  if (evidence !== undefined) {
    core.effects.push({ kind: "equivocation", evidence });
    if (leaderOf(core.options.validators, round.view) === signed.signer) round.leaderEquivocated = true;
  }
  const certificate = tryCertificate(round, core.options.validators, signed);
  if (certificate !== undefined) acceptCertificate(core, certificate);
}

/**
 * Keeps a valid certificate and passes it on, the first time it is seen, whether or not its block is held: what one honest node
 * knows, all come to know.
 */
export function acceptCertificate(core: Core, certificate: Certificate): void {
  const { vote } = certificate;
  const round = roundOf(core, viewOf(vote));
  if (round.certificates[vote.kind] !== undefined) return;
  round.certificates[vote.kind] = certificate;
  core.effects.push({ kind: "persist", record: { kind: "certificate", certificate } });
  core.effects.push({ kind: "broadcast_certificate", certificate });
  noteFinalization(core, certificate);
  for (const signed of votesOf(certificate)) tally(core, signed);
}

/** Remembers the highest finalization. */
export function noteFinalization(core: Core, certificate: Certificate): void {
  const { vote } = certificate;
  if (vote.kind !== "finalize") return;
  if (core.finalization === undefined || core.finalization.proposal.view < vote.proposal.view) {
    core.finalization = { proposal: vote.proposal, certificate };
  }
}

/**
 * Signs a vote, unless one of its kind was signed in the view already (then nothing happens) or this node has no vote.
 *
 * @returns The new vote.
 * @throws {ConsensusError} `invariant_violated` if the vote would conflict with an earlier one.
 */
export function castVote(core: Core, vote: Vote): SignedVote | undefined {
  const round = roundOf(core, viewOf(vote));
  if (core.own === undefined || round.own[vote.kind] !== undefined) return undefined;
  assertLegal(round, vote);
  const signed = signVote(core.own.signer, core.options.chainId, core.own.index, vote);
  round.own[vote.kind] = signed;
  core.effects.push({ kind: "persist", record: { kind: "vote", vote: signed } });
  const isProposal = vote.kind === "notarize" && round.proposal === undefined && round.building;
  if (isProposal) round.proposal = signed;
  core.effects.push({ kind: isProposal ? "broadcast_proposal" : "broadcast_vote", vote: signed });
  tally(core, signed);
  return signed;
}

function assertLegal(round: Round, vote: Vote): void {
  const kinds: readonly VoteKind[] = ["notarize", "nullify", "finalize"];
  for (const kind of kinds) {
    const earlier = round.own[kind];
    const fault = earlier === undefined ? undefined : conflictOf(earlier.vote, vote);
    if (fault === undefined) continue;
    throw new ConsensusError(
      "invariant_violated",
      `This node was about to sign conflicting votes (${fault}) in view ${round.view}. Stop it and report the bug.`,
      { fault, view: round.view },
    );
  }
}
