/**
 * Counting the whole supply record by record: what tests and auditors compare with the totals that are kept as money moves.
 *
 * @module
 */
import { availabilities, feesHeldBy } from "../availability/mod.ts";
import { bondsHeldBy, disputes } from "../disputes/mod.ts";
import { proposals } from "../governance/mod.ts";
import {
  accounts,
  isFinal,
  recordDeposits,
  stakes,
  type State,
  tasks,
  type Totals,
  unbondingOf,
} from "../state/mod.ts";

/**
 * The totals as the records of a state between two blocks say. PERF: walks the whole state.
 *
 * Nothing is pending between blocks.
 */
export function recountSupply(state: State): Totals {
  const sum = { balances: 0n, stakes: 0n, escrows: 0n, bonds: 0n, pending: 0n };
  for (const [key, value] of state.entries()) {
    sum.balances += accounts.read(key, value)?.balance ?? 0n;
    const stake = stakes.read(key, value);
    if (stake !== undefined) sum.stakes += stake.amount + unbondingOf(stake);
    const task = tasks.read(key, value);
    if (task !== undefined && !isFinal(task.status)) sum.escrows += task.reward + task.auditEscrow;
    const dispute = disputes.read(key, value);
    if (dispute !== undefined) sum.bonds += bondsHeldBy(dispute);
    const availability = availabilities.read(key, value);
    if (availability !== undefined) sum.bonds += feesHeldBy(availability);
    sum.bonds += recordDeposits.read(key, value)?.amount ?? 0n;
    const proposal = proposals.read(key, value);
    if (proposal?.status === "voting") sum.bonds += proposal.deposit;
  }
  return sum;
}
