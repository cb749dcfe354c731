/**
 * The chain that a plan describes: its genesis, and everybody's keys.
 *
 * @module
 */
import { devParams, type Genesis, UNITS_PER_TOKEN } from "../../ledger/chain/mod.ts";
import { bytesToHex } from "../../ledger/primitives/mod.ts";
import type { Plan } from "./plan.ts";
import type { SigningBook } from "./signing_book.ts";

/** Enough for the fees of a run, and for a stake. */
const START_BALANCE = 100_000n * UNITS_PER_TOKEN;

/** Name of a client's account. */
export function clientName(index: number): string {
  return `client ${index}`;
}

/** The genesis of a plan. Beacon keys are left out: their pairings would take more time than all the rest. */
export function genesisOf({ validators, joiners, clients, epochBlocks }: Plan, book: SigningBook): Genesis {
  const params = devParams({ epochBlocks });
  const names = [
    ...validators.map(({ name }) => name),
    ...joiners.map(({ name }) => name),
    ...Array.from({ length: clients }, (_, i) => clientName(i)),
  ];
  return {
    network: "simulation",
    symbol: "AIGENSYN",
    decimals: 9,
    params,
    accounts: names.map((name) => ({ address: book.signer(name).address, balance: START_BALANCE })),
    stakes: validators.map(({ name, stake }) => ({
      address: book.signer(name).address,
      role: "validator",
      amount: stake * params.minValidatorStake,
    })),
    validators: validators.map(({ name }) => ({
      address: book.signer(name).address,
      beaconKey: new Uint8Array(),
    })),
  };
}

/** Hexadecimal addresses of a plan's dishonest validators. */
export function byzantineAddresses({ validators }: Plan, book: SigningBook): ReadonlySet<string> {
  return new Set(
    validators.filter(({ misdeed }) => misdeed !== undefined)
      .map(({ name }) => bytesToHex(book.signer(name).address)),
  );
}
