/**
 * Where the supply is: totals of everything the ledger holds, kept as money moves, so that conservation costs one addition
 * for each movement and a comparison for each block.
 *
 * Money that is neither a balance nor a stake is in a pot: `escrows` (rewards of tasks), `bonds` (of disputes), `pending` (fees of
 * the block being executed). Every function that moves money names where it comes from and where it goes, so that none can
 * appear or vanish.
 *
 * @module
 */
import { type Infer, record, u64 } from "../primitives/mod.ts";
import { invariant } from "./errors.ts";
import { Supply } from "./params.ts";
import { singleton } from "./singleton.ts";
import type { StateReader, StateWriter } from "./table.ts";

/** Sums over all records of the state. */
export const Totals = record("Totals", {
  balances: u64,
  /** Stakes of all roles, unbonding ones included. */
  stakes: u64,
  escrows: u64,
  bonds: u64,
  pending: u64,
});
/** See {@link Totals}. */
export type Totals = Infer<typeof Totals>;

/** A place where money is. */
export type Holding = keyof Totals;

/** Places of money that belong to no account. */
export type Pot = "escrows" | "bonds" | "pending";

/** Sums over all records. */
export const totals = singleton(4, "totals", Totals);

/** Genesis supply, issued and burned. */
export const supplies = singleton(5, "supply", Supply);

function changed(before: Totals, holding: Holding, by: bigint): Totals {
  const after = before[holding] + by;
  invariant(after >= 0n, `The total of ${holding} would be negative.`, {
    holding,
    before: before[holding],
    by,
  });
  return { ...before, [holding]: after };
}

/** Moves an amount between totals. The caller changes the records that they sum. */
export function moveTotal(state: StateWriter, amount: bigint, from: Holding, to: Holding): void {
  invariant(amount >= 0n, "A negative amount of money would move.", { amount });
  if (amount === 0n || from === to) return;
  totals.put(state, changed(changed(totals.get(state), from, -amount), to, amount));
}

/** Burns an amount that a total counts. The caller changes the record that held it. */
export function burnFrom(state: StateWriter, amount: bigint, from: Holding): void {
  invariant(amount >= 0n, "A negative amount of money would burn.", { amount });
  if (amount === 0n) return;
  totals.put(state, changed(totals.get(state), from, -amount));
  const supply = supplies.get(state);
  supplies.put(state, { ...supply, burned: supply.burned + amount });
}

/** Burns an amount out of a pot. */
export function burn(state: StateWriter, amount: bigint, from: Pot): void {
  burnFrom(state, amount, from);
}

/** Issues an amount into a pot. */
export function issue(state: StateWriter, amount: bigint, into: Pot): void {
  invariant(amount >= 0n, "A negative amount of money would be issued.", { amount });
  if (amount === 0n) return;
  totals.put(state, changed(totals.get(state), into, amount));
  const supply = supplies.get(state);
  supplies.put(state, { ...supply, issued: supply.issued + amount });
}

/** Sum of all totals. */
export function sumOf(held: Totals): bigint {
  return held.balances + held.stakes + held.escrows + held.bonds + held.pending;
}

/**
 * Requires that what is held equals what was ever issued less what was burned.
 *
 * @throws {InvariantError} if not.
 */
export function assertSupplyConserved(state: StateReader): void {
  const supply = supplies.get(state);
  const held = sumOf(totals.get(state));
  const expected = supply.genesis + supply.issued - supply.burned;
  invariant(held === expected, `The ledger holds ${held} of a supply of ${expected}.`, { held, expected });
}
