/**
 * How the money of a closed dispute is shared.
 *
 * The loser's stake or bond pays the arbiters first, then the other side, and the rest is burned. Both payments together are at most
 * half of it: whoever challenges itself from a second account loses more than half of what it stakes on the game. The requester
 * never gets any of it, so that posting tasks to make providers fail does not pay.
 *
 * @module
 */
import type { Params } from "../state/params.ts";
import { PPM } from "../state/params.ts";
import type { Outcome, Reason } from "./records.ts";

/** Who is wrong, by the reason a dispute closes. */
export const GUILTY_BY_REASON: Readonly<Record<Reason, Outcome["guilty"]>> = {
  provider_silent: "provider",
  challenger_silent: "challenger",
  wrong_wiring: "provider",
  wrong_output: "provider",
  // The provider must serve what its result was computed from until the result is final: else withholding would beat every challenge.
  inputs_unavailable: "provider",
  output_confirmed: "challenger",
  assembly_confirmed: "challenger",
  no_quorum: null,
  malformed_program: null,
};

/** How an amount is shared. `awarded + feeEach * arbiters + burned = forfeited`. */
export interface Shares {
  readonly awarded: bigint;
  readonly feeEach: bigint;
  readonly arbiterFees: bigint;
  readonly burned: bigint;
}

function least(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

/**
 * Shares out what the loser forfeits.
 *
 * @param forfeited Amount taken, in the smallest unit.
 * @param arbiters Arbiters to pay: those who revealed, whatever they said, else voting with the expected majority would pay.
 */
export function shareOut(
  forfeited: bigint,
  arbiters: number,
  { arbiterFee, proverSharePpm }: Pick<Params, "arbiterFee" | "proverSharePpm">,
): Shares {
  const half = forfeited / 2n;
  const feeEach = arbiters === 0 ? 0n : least(arbiterFee, half / BigInt(arbiters));
  const arbiterFees = feeEach * BigInt(arbiters);
  const awarded = least(forfeited * BigInt(proverSharePpm) / PPM, half - arbiterFees);
  return { awarded, feeEach, arbiterFees, burned: forfeited - arbiterFees - awarded };
}
