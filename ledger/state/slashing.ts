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
}

/** Where slashed stake went. `taken = awarded + burned`. */
export interface Slashed {
  readonly taken: bigint;
  readonly awarded: bigint;
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
  const share = BigInt(Math.min(fault.proverSharePpm, MAX_PROVER_SHARE_PPM));
  const awarded = fault.prover === null ? 0n : taken * share / PPM;
  if (fault.prover !== null && awarded > 0n) {
    addBalance(state, fault.prover, awarded);
    moveTotal(state, awarded, "stakes", "balances");
  }
  burnFrom(state, taken - awarded, "stakes");
  context.emit({ kind: "slashed", account: address, amount: taken, detail: role });
  return { taken, awarded, burned: taken - awarded };
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
