/**
 * When governance does what, in blocks. These rules are code, not parameters: whoever could vote to shorten a timelock would have
 * none.
 *
 * @module
 */
import { epochOf, lastHeightOf, type Params } from "../state/mod.ts";

/** How long a vote lasts: an operator who looks once each epoch sees every proposal. */
export const VOTING_EPOCHS = 2n;

/** Height at whose beginning the votes of a proposal made at `height` are counted. */
export function votingEnd(params: Params, height: bigint): bigint {
  return height + VOTING_EPOCHS * BigInt(params.epochBlocks);
}

/**
 * First block that a proposal applies to whose votes are counted at `height`: the first of an epoch, and later than stake released
 * in that block is free. Whoever dislikes what was decided has left by then, if it wants to.
 */
export function executionHeight(params: Params, height: bigint): bigint {
  return lastHeightOf(params, epochOf(params, height + BigInt(params.unbondingBlocks))) + 1n;
}
