/**
 * Slashing: what a proven fault costs.
 *
 * At least half is burned, else an account could prove its own fault and win its stake back; nothing ever goes to a requester,
 * else posting tasks to make providers fail would pay.
 *
 * @module
 */
import type { Address } from "../primitives/mod.ts";
import { addBalance } from "./accounts.ts";
import type { BlockContext } from "./context.ts";
import { burnFrom, moveTotal } from "./funds.ts";
import { PPM } from "./params.ts";
import type { Role, Stake } from "./records.ts";
import { putStake, stakeOf } from "./stakes.ts";
import type { StateWriter } from "./table.ts";

/** Largest share of a slash that a prover may get, in parts per million. */
export const MAX_PROVER_SHARE_PPM = 500_000;

/** Whose stake is slashed, by how much, and who proved the fault. */
export interface Slash {
  readonly role: Role;
  readonly address: Address;
  /** Taken as far as there is stake, unbonding stake included. */
  readonly amount: bigint;
  /** Gets `proverSharePpm` of what is taken; `null`: all is burned. */
  readonly prover: Address | null;
  /** At most {@link MAX_PROVER_SHARE_PPM}; more is read as that. */
  readonly proverSharePpm: number;
  /** Paid before the prover, to each the same; with the prover's share never more than half of what is taken. */
  readonly fees?: { readonly to: readonly Address[]; readonly each: bigint };
}

/** Where slashed stake went. `taken = awarded + fees + burned`. */
export interface Slashed {
  readonly taken: bigint;
  readonly awarded: bigint;
  /** Sum of the fees paid. */
  readonly fees: bigint;
  readonly burned: bigint;
}

/**
 * Slashes a stake: what is staked first, then what is unbonding, the latest first. If that reaches into locked stake, the lock
 * shrinks with it; so unlock what the fault had locked *before* (`voidResult` does), or the loss hits other assignments' locks.
 */
export function slash(state: StateWriter, context: BlockContext, fault: Slash): Slashed {
  const { role, address } = fault;
  const { stake, taken } = takeStake(stakeOf(state, role, address), fault.amount);
  putStake(state, role, address, stake);
  const { awarded, feeEach, fees, burned } = shareOut(taken, fault.fees?.to.length ?? 0, {
    fee: fault.fees?.each ?? 0n,
    proverSharePpm: fault.prover === null ? 0 : fault.proverSharePpm,
  });
  for (const account of fault.fees?.to ?? []) addBalance(state, account, feeEach);
  if (fault.prover !== null) addBalance(state, fault.prover, awarded);
  moveTotal(state, awarded + fees, "stakes", "balances");
  burnFrom(state, burned, "stakes");
  context.emit({ kind: "slashed", account: address, amount: taken, detail: role });
  return { taken, awarded, fees, burned };
}

/** How a forfeited amount is shared. `awarded + fees + burned` is all of it. */
export interface Shares {
  readonly awarded: bigint;
  readonly feeEach: bigint;
  readonly fees: bigint;
  readonly burned: bigint;
}

function least(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

/**
 * Shares out what somebody at fault forfeits: `receivers` fees first, cut evenly where they exceed half, then the prover's share as
 * far as it keeps within half, the rest burned.
 */
export function shareOut(
  amount: bigint,
  receivers: number,
  { fee, proverSharePpm }: { readonly fee: bigint; readonly proverSharePpm: number },
): Shares {
  const half = amount / 2n;
  const feeEach = receivers === 0 ? 0n : least(fee, half / BigInt(receivers));
  const fees = feeEach * BigInt(receivers);
  const share = BigInt(Math.min(proverSharePpm, MAX_PROVER_SHARE_PPM));
  const awarded = least(amount * share / PPM, half - fees);
  return { awarded, feeEach, fees, burned: amount - fees - awarded };
}

function takeStake(stake: Stake, amount: bigint): { readonly stake: Stake; readonly taken: bigint } {
  let left = amount;
  const take = (available: bigint) => {
    const part = available < left ? available : left;
    left -= part;
    return available - part;
  };
  const remaining = take(stake.amount);
  const unbonding = stake.unbonding.toReversed()
    .map((entry) => ({ ...entry, amount: take(entry.amount) }))
    .filter((entry) => entry.amount > 0n)
    .reverse();
  const locked = stake.locked < remaining ? stake.locked : remaining;
  return { stake: { ...stake, amount: remaining, locked, unbonding }, taken: amount - left };
}
