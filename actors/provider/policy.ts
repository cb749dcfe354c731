/**
 * Which tasks a provider takes, and what it says about itself on the market.
 *
 * @module
 */
import type { OfferView, Task } from "../../ledger/mod.ts";
import type { AppealPolicy } from "../work/mod.ts";

/** What a provider offers. */
export interface ProviderPolicy {
  readonly memoryMiB: number;
  /** Least reward of a task it takes, in the smallest unit. */
  readonly minReward: bigint;
  /** Tasks it does at a time, at least 1. */
  readonly slots: number;
  /** When it appeals against a verdict. Default: if it is right. */
  readonly appeals?: AppealPolicy;
}

/** Why a provider declines a task; null if it takes it. The market should have seen to it: an offer may have changed since. */
export function declineReason(policy: ProviderPolicy, task: Task): string | null {
  if (task.reward < policy.minReward) return `it pays ${task.reward}, less than ${policy.minReward}`;
  if (task.memoryMiB > policy.memoryMiB) return `it needs ${task.memoryMiB} MiB of memory`;
  return null;
}

/**
 * Blocks of a window that are not for computing: until the provider hears that its acceptance is final, and until its result stands in a final
 * block, when each of them waits for a leader or two that are silent.
 */
export const RESERVE_BLOCKS = 8;

/** A run may take so many times what its rehearsal promised: commitments, checkpoints, uploads, and a machine that does other things too. */
export const SAFETY = 2;

/** What a provider knows of the time before it accepts. */
export interface Timing {
  /** Milliseconds of a run on this machine; null if its first steps alone took too long to tell. */
  readonly runMs: number | null;
  /** Milliseconds of a block. */
  readonly blockMs: number;
}

function inSeconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

/** Why a provider declines a task for the time that it is given; null if the time suffices even when all its slots are busy. */
export function windowReason(
  { slots }: Pick<ProviderPolicy, "slots">,
  { computeBlocks }: Pick<Task, "computeBlocks">,
  { runMs, blockMs }: Timing,
): string | null {
  const window = `its window of ${computeBlocks} blocks of ${inSeconds(blockMs)}`;
  if (computeBlocks <= RESERVE_BLOCKS) {
    return `${window} is too short: ${RESERVE_BLOCKS} pass before a result is final`;
  }
  if (runMs === null) return `its first steps took too long to tell whether ${window} suffices`;
  const neededMs = RESERVE_BLOCKS * blockMs + SAFETY * slots * runMs;
  if (neededMs <= computeBlocks * blockMs) return null;
  return `${window} is too short: a run takes ${inSeconds(runMs)} here, and ${
    inSeconds(neededMs)
  } to be sure`;
}

/** Whether what stands on the market is what the policy says. */
export function isOfferCurrent(
  policy: ProviderPolicy,
  engine: string,
  offer: OfferView | undefined,
): boolean {
  return offer !== undefined && offer.listed && offer.engines.length === 1 && offer.engines[0] === engine &&
    offer.memoryMiB === policy.memoryMiB && offer.minReward === policy.minReward &&
    offer.slots === policy.slots;
}
