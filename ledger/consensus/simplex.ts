/**
 * The consensus core: one epoch of stake-weighted Simplex, without clock, randomness or IO. The rules stand in `mod.ts`; this
 * file lets inputs in.
 *
 * @module
 */
import { bytesToHex, equalBytes, type Hash } from "../primitives/mod.ts";
import { REPAIR_VIEWS } from "./ancestry.ts";
import { acceptCertificate, castVote, noteFinalization, tally } from "./casting.ts";
import { type Certificate, isCoherent, verifyCertificate } from "./certificates.ts";
import {
  type Core,
  type CoreOptions,
  heldBlock,
  holdBlock,
  isAdmitted,
  isOver,
  prune,
  roundOf,
} from "./core.ts";
import type { Candidate, ConsensusEffect, ConsensusInput, ConsensusRecord } from "./effects.ts";
import { ConsensusError, type ConsensusErrorCode } from "./errors.ts";
import { settle } from "./progress.ts";
import { countVote, hasVerified } from "./round.ts";
import { armTimers, timerFired } from "./stall.ts";
import { indexOfValidator, leaderOf } from "./validators.ts";
import { epochOf, sameVote, type SignedVote, verifyVote, viewOf } from "./votes.ts";

/** A core at the base of its epoch. Replay its log with {@link restore}, then give it `start`. */
export function createCore(options: CoreOptions): Core {
  const { signer, validators, base } = options;
  const index = signer === undefined ? undefined : indexOfValidator(validators, signer.address);
  return {
    options,
    own: signer === undefined || index === undefined ? undefined : { index, signer },
    started: false,
    view: base.view + 1n,
    final: base,
    finalization: undefined,
    rounds: new Map(),
    blocks: new Map(),
    fetching: new Set(),
    retries: 0,
    effects: [],
  };
}

/**
 * Puts back what was persisted before a crash, before `start`: what this node has signed it will never sign differently. Records
 * of other epochs and of final views are passed over.
 */
export function restore(core: Core, record: ConsensusRecord): void {
  const vote = record.kind === "vote" ? record.vote.vote : record.certificate.vote;
  const view = viewOf(vote);
  if (epochOf(vote) !== core.options.validators.epoch) return;
  if (record.kind === "certificate") noteFinalization(core, record.certificate);
  if (view <= core.final.view) return;
  const round = roundOf(core, view);
  if (record.kind === "certificate") {
    round.certificates[vote.kind] = record.certificate;
    return;
  }
  if (core.own === undefined || record.vote.signer !== core.own.index) return;
  round.own[vote.kind] = record.vote;
  if (vote.kind === "notarize" && leaderOf(core.options.validators, view) === core.own.index) {
    round.proposal = record.vote;
    round.building = true;
  }
  countVote(round, record.vote);
  if (view > core.view) core.view = view;
}

/**
 * Takes one input and returns the effects, to be carried out in order: nothing may be sent before every earlier `persist` is on
 * disk.
 *
 * @throws {ConsensusError} `invariant_violated` only: the node must stop. Whatever peers send comes back as a `fault` effect.
 */
export function step(core: Core, input: ConsensusInput): readonly ConsensusEffect[] {
  core.effects = [];
  if (!isOver(core)) {
    admit(core, input);
    settle(core);
  }
  const { effects } = core;
  core.effects = [];
  return effects;
}

function admit(core: Core, input: ConsensusInput): void {
  switch (input.kind) {
    case "start":
      if (core.started) return;
      core.started = true;
      return armTimers(core);
    case "vote":
      return void admitVote(core, input.vote);
    case "certificate":
      return admitCertificate(core, input.certificate);
    case "proposal":
      return admitProposal(core, input.vote, input.candidate);
    case "block":
      // Unasked blocks are not held: what peers can make a node keep is bounded.
      if (core.fetching.delete(`block ${bytesToHex(input.candidate.block)}`) || !core.started) {
        holdBlock(core, input.candidate);
      }
      return;
    case "verified": {
      const held = heldBlock(core, input.block);
      if (held !== undefined && held.verdict !== "valid") held.verdict = input.valid ? "valid" : "invalid";
      return;
    }
    case "built":
      return admitBuilt(core, input.candidate);
    case "timer":
      return timerFired(core, input.timer);
    case "synced":
      if (input.height <= core.final.height) return;
      core.final = { view: input.view, block: input.block, height: input.height };
      return prune(core);
    default:
      return input satisfies never;
  }
}

