/**
 * The rules that move a node forward. After every input they are applied until none has anything to add, so that it does not
 * matter in which order the pieces of a view arrive.
 *
 * @module
 */
import { bytesToHex, equalBytes, type Hash } from "../primitives/mod.ts";
import { signersOf } from "./certificates.ts";
import { castVote } from "./casting.ts";
import { type Core, fits, heldBlock, isOver, prune, roundOf } from "./core.ts";
import { ConsensusError } from "./errors.ts";
import { findParent, judgeAncestry } from "./ancestry.ts";
import type { Round } from "./round.ts";
import { armTimers } from "./stall.ts";
import { leaderOf } from "./validators.ts";
import type { Proposal } from "./votes.ts";

/** Applies all rules until nothing changes. Each can add only so much to each view and block, so this ends. */
export function settle(core: Core): void {
  const rules = [finalize, certify, advance, considerProposal, lead];
  while (core.started && !isOver(core) && rules.some((rule) => rule(core)));
}

/**
 * Validity of a block with all its ancestors above the final point, as far as it is known; asks for what is missing.
 * A block is executed after its parent; data that is not there is pending, not invalid.
 */
function validity(core: Core, block: Hash, holders: readonly number[]): "valid" | "invalid" | "pending" {
  if (equalBytes(block, core.final.block)) return "valid";
  const path = [];
  for (let at = block; !equalBytes(at, core.final.block);) {
    const held = heldBlock(core, at);
    if (held === undefined) {
      fetchBlock(core, at, holders);
      return "pending";
    }
    if (held.verdict === "invalid") {
      for (const child of path) child.verdict = "invalid";
      return "invalid";
    }
    if (held.verdict === "valid") break;
    const child = path.at(-1);
    const wrongHeight = child !== undefined && child.candidate.height !== held.candidate.height + 1n;
    const besideFinal = held.candidate.height === core.final.height + 1n &&
      !equalBytes(held.candidate.parent, core.final.block);
    if (wrongHeight || besideFinal) {
      for (const each of [...path, held]) each.verdict = "invalid";
      return "invalid";
    }
    path.push(held);
    at = held.candidate.parent;
  }
  const next = path.at(-1);
  if (next === undefined) return "valid";
  if (next.verdict === "unknown") {
    next.verdict = "asked";
    core.effects.push({ kind: "verify", candidate: next.candidate });
  }
  return "pending";
}

function fetchBlock(core: Core, block: Hash, holders: readonly number[]): void {
  const key = `block ${bytesToHex(block)}`;
  if (core.fetching.has(key)) return;
  core.fetching.add(key);
  core.effects.push({ kind: "fetch_block", block, holders: holders.filter((i) => i !== core.own?.index) });
}

/** Rule 6: a finalization finalizes its block and all ancestors, once they are executed. */
function finalize(core: Core): boolean {
  const known = core.finalization;
  if (known === undefined || known.proposal.view <= core.final.view) return false;
  const { proposal, certificate } = known;
  const state = validity(core, proposal.block, signersOf(certificate));
  if (state === "invalid") {
    throw new ConsensusError(
      "invariant_violated",
      `A quorum finalized block ${
        bytesToHex(proposal.block)
      }, which is invalid to this node. Stop it: it runs other rules ` +
        "than the network, or more than a third of the stake is dishonest.",
      { height: proposal.height, view: proposal.view },
    );
  }
  if (state === "pending") return false;
  core.final = { view: proposal.view, block: proposal.block, height: proposal.height };
  prune(core);
  core.effects.push({ kind: "finalized", proposal, certificate });
  return true;
}

/** Rule 4: certification of every notarized view above the final one, nullified since or not. */
function certify(core: Core): boolean {
  let progress = false;
  for (const round of core.rounds.values()) {
    const certificate = round.certificates.notarize;
    if (certificate === undefined || certificate.vote.kind === "nullify" || round.certified) continue;
    const { proposal } = certificate.vote;
    const state = proposalValidity(core, proposal, signersOf(certificate));
    if (state === "invalid" && round.view === core.view && round.own.finalize === undefined) {
      progress = nullify(core) || progress;
    }
    if (state !== "valid") continue;
    round.certified = true;
    progress = true;
    if (mayFinalize(round)) castVote(core, { kind: "finalize", proposal });
  }
  return progress;
}

function mayFinalize(round: Round): boolean {
  return round.own.nullify === undefined && round.certificates.nullify === undefined &&
    !round.leaderEquivocated;
}

function proposalValidity(core: Core, proposal: Proposal, holders: readonly number[]) {
  const held = heldBlock(core, proposal.block);
  if (held !== undefined && !fits(core, proposal, held.candidate)) return "invalid";
  return validity(core, proposal.block, holders);
}

/** Rule 5: the next view begins when this one or a later one is certified, nullified or finalized. */
function advance(core: Core): boolean {
  let ended = core.final.view;
  for (const round of core.rounds.values()) {
    const { nullify, finalize } = round.certificates;
    if ((round.certified || nullify !== undefined || finalize !== undefined) && round.view > ended) {
      ended = round.view;
    }
  }
  if (ended < core.view) return false;
  core.view = ended + 1n;
  armTimers(core);
  return true;
}

function nullify(core: Core): boolean {
  return castVote(core, { kind: "nullify", epoch: core.options.validators.epoch, view: core.view }) !==
    undefined;
}

/** Rules 2 and 3: notarize the first valid proposal of the present view; give the view up if the proposal is invalid. */
function considerProposal(core: Core): boolean {
  const round = roundOf(core, core.view);
  const leader = leaderOf(core.options.validators, core.view);
  if (round.own.nullify !== undefined || round.own.finalize !== undefined) return false;
  if (round.votes.nullify.has(leader)) return nullify(core);
  const signed = round.proposal;
  if (signed === undefined || signed.vote.kind === "nullify" || round.own.notarize !== undefined) {
    return false;
  }
  const { proposal } = signed.vote;
  const held = heldBlock(core, proposal.block);
  const ancestry = held === undefined ? "pending" : judgeAncestry(core, proposal, held.candidate, leader);
  const state = ancestry === "valid" ? validity(core, proposal.block, [leader]) : ancestry;
  if (state === "invalid") return nullify(core);
  return state === "valid" && castVote(core, { kind: "notarize", proposal }) !== undefined;
}

/** Rule 1: the leader builds on the highest certified view that everything since has been nullified after. */
function lead(core: Core): boolean {
  const { own, view, options } = core;
  if (own === undefined || leaderOf(options.validators, view) !== own.index) return false;
  const round = roundOf(core, view);
  if (round.building || round.own.notarize !== undefined || round.own.nullify !== undefined) return false;
  const parent = findParent(core);
  if (parent === undefined) return false;
  round.building = true;
  if (parent.height < options.lastHeight) {
    core.effects.push({
      kind: "build",
      view,
      parentView: parent.view,
      parent: parent.block,
      height: parent.height + 1n,
    });
    return true;
  }
  const proposal: Proposal = {
    epoch: options.validators.epoch,
    view,
    parentView: parent.view,
    height: parent.height,
    block: parent.block,
  };
  return castVote(core, { kind: "notarize", proposal }) !== undefined;
}
