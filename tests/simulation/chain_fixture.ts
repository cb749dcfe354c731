/**
 * A genesis with funded validators for tests, and transfers between its accounts.
 *
 * @module
 */
import {
  chainIdOf,
  devParams,
  encodeTransaction,
  type Genesis,
  signTransaction,
  UNITS_PER_TOKEN,
} from "../../ledger/chain/mod.ts";
import type { Signer } from "../../ledger/primitives/mod.ts";
import type { Timing } from "../../ledger/node/mod.ts";
import type { Params } from "../../ledger/state/mod.ts";
import { makeSigningBook } from "../../tools/simulation/mod.ts";

/** What the tests of this process have signed. */
export const testBook = makeSigningBook();

/** The signer of a name. */
export function testSigner(name: string): Signer {
  return testBook.signer(name);
}

/** A chain whose validators stake as told; each also has 1,000 tokens to spend. */
export function testGenesis(
  validators: readonly Signer[],
  stakes: readonly bigint[] = validators.map(() => 1n),
  params: Partial<Params> = {},
): Genesis {
  const complete = devParams(params);
  return {
    network: "test",
    symbol: "AIGENSYN",
    decimals: 9,
    params: complete,
    accounts: validators.map(({ address }) => ({ address, balance: 1_000n * UNITS_PER_TOKEN })),
    stakes: validators.map(({ address }, i) => ({
      address,
      role: "validator",
      amount: (stakes[i] ?? 1n) * complete.minValidatorStake,
    })),
    validators: validators.map(({ address }) => ({ address, beaconKey: new Uint8Array() })),
  };
}

/** A signed transfer of one unit. */
export function testTransfer(genesis: Genesis, from: Signer, nonce: bigint, to: Signer = from): Uint8Array {
  return encodeTransaction(signTransaction(from, {
    chainId: chainIdOf(genesis),
    nonce,
    expiry: 5_000n,
    operation: { kind: "transfer", to: to.address, amount: 1n },
  }));
}

/** Times of a fast network: 10 ms delays. */
export const TEST_TIMING: Timing = {
  blockIntervalMs: 50,
  gatherMs: 0,
  pollMs: 500,
  timeouts: { leaderMs: 150, advanceMs: 250, retryMs: 200, maxMs: 5_000 },
};
