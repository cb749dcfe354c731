/**
 * Validators that do not keep the rules, each in its own way. Together they hold less than a third of the stake; nothing that they do
 * may break a promise to the others.
 *
 * @module
 */
import type { Twist } from "../behaviour.ts";
import { babbler, impersonator, invalidBlocks, invalidSignatures } from "./corrupt.ts";
import { outdated, withholder } from "./silent.ts";
import { conflicter, equivocator, nullifyOnly } from "./two_faced.ts";

export { forgeVote, peersOf, sendTo } from "./forge.ts";

/** Names of the ways to misbehave. `twins`: two honest nodes that share one key. */
export const MISDEEDS = [
  "equivocator",
  "conflicter",
  "withholder",
  "nullify_only",
  "outdated",
  "invalid_signatures",
  "impersonator",
  "invalid_blocks",
  "babbler",
  "twins",
] as const;
/** See {@link MISDEEDS}. */
export type Misdeed = typeof MISDEEDS[number];

const honest: Twist = (_seat, plain) => plain;

/** How a misdeed is done. */
export const misdeeds: Readonly<Record<Misdeed, Twist>> = {
  equivocator,
  conflicter,
  withholder,
  nullify_only: nullifyOnly,
  outdated,
  invalid_signatures: invalidSignatures,
  impersonator,
  invalid_blocks: invalidBlocks,
  babbler,
  twins: honest,
};
