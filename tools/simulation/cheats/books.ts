/**
 * The books of a play: what everybody has gained and lost, found out from the finished chain.
 *
 * @module
 */
import { bytesToHex, equalBytes } from "../../../ledger/primitives/mod.ts";
import type { Dispute } from "../../../ledger/mod.ts";
import { disputes, type Outcome } from "../../../ledger/disputes/mod.ts";
import {
  accountOf,
  disputesOf,
  recordDeposits,
  ROLES,
  stakeOf,
  unbondingOf,
} from "../../../ledger/state/mod.ts";
import type { Audit } from "../market/auditor.ts";
import type { Player } from "../market/cast.ts";
import type { Ground } from "../market/ground.ts";
import { STAKE, START } from "../market/stage.ts";
import type { Changes } from "./cheat.ts";

/** See the module. */
export interface Books {
  /** By name; who broke even is not named. Fees paid and a validator's income for its blocks are left out. */
  readonly changes: Changes;
  /** Fees paid, by name. */
  readonly fees: Changes;
  /** Each dispute that was opened, in order. */
  readonly disputes: readonly (Outcome | null)[];
}

/** What an account has: its balance, its stakes, and the deposits for the records of its tasks, which come back. */
function wealth({ state, tasks }: Audit, address: Uint8Array): bigint {
  const staked = ROLES.map((role) => stakeOf(state, role, address));
  const deposits = tasks.flatMap(({ id }) => recordDeposits.get(state, id) ?? [])
    .filter(({ owner }) => equalBytes(owner, address))
    .reduce((sum, { amount }) => sum + amount, 0n);
  return staked.reduce(
    (sum, stake) => sum + stake.amount + unbondingOf(stake),
    accountOf(state, address).balance + deposits,
  );
}

/** All disputes of the tasks, in the order of opening. */
function disputesIn({ state, tasks }: Audit): readonly Dispute[] {
  const all = tasks.flatMap(({ id }) => disputesOf(state, id)).flatMap((id) => disputes.get(state, id) ?? []);
  return all.toSorted((a, b) => Number(a.openedAt - b.openedAt));
}

/** Draws up the books. */
export function drawUpBooks(report: Audit, players: readonly Player[], ground: Ground): Books {
  const changes: Record<string, bigint> = {}, fees: Record<string, bigint> = {};
  for (const { name, stakes } of players) {
    const { address } = ground.signer(name), key = bytesToHex(address);
    const before = START + STAKE * BigInt(stakes.length);
    const paid = report.fees.get(key) ?? 0n;
    const change = wealth(report, address) - before + paid - (report.income.get(key) ?? 0n);
    if (change !== 0n) changes[name] = change;
    fees[name] = paid;
  }
  return { changes, fees, disputes: disputesIn(report).map(({ outcome }) => outcome) };
}
