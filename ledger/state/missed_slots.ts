/**
 * Missed slots: what a leader owes for views in which no block of it became part of the chain.
 *
 * Whoever leads the last slots before a draw could leave some of them empty to get another draw. These are the rules that give that a
 * price, and bound what bad luck costs:
 *
 *  1. Only final history counts. A block names its own view and its parent's; honest validators vote for it only if every view strictly
 *     between was nullified by a quorum. Each of those is a slot that its leader missed. Nodes that saw different things agree on it.
 *  2. A gap whose leaders together have a third of the stake or more costs nobody anything: the rest cannot decide without them, so it
 *     was the network that stood still. The same holds for gaps longer than {@link MAX_GAP}.
 *  3. Each missed slot costs `missedSlotPenalty`; a leader owes {@link MAX_SLOTS_OWED} of them at most, so that a day without
 *     connection costs no more than an hour.
 *  4. It is paid out of what the leader earns with its next blocks, and in the end out of the stake that it withdraws, and is burned.
 *     Stake that secures the chain is not touched: nobody loses its vote, or falls below the least stake, by bad luck.
 *
 * @module
 */
import { type Address, bytesToHex } from "../primitives/mod.ts";
import type { BlockContext } from "./context.ts";
import type { ValidatorSet } from "./records.ts";
import { putSlotDebt, slotDebtOf } from "./slot_debts.ts";
import type { StateWriter } from "./table.ts";
import { leaderAt } from "./validator_sets.ts";

/** Views of a gap that are looked at: with timeouts that grow, four for each of the largest set's validators are hours of standstill. */
export const MAX_GAP = 1024;

/** Missed slots that a leader owes at most. */
export const MAX_SLOTS_OWED = 100n;

/** Missed slots of one leader. */
export interface MissedSlots {
  readonly address: Address;
  readonly count: bigint;
}

/**
 * Who missed how many slots between a block's parent and the block; nobody where the gap says more about the network than about its
 * leaders (rule 2).
 *
 * @param parentView View of the parent, 0 at the beginning of the epoch.
 */
export function missedSlots(set: ValidatorSet, parentView: bigint, view: bigint): readonly MissedSlots[] {
  if (view - parentView > BigInt(MAX_GAP)) return [];
  const total = set.validators.reduce((sum, { stake }) => sum + stake, 0n);
  const missed = new Map<string, MissedSlots>();
  let absent = 0n;
  for (let between = parentView + 1n; between < view; between++) {
    const leader = set.validators[leaderAt(set, between)];
    if (leader === undefined) continue;
    const name = bytesToHex(leader.address), known = missed.get(name);
    if (known === undefined) absent += leader.stake;
    if (3n * absent >= total) return [];
    missed.set(name, { address: leader.address, count: (known?.count ?? 0n) + 1n });
  }
  return [...missed.values()];
}

/** Charges leaders for the slots that they missed before the block being executed. */
export function chargeMissedSlots(
  state: StateWriter,
  { params, emit }: BlockContext,
  missed: readonly MissedSlots[],
): void {
  const { missedSlotPenalty } = params;
  if (missedSlotPenalty === 0n) return;
  const most = MAX_SLOTS_OWED * missedSlotPenalty;
  for (const { address, count } of missed) {
    const before = slotDebtOf(state, address), owed = before + count * missedSlotPenalty;
    const after = owed < most ? owed : most;
    if (after <= before) continue; // owed from a time when slots cost more
    putSlotDebt(state, address, after);
    emit({ kind: "slots_missed", account: address, amount: after - before, detail: count.toString() });
  }
}
