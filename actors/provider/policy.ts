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
