/**
 * What the members of a test network hold, all at one height.
 *
 * @module
 */
import type { LedgerCall } from "../../actors/mod.ts";
import type { Stake } from "../../ledger/mod.ts";
import { ToolError } from "../errors.ts";
import type { Testnet } from "./testnet.ts";

/** What one account holds, in the smallest unit. */
export interface Holding {
  readonly name: string;
  readonly role: string;
  readonly balance: bigint;
  /** Staked in all roles, and leaving them. */
  readonly staked: bigint;
}

/** All holdings and the supply at one height. */
export interface Holdings {
  readonly height: bigint;
  readonly accounts: readonly Holding[];
  readonly supply: { readonly genesis: bigint; readonly issued: bigint; readonly burned: bigint };
  /** What the ledger keeps for others: escrows, bonds, and the deposits that come back when old records shrink. */
  readonly locked: bigint;
}

/** Readings that a block may have interrupted before we give up; a reading takes a few milliseconds, a block a few hundred. */
const ATTEMPTS = 50;

function total({ amount, unbonding }: Stake): bigint {
  return unbonding.reduce((sum, leaving) => sum + leaving.amount, amount);
}

/** What the genesis gives the members of a network. */
export function genesisHoldings(net: Testnet): Holdings {
  const { accounts, stakes } = net.genesis;
  const sumOf = (entries: readonly { address: Uint8Array; amount: bigint }[], name: string) =>
    entries.filter(({ address }) => net.nameOf(address) === name).reduce(
      (sum, { amount }) => sum + amount,
      0n,
    );
  const holdings = net.nodes.map(({ name, role }) => ({
    name,
    role,
    balance: sumOf(accounts.map(({ address, balance }) => ({ address, amount: balance })), name),
    staked: sumOf(stakes, name),
  }));
  const genesis = holdings.reduce((sum, { balance, staked }) => sum + balance + staked, 0n);
  return { height: 0n, accounts: holdings, supply: { genesis, issued: 0n, burned: 0n }, locked: 0n };
}

/**
 * Reads what everybody holds.
 *
 * @throws {ToolError} `failed` if blocks are faster than reading.
 */
export async function readHoldings(net: Testnet, call: LedgerCall): Promise<Holdings> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const { height } = await net.query("head", null, call);
    const { held, ...supply } = await net.query("supply", null, call);
    const locked = held.escrows + held.bonds + held.pending;
    const accounts: Holding[] = [];
    for (const { name, role, address } of net.nodes) {
      const { balance } = await net.query("account", address, call);
      const stakes = await net.query("stakes", address, call);
      accounts.push({
        name,
        role,
        balance,
        staked: stakes.reduce((sum, { stake }) => sum + total(stake), 0n),
      });
    }
    if ((await net.query("head", null, call)).height === height) return { height, accounts, supply, locked };
  }
  throw new ToolError(
    "failed",
    "The accounts could not be read at one height: the machine is too busy. Try again.",
  );
}
