/**
 * Accounts: spendable balances and nonces.
 *
 * @module
 */
import type { Address } from "../primitives/mod.ts";
import { invariant } from "./errors.ts";
import { moveTotal, type Pot } from "./funds.ts";
import { Account } from "./records.ts";
import { type StateReader, type StateWriter, table } from "./table.ts";

/** Accounts by address. An account without balance and nonce has no record. */
export const accounts = table(6, "accounts", (address: Address) => address, Account);

/** The account of an address. */
export function accountOf(state: StateReader, address: Address): Account {
  return accounts.get(state, address) ?? { balance: 0n, nonce: 0n };
}

/** Adds to a balance without touching totals: the caller moves them. */
export function addBalance(state: StateWriter, address: Address, amount: bigint): void {
  if (amount === 0n) return;
  const account = accountOf(state, address);
  accounts.put(state, address, { ...account, balance: account.balance + amount });
}

/** Takes from a balance without touching totals: the caller moves them. */
export function takeBalance(state: StateWriter, address: Address, amount: bigint): void {
  if (amount === 0n) return;
  const account = accountOf(state, address);
  invariant(account.balance >= amount, "A balance would be negative.", { balance: account.balance, amount });
  accounts.put(state, address, { ...account, balance: account.balance - amount });
}

/** Pays an amount out of a pot to an account. */
export function credit(state: StateWriter, address: Address, amount: bigint, from: Pot): void {
  addBalance(state, address, amount);
  moveTotal(state, amount, from, "balances");
}

/**
 * Takes an amount from an account into a pot.
 *
 * @throws {InvariantError} if the balance does not cover it: an operation's `check` decides that before.
 */
export function debit(state: StateWriter, address: Address, amount: bigint, into: Pot): void {
  takeBalance(state, address, amount);
  moveTotal(state, amount, "balances", into);
}

/** Moves an amount from one account to another. */
export function transferBalance(state: StateWriter, from: Address, to: Address, amount: bigint): void {
  takeBalance(state, from, amount);
  addBalance(state, to, amount);
}

/** Counts one more transaction of an account. */
export function advanceNonce(state: StateWriter, address: Address): void {
  const account = accountOf(state, address);
  accounts.put(state, address, { ...account, nonce: account.nonce + 1n });
}
