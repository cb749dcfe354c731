/**
 * Stakes: money locked for a role, which faults take away.
 *
 * A stake is `amount`, of which `locked` secures assignments, plus what is unbonding: no longer counted for the role, not yet
 * spendable, still slashable.
 *
 * @module
 */
import { type Address, bytes32, compareBytes, concatBytes, equalBytes, list } from "../primitives/mod.ts";
import { addBalance, takeBalance } from "./accounts.ts";
import type { BlockContext } from "./context.ts";
import { schedule } from "./due.ts";
import { invariant } from "./errors.ts";
import { burnFrom, moveTotal } from "./funds.ts";
import { settleSlotDebt } from "./slot_debts.ts";
import type { Params } from "./params.ts";
import { type Role, Stake } from "./records.ts";
import { type StateReader, type StateWriter, table } from "./table.ts";

/** Most accounts staked in one role: drawing from them and fixing validator sets walks the list. */
export const MAX_STAKERS = 1024;

/** Most releases of one stake that wait at a time; the record's own bound. */
export const MAX_UNBONDINGS = 32;

/** Roles in the order of their number in keys. */
export const ROLES: readonly Role[] = ["validator", "provider", "challenger", "arbiter"];

function roleNumber(role: Role): Uint8Array {
  return new Uint8Array([ROLES.indexOf(role)]);
}

interface StakeKey {
  readonly role: Role;
  readonly address: Address;
}

function stakeKey({ role, address }: StakeKey): Uint8Array {
  return concatBytes(roleNumber(role), address);
}

/** Stakes by role and address. */
export const stakes = table(8, "stakes", stakeKey, Stake);
const stakers = table(9, "stakers", roleNumber, list(bytes32, MAX_STAKERS));

const NO_STAKE: Stake = { amount: 0n, locked: 0n, unbonding: [], jailedUntil: 0n };

/** The stake of an account in a role. */
export function stakeOf(state: StateReader, role: Role, address: Address): Stake {
  return stakes.get(state, { role, address }) ?? NO_STAKE;
}

/** Stake that secures nothing yet. */
export function freeStake(stake: Stake): bigint {
  return stake.amount - stake.locked;
}

/** Stake on its way out, in sum. */
export function unbondingOf(stake: Stake): bigint {
  return stake.unbonding.reduce((sum, entry) => sum + entry.amount, 0n);
}

/** Accounts with a stake in a role, sorted by address. Some may be below the minimum after a slash, or jailed: see {@link canAct}. */
export function stakersOf(state: StateReader, role: Role): readonly Address[] {
  return stakers.get(state, role) ?? [];
}

/** Least stake to act in a role. */
export function minimumStake(params: Params, role: Role): bigint {
  switch (role) {
    case "validator":
      return params.minValidatorStake;
    case "provider":
      return params.minProviderStake;
    case "challenger":
      return params.minChallengerStake;
    case "arbiter":
      return params.minArbiterStake;
  }
}

/** Whether an account may act in a role in the block being executed. */
export function canAct(
  state: StateReader,
  { head, params }: Pick<BlockContext, "head" | "params">,
  role: Role,
  address: Address,
): boolean {
  const stake = stakeOf(state, role, address);
  return stake.amount >= minimumStake(params, role) && stake.jailedUntil <= head.height;
}

/** Writes a stake and keeps the list of stakers. */
export function putStake(state: StateWriter, role: Role, address: Address, stake: Stake): void {
  invariant(stake.locked <= stake.amount, "More stake would be locked than there is.", {
    locked: stake.locked,
    amount: stake.amount,
  });
  const before = stakeOf(state, role, address).amount > 0n;
  const after = stake.amount > 0n;
  if (after || stake.unbonding.length > 0 || stake.jailedUntil > 0n) {
    stakes.put(state, { role, address }, stake);
  } else stakes.delete(state, { role, address });
  if (before !== after) listStaker(state, role, address, after);
}

function listStaker(state: StateWriter, role: Role, address: Address, listed: boolean): void {
  const others = stakersOf(state, role).filter((other) => !equalBytes(other, address));
  const position = others.findIndex((other) => compareBytes(other, address) > 0);
  const at = position < 0 ? others.length : position;
  stakers.put(state, role, listed ? [...others.slice(0, at), address, ...others.slice(at)] : others);
}

/** Moves balance into a stake. */
export function addStake(state: StateWriter, role: Role, address: Address, amount: bigint): void {
  takeBalance(state, address, amount);
  moveTotal(state, amount, "balances", "stakes");
  const stake = stakeOf(state, role, address);
  putStake(state, role, address, { ...stake, amount: stake.amount + amount });
}

/** Starts the release of free stake; it arrives on the balance after `params.unbondingBlocks`. */
export function startUnbonding(
  state: StateWriter,
  { head, params }: BlockContext,
  role: Role,
  address: Address,
  amount: bigint,
): void {
  const stake = stakeOf(state, role, address);
  const releaseHeight = head.height + BigInt(params.unbondingBlocks);
  const unbonding = [...stake.unbonding, { amount, releaseHeight }];
  putStake(state, role, address, { ...stake, amount: stake.amount - amount, unbonding });
  schedule(state, releaseHeight, "unbonding", stakeKey({ role, address }));
}

/** Due handler `unbonding`: what has waited long enough moves to the balance, less what a validator owes for missed slots. */
export function releaseUnbonding(state: StateWriter, context: BlockContext, id: Uint8Array): void {
  const role = ROLES[id[0] ?? ROLES.length];
  invariant(role !== undefined, "An unbonding names no role.");
  const address = id.slice(1);
  const stake = stakeOf(state, role, address);
  const ripe = stake.unbonding.filter((entry) => entry.releaseHeight <= context.head.height);
  const amount = ripe.reduce((sum, entry) => sum + entry.amount, 0n);
  if (amount === 0n) return;
  const unbonding = stake.unbonding.filter((entry) => entry.releaseHeight > context.head.height);
  putStake(state, role, address, { ...stake, unbonding });
  const forfeited = role === "validator" ? settleSlotDebt(state, address, amount) : 0n;
  burnFrom(state, forfeited, "stakes");
  addBalance(state, address, amount - forfeited);
  moveTotal(state, amount - forfeited, "stakes", "balances");
  context.emit({ kind: "stake_released", account: address, amount: amount - forfeited, detail: role });
}

/** Locks free stake for an assignment. */
export function lockStake(state: StateWriter, role: Role, address: Address, amount: bigint): void {
  const stake = stakeOf(state, role, address);
  putStake(state, role, address, { ...stake, locked: stake.locked + amount });
}

/** Unlocks stake; if a slash already took some of what was locked, the rest of it. */
export function unlockStake(state: StateWriter, role: Role, address: Address, amount: bigint): void {
  const stake = stakeOf(state, role, address);
  putStake(state, role, address, { ...stake, locked: stake.locked > amount ? stake.locked - amount : 0n });
}

/** Keeps an account from acting in a role until a height. */
export function jail(state: StateWriter, role: Role, address: Address, until: bigint): void {
  const stake = stakeOf(state, role, address);
  if (until > stake.jailedUntil) putStake(state, role, address, { ...stake, jailedUntil: until });
}
