/**
 * A chain for benches: four validators, and accounts with names.
 *
 * @module
 */
import { devParams, type Genesis, genesisState, UNITS_PER_TOKEN } from "../../../ledger/chain/mod.ts";
import {
  type Address,
  encode,
  hash,
  type Signer,
  signerFromSeed,
  utf8,
} from "../../../ledger/primitives/mod.ts";
import { Account, accountOf, accounts, type State, type StateChange } from "../../../ledger/state/mod.ts";

/** The key of a name. */
export function signerOf(name: string): Signer {
  return signerFromSeed(hash("assay/bench/key", utf8(name)));
}

/** The keys of the four validators. */
export const VALIDATORS: readonly Signer[] = ["v0", "v1", "v2", "v3"].map(signerOf);

/** Everybody's balance at genesis. */
const BALANCE = 1_000_000n * UNITS_PER_TOKEN;

/** A genesis with these accounts besides the validators. Epochs are longer than any bench: validator sets are not what is measured. */
export function benchGenesis(
  funded: readonly Address[],
  validators: readonly Signer[] = VALIDATORS,
): Genesis {
  const params = devParams({ epochBlocks: 10_000, unbondingBlocks: 20_000 });
  return {
    network: "bench",
    symbol: "AIGENSYN",
    decimals: 9,
    params,
    accounts: [...validators.map(({ address }) => address), ...funded].map((address) => ({
      address,
      balance: BALANCE,
    })),
    stakes: validators.map(({ address }) => ({
      address,
      role: "validator",
      amount: params.minValidatorStake,
    })),
    validators: validators.map(({ address }) => ({ address, beaconKey: new Uint8Array() })),
  };
}

/** The genesis state with more accounts, which the first validator pays for: more than a genesis file may list. */
export function crowdedState(genesis: Genesis, count: number): State {
  const state = genesisState(genesis), rich = signerOf("v0").address;
  const { balance, nonce } = accountOf(state, rich);
  const entry = (
    address: Address,
    account: Account,
  ): StateChange => [accounts.key(address), encode(Account, account)];
  const one = { balance: UNITS_PER_TOKEN, nonce: 0n };
  return state.update([
    entry(rich, { balance: balance - BigInt(count) * UNITS_PER_TOKEN, nonce }),
    ...Array.from({ length: count }, (_, i) => entry(addressAt(i), one)),
  ]);
}

/** The address of one of the many. Nobody has its key. */
export function addressAt(i: number): Address {
  return hash("assay/bench/address", utf8(String(i)));
}
