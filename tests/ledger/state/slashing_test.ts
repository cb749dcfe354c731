import { assertEquals } from "@std/assert/equals.js";
import { assertThrows } from "@std/assert/throws.js";
import { genesisState } from "../../../ledger/chain/mod.ts";
import {
  accountOf,
  assertSupplyConserved,
  createDraft,
  credit,
  debit,
  type Draft,
  dueAt,
  freeStake,
  InvariantError,
  lockStake,
  MAX_DUE_PER_BLOCK,
  putStake,
  schedule,
  slash,
  stakeOf,
  supplies,
  unbondingOf,
  unlockStake,
} from "../../../ledger/state/mod.ts";
import { addressOf, STAKE, START, testGenesis } from "../chain/test_chain.ts";

const provider = addressOf("prov1");
const prover = addressOf("chal1");

function start() {
  const genesis = testGenesis();
  const context = {
    chainId: new Uint8Array(32),
    head: { height: 1n, epoch: 0n, beacon: new Uint8Array(32) },
    params: genesis.params,
    emit: () => {},
  };
  return { draft: createDraft(genesisState(genesis)), context };
}

function fault(amount: bigint, proverSharePpm: number) {
  return { role: "provider", address: provider, amount, prover, proverSharePpm } as const;
}

Deno.test("a slash gives the prover its share and burns the rest", () => {
  const { draft, context } = start();
  const burnedBefore = supplies.get(draft).burned;
  assertEquals(slash(draft, context, fault(1_001n, 400_000)), {
    taken: 1_001n,
    awarded: 400n,
    fees: 0n,
    burned: 601n,
  });
  assertEquals(accountOf(draft, prover).balance, START + 400n);
  assertEquals(stakeOf(draft, "provider", provider).amount, STAKE - 1_001n);
  assertEquals(supplies.get(draft).burned - burnedBefore, 601n);
  assertSupplyConserved(draft);
});

Deno.test("whatever the parameters say, at least half of a slash is burned", () => {
  const { draft, context } = start();
  assertEquals(slash(draft, context, fault(1_000n, 900_000)).burned, 500n);
});

Deno.test("a slash without a prover is burned whole", () => {
  const { draft, context } = start();
  assertEquals(slash(draft, context, { ...fault(1_000n, 400_000), prover: null }).burned, 1_000n);
  assertSupplyConserved(draft);
});

Deno.test("a slash reaches unbonding stake, the latest release first, and takes no more than there is", () => {
  const { draft, context } = start();
  const unbonding = [{ amount: 30n, releaseHeight: 5n }, { amount: 40n, releaseHeight: 9n }];
  const stake = stakeOf(draft, "provider", provider);
  putStake(draft, "provider", provider, { ...stake, amount: STAKE - 70n, unbonding });
  slash(draft, context, fault(STAKE - 70n + 50n, 0));
  const left = stakeOf(draft, "provider", provider);
  assertEquals({ amount: left.amount, unbonding: left.unbonding }, {
    amount: 0n,
    unbonding: [{ amount: 20n, releaseHeight: 5n }],
  });
  assertEquals(slash(draft, context, fault(1_000n, 0)).taken, 20n);
  assertEquals(unbondingOf(stakeOf(draft, "provider", provider)), 0n);
  assertSupplyConserved(draft);
});

Deno.test("a slash of unlocked collateral leaves the locks of other assignments whole", () => {
  const { draft, context } = start();
  lockStake(draft, "provider", provider, 600n);
  lockStake(draft, "provider", provider, 400n);
  unlockStake(draft, "provider", provider, 600n);
  slash(draft, context, fault(600n, 0));
  assertEquals(stakeOf(draft, "provider", provider).locked, 400n);
  assertEquals(freeStake(stakeOf(draft, "provider", provider)), STAKE - 1_000n);
});

function refusesTo(act: (draft: Draft) => void) {
  const { draft } = start();
  const error = assertThrows(() => act(draft), InvariantError);
  assertEquals(error.code, "invariant_violated");
}

Deno.test("money that is not there cannot be locked, spent or paid out", () => {
  refusesTo((draft) => lockStake(draft, "provider", provider, STAKE + 1n));
  refusesTo((draft) => debit(draft, provider, START + 1n, "escrows"));
  refusesTo((draft) => credit(draft, provider, 1n, "escrows"));
  refusesTo((draft) => credit(draft, provider, -1n, "escrows"));
});

Deno.test("a height takes a bounded number of reminders, and the rest fire in the next blocks", () => {
  const { draft } = start();
  for (let n = 0; n < MAX_DUE_PER_BLOCK + 3; n++) {
    schedule(draft, 10n, "task", new Uint8Array([n >> 8, n & 255]));
  }
  assertEquals(dueAt(draft, 10n).length, MAX_DUE_PER_BLOCK);
  assertEquals(dueAt(draft, 11n).map(({ id }) => id[1]), [0, 1, 2]);
});

Deno.test("a reminder for the past fires in the next block instead of never", () => {
  const { draft } = start();
  schedule(draft, 0n, "task", new Uint8Array([1]));
  assertEquals(dueAt(draft, 2n).length, 1);
});
