/**
 * What leaders owe for slots that they missed, until it is paid. How it comes about is in `missed_slots.ts`.
 *
 * @module
 */
import { type Address, u64 } from "../primitives/mod.ts";
import { type StateReader, type StateWriter, table } from "./table.ts";

/** What leaders owe, by address; nothing for those who owe nothing. */
const slotDebts = table(27, "slot debts", (address: Address) => address, u64);

/** What a leader owes for slots that it missed. */
export function slotDebtOf(state: StateReader, address: Address): bigint {
  return slotDebts.get(state, address) ?? 0n;
}

/** Writes what a leader owes. */
export function putSlotDebt(state: StateWriter, address: Address, owed: bigint): void {
  if (owed === 0n) slotDebts.delete(state, address);
  else slotDebts.put(state, address, owed);
}

/**
 * Settles as much of a leader's debt as an amount covers that it was about to receive.
 *
 * @returns What is taken: the caller burns it.
 */
export function settleSlotDebt(state: StateWriter, address: Address, available: bigint): bigint {
  const owed = slotDebtOf(state, address);
  if (owed === 0n) return 0n;
  const paid = owed < available ? owed : available;
  putSlotDebt(state, address, owed - paid);
  return paid;
}
