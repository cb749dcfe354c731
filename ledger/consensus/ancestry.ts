/**
 * Where a proposal may stand: on a notarized block, with every view in between nullified.
 *
 * @module
 */
import { equalBytes } from "../primitives/mod.ts";
import type { Certificate } from "./certificates.ts";
import { type Core, type FinalPoint, fits, roundOf } from "./core.ts";
import type { Candidate } from "./effects.ts";
import type { Proposal } from "./votes.ts";

/** Views whose certificates one repair asks for: what an answer carries at most. */
export const REPAIR_VIEWS = 64n;

/** The block that a quorum notarized or finalized in a view; for the final view, the final block. */
function notarizedIn(core: Core, view: bigint): FinalPoint | undefined {
  if (view === core.final.view) return core.final;
  const round = core.rounds.get(view);
  const certificate: Certificate | undefined = round?.certificates.notarize ?? round?.certificates.finalize;
  if (certificate === undefined || certificate.vote.kind === "nullify") return undefined;
  const { block, height } = certificate.vote.proposal;
  return { view, block, height };
}

function isNullified(core: Core, view: bigint): boolean {
  return core.rounds.get(view)?.certificates.nullify !== undefined;
}

/** Asks for the certificates of views `from` to `to`; a second time only after a retry. */
function fetchCertificates(core: Core, from: bigint, to: bigint, holders: readonly number[]): void {
  const last = to - from >= REPAIR_VIEWS ? from + REPAIR_VIEWS - 1n : to;
  const key = `certificates ${from} ${last}`;
  if (core.fetching.has(key)) return;
  core.fetching.add(key);
  core.effects.push({ kind: "fetch_certificates", from, to: last, holders });
}

/**
 * Whether a proposal of the present view stands where it may. What is missing is asked of the proposer: an honest one built on
 * certificates that it has.
 */
export function judgeAncestry(
  core: Core,
  proposal: Proposal,
  candidate: Candidate,
  leader: number,
): "valid" | "invalid" | "pending" {
  if (!fits(core, proposal, candidate)) return "invalid";
  const proposer = core.options.validators.members[leader]?.address;
  const isNew = candidate.view === proposal.view;
  if (isNew && (proposer === undefined || !equalBytes(candidate.proposer, proposer))) return "invalid";
  if (proposal.parentView < core.final.view) return "invalid";
  const parent = notarizedIn(core, proposal.parentView);
  if (parent === undefined) {
    fetchCertificates(core, proposal.parentView, proposal.view - 1n, [leader]);
    return "pending";
  }
  const continues = isNew
    ? equalBytes(candidate.parent, parent.block) && candidate.height === parent.height + 1n
    : equalBytes(candidate.block, parent.block);
  if (!continues) return "invalid";
  for (let view = proposal.parentView + 1n; view < proposal.view; view++) {
    if (isNullified(core, view)) continue;
    fetchCertificates(core, view, proposal.view - 1n, [leader]);
    return "pending";
  }
  return "valid";
}

/** What this node, as leader of the present view, builds on; `undefined` while certificates are missing. */
export function findParent(core: Core): FinalPoint | undefined {
  for (let view = core.view - 1n; view > core.final.view; view--) {
    if (roundOf(core, view).certified) return notarizedIn(core, view);
    if (isNullified(core, view)) continue;
    const others = core.options.validators.members.map((_, i) => i).filter((i) => i !== core.own?.index);
    fetchCertificates(core, core.final.view + 1n, core.view - 1n, others);
    return undefined;
  }
  return core.final;
}
