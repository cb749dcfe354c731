/**
 * The state of the consensus core for one epoch, and the small questions that the rules ask of it.
 *
 * @module
 */
import { bytesToHex, equalBytes, type Hash, type Signer } from "../primitives/mod.ts";
import type { Certificate } from "./certificates.ts";
import type { Candidate, ConsensusEffect } from "./effects.ts";
import { emptyRound, type Round } from "./round.ts";
import type { Timeouts } from "./timeouts.ts";
import type { Validators } from "./validators.ts";
import type { Proposal } from "./votes.ts";

/** Where the chain is final: what an epoch starts on, and later the last finalized block. View 0 is the epoch's base. */
export interface FinalPoint {
  readonly view: bigint;
  readonly block: Hash;
  readonly height: bigint;
}

/** What a core is made from. */
export interface CoreOptions {
  readonly chainId: Hash;
  /** The validators of the epoch. */
  readonly validators: Validators;
  /** Signs the node's votes; without it, or outside the set, the core only follows. */
  readonly signer: Signer | undefined;
  readonly base: FinalPoint;
  /** Height of the epoch's boundary block. */
  readonly lastHeight: bigint;
  readonly timeouts: Timeouts;
}

/** What is known of a block's validity. `asked`: execution will answer. */
export type Verdict = "unknown" | "asked" | "valid" | "invalid";

/** A block that is held. */
export interface HeldBlock {
  readonly candidate: Candidate;
  verdict: Verdict;
}

/** See the module. Mutable; only this folder writes it. */
export interface Core {
  readonly options: CoreOptions;
  /** Position and signer of this node, if it votes. */
  readonly own: { readonly index: number; readonly signer: Signer } | undefined;
  started: boolean;
  view: bigint;
  final: FinalPoint;
  /** The highest finalization known, whether or not its block is held yet. */
  finalization: { readonly proposal: Proposal; readonly certificate: Certificate } | undefined;
  /** Views above the final one. */
  readonly rounds: Map<bigint, Round>;
  /** Held blocks above the final one, by hash. */
  readonly blocks: Map<string, HeldBlock>;
  /** Fetches under way, forgotten on a retry so that they are asked again. */
  readonly fetching: Set<string>;
  /** Retries in the present view. */
  retries: number;
  /** Effects of the step in progress. */
  effects: ConsensusEffect[];
}

/** How far ahead of its own view a node keeps votes and proposals: what peers can make it hold is bounded by it. */
export const ADMISSION_WINDOW = 32n;

/** The round of a view, made when first needed. */
export function roundOf(core: Core, view: bigint): Round {
  const known = core.rounds.get(view);
  if (known !== undefined) return known;
  const round = emptyRound(view);
  core.rounds.set(view, round);
  return round;
}

/** Whether the epoch's last block is final: nothing is left to decide. */
export function isOver(core: Core): boolean {
  return core.final.height >= core.options.lastHeight;
}

/** Whether votes and proposals of a view are still or already of interest. */
export function isAdmitted(core: Core, view: bigint): boolean {
  return view > core.final.view && view <= core.view + ADMISSION_WINDOW;
}

/** The held block of a hash. */
export function heldBlock(core: Core, block: Hash): HeldBlock | undefined {
  return core.blocks.get(bytesToHex(block));
}

/** Adds a block that is held now. One at or below the final height is of no use any more. */
export function holdBlock(core: Core, candidate: Candidate): void {
  if (candidate.height <= core.final.height || heldBlock(core, candidate.block) !== undefined) return;
  core.blocks.set(bytesToHex(candidate.block), { candidate, verdict: "unknown" });
}

/** Whether a proposal speaks truly of the block it names. Only the boundary block may be proposed in a later view than its own. */
export function fits(core: Core, proposal: Proposal, candidate: Candidate): boolean {
  if (
    !equalBytes(proposal.block, candidate.block) || proposal.epoch !== candidate.epoch ||
    proposal.height !== candidate.height || candidate.height > core.options.lastHeight
  ) return false;
  if (proposal.view === candidate.view) return proposal.parentView === candidate.parentView;
  return candidate.height === core.options.lastHeight && candidate.view < proposal.view;
}

/** Forgets what lies at or below the final point. */
export function prune(core: Core): void {
  for (const view of core.rounds.keys()) if (view <= core.final.view) core.rounds.delete(view);
  for (const [key, { candidate }] of core.blocks) {
    if (candidate.height <= core.final.height) core.blocks.delete(key);
  }
}