function fault(core: Core, code: ConsensusErrorCode, message: string, vote: SignedVote): void {
  const fields = { kind: vote.vote.kind, view: viewOf(vote.vote), signer: vote.signer };
  core.effects.push({ kind: "fault", error: new ConsensusError(code, message, fields) });
}

/** Counts a vote of a peer. Returns whether it is valid and of interest. */
function admitVote(core: Core, signed: SignedVote): boolean {
  const { chainId, validators } = core.options;
  const { vote } = signed;
  // Another epoch is not a fault: its sender may be ahead or behind.
  if (epochOf(vote) !== validators.epoch || !isAdmitted(core, viewOf(vote))) return false;
  const round = core.rounds.get(viewOf(vote));
  const earlier = round?.votes[vote.kind].get(signed.signer);
  // A signature is checked once; a second, different statement is checked because it is evidence.
  if (earlier !== undefined && sameVote(earlier.vote, vote)) return hasVerified(round, signed);
  if (!isCoherent(vote)) {
    fault(core, "bad_statement", "The vote contradicts itself.", signed);
    return false;
  }
  if (!verifyVote(chainId, validators, signed)) {
    fault(core, "bad_signature", `The vote is not signed by validator ${signed.signer}.`, signed);
    return false;
  }
  tally(core, signed);
  return true;
}

function admitCertificate(core: Core, certificate: Certificate): void {
  const { chainId, validators } = core.options;
  const { vote } = certificate;
  const view = viewOf(vote);
  if (epochOf(vote) !== validators.epoch || view <= core.final.view) return;
  const round = core.rounds.get(view);
  if (round?.certificates[vote.kind] !== undefined) return;
  try {
    verifyCertificate(chainId, validators, certificate, (signed) => hasVerified(round, signed));
  } catch (thrown) {
    if (!(thrown instanceof ConsensusError)) throw thrown;
    core.effects.push({ kind: "fault", error: thrown });
    return;
  }
  acceptCertificate(core, certificate);
}

function admitProposal(core: Core, signed: SignedVote, candidate: Candidate): void {
  const { vote, signer } = signed;
  if (vote.kind !== "notarize" || !equalBytes(vote.proposal.block, candidate.block)) {
    fault(core, "bad_statement", "A proposal is a notarize vote for the block that it carries.", signed);
    return;
  }
  const view = viewOf(vote);
  if (epochOf(vote) !== core.options.validators.epoch || !isAdmitted(core, view)) return;
  // Counted first: a second vote of its signer is evidence, also in a proposal that is not the signer's to make.
  if (!admitVote(core, signed)) return;
  if (leaderOf(core.options.validators, view) !== signer) {
    fault(core, "unknown_signer", `Validator ${signer} does not lead view ${view}.`, signed);
    return;
  }
  const round = roundOf(core, view);
  round.proposal ??= signed;
  if (round.proposal === signed || sameVote(round.proposal.vote, vote)) holdBlock(core, candidate);
}

function admitBuilt(core: Core, candidate: Candidate): void {
  const round = roundOf(core, candidate.view);
  const isAwaited = round.building && candidate.view === core.view && round.own.notarize === undefined &&
    round.own.nullify === undefined;
  if (!isAwaited) return;
  holdBlock(core, candidate);
  const held = heldBlock(core, candidate.block);
  if (held !== undefined) held.verdict = "valid";
  castVote(core, {
    kind: "notarize",
    proposal: {
      epoch: candidate.epoch,
      view: candidate.view,
      parentView: candidate.parentView,
      height: candidate.height,
      block: candidate.block,
    },
  });
}

/** Whether the core still needs a block that it was given. */
export function needsBlock(core: Core, block: Hash): boolean {
  return heldBlock(core, block) !== undefined;
}

/** The certificates that this node has of views `from` to `to` and its latest finalization: the answer to a repair. */
export function certificatesIn(core: Core, from: bigint, to: bigint): readonly Certificate[] {
  const last = to - from >= REPAIR_VIEWS ? from + REPAIR_VIEWS - 1n : to;
  const found: Certificate[] = core.finalization === undefined ? [] : [core.finalization.certificate];
  for (let view = from; view <= last; view++) {
    const { notarize, nullify } = core.rounds.get(view)?.certificates ?? {};
    if (notarize !== undefined) found.push(notarize);
    if (nullify !== undefined) found.push(nullify);
  }
  return found;
}
