import { assert } from "@std/assert/assert.js";
import { assertEquals } from "@std/assert/equals.js";
import { assertThrows } from "@std/assert/throws.js";
import {
  BlockError,
  type BlockResult,
  encodeTransaction,
  executeBlock,
  type Genesis,
  genesisState,
  recountSupply,
  signTransaction,
  UNITS_PER_TOKEN,
} from "../../../ledger/chain/mod.ts";
import { leaderOf, prepareValidators } from "../../../ledger/consensus/mod.ts";
import { type Address, equalBytes, hash, utf8 } from "../../../ledger/primitives/mod.ts";
import {
  accountOf,
  chainIds,
  createDraft,
  epochOf,
  heads,
  MAX_GAP,
  MAX_SLOTS_OWED,
  missedSlots,
  type Params,
  paramsInForce,
  slotDebtOf,
  stakeOf,
  type State,
  supplies,
  totals,
  type ValidatorSet,
  validatorSetOf,
  validatorsHash,
} from "../../../ledger/state/mod.ts";
import { addressOf, signerOf, STAKE, testGenesis } from "./test_chain.ts";

/** Seven validators of equal stake: two of them are less than a third, three are more. */
const SEVEN: ValidatorSet = {
  epoch: 3n,
  seed: hash("assay/test/slots"),
  validators: Array.from({ length: 7 }, (_, i) => ({
    address: hash("assay/test/validator", utf8(String(i))),
    stake: 10n,
    beaconKey: new Uint8Array(),
  })),
};

/** Leaders of the views `from` to `to`, drawn as consensus draws them. */
function leadersOf(set: ValidatorSet, from: bigint, to: bigint): readonly number[] {
  const validators = prepareValidators(set);
  return Array.from({ length: Number(to - from) + 1 }, (_, i) => leaderOf(validators, from + BigInt(i)));
}

/** The first gap whose views have `count` leaders in all: the view before it, and the view after it. */
function gapOf(set: ValidatorSet, count: number, length: bigint): readonly [before: bigint, after: bigint] {
  for (let first = 1n;; first++) {
    if (new Set(leadersOf(set, first, first + length - 1n)).size === count) {
      return [first - 1n, first + length];
    }
  }
}

Deno.test("each view between a block and its parent is a slot that the view's leader missed", () => {
  assertEquals(missedSlots(SEVEN, 4n, 5n), []);
  for (const [leaders, length] of [[1, 1n], [1, 2n], [2, 2n], [2, 3n]] as const) {
    const [before, after] = gapOf(SEVEN, leaders, length);
    const expected = new Map<number, bigint>();
    for (const leader of leadersOf(SEVEN, before + 1n, after - 1n)) {
      expected.set(leader, (expected.get(leader) ?? 0n) + 1n);
    }
    const found = missedSlots(SEVEN, before, after);
    assertEquals(
      found.map(({ address, count }) => [address, count]),
      [...expected].map(([leader, count]) => [SEVEN.validators[leader]?.address, count]),
    );
  }
});

Deno.test("a gap that needs a third of the stake to be absent, or that is very long, is nobody's fault", () => {
  const [before, after] = gapOf(SEVEN, 3, 3n);
  assertEquals(missedSlots(SEVEN, before, after), []);
  // With three equal validators already one is a third: the others cannot decide without it.
  const three = { ...SEVEN, validators: SEVEN.validators.slice(0, 3) };
  assertEquals(missedSlots(three, 4n, 6n), []);
  const four = { ...SEVEN, validators: SEVEN.validators.slice(0, 4) };
  assertEquals(missedSlots(four, 4n, 6n).length, 1);
  const start = performance.now();
  assertEquals(missedSlots(SEVEN, 1n, 1n << 60n), []);
  assertEquals(missedSlots(SEVEN, 0n, BigInt(MAX_GAP) + 1n), []);
  assert(performance.now() - start < 1_000);
});

const REWARD = UNITS_PER_TOKEN / 100n, PENALTY = 4n * REWARD;

const NAMES = ["val1", "val2", "val3", "prov1", "prov2"];

/** The test genesis with five validators of equal stake, so that each has less than a third. */
function genesisOfFive(changes: Partial<Params> = {}): Genesis {
  const genesis = testGenesis({ missedSlotPenalty: PENALTY, blockReward: REWARD, ...changes });
  return {
    ...genesis,
    stakes: NAMES.map((name) => ({ address: addressOf(name), role: "validator", amount: STAKE })),
    validators: NAMES.map((name) => ({ address: addressOf(name), beaconKey: new Uint8Array() })),
  };
}

function setAfter(state: State): ValidatorSet {
  const set = validatorSetOf(state, epochOf(paramsInForce.get(state), heads.get(state).height + 1n));
  if (set === undefined) throw new Error("The chain has no validators");
  return set;
}

/** A block on a state, by default in the view after its parent's; the supply is recounted. */
function blockOn(
  state: State,
  { proposer = addressOf("alice"), parentView = 500n, view = parentView + 1n }: {
    readonly proposer?: Address;
    readonly parentView?: bigint;
    readonly view?: bigint;
  } = {},
  transactions: readonly Uint8Array[] = [],
): BlockResult {
  const height = heads.get(state).height + 1n, set = setAfter(state);
  const header = {
    chainId: chainIds.get(state),
    epoch: set.epoch,
    view,
    height,
    parentView,
    proposer,
    validatorsHash: validatorsHash(set),
    beaconSignature: new Uint8Array(),
  };
  const result = executeBlock(state, { header, transactions });
  assertEquals(recountSupply(result.state), totals.get(result.state));
  return result;
}

/** A gap of one slot, and who missed it. */
function oneMissed(state: State) {
  const set = setAfter(state);
  const [parentView, view] = gapOf(set, 1, 1n);
  const [leader = 0] = leadersOf(set, parentView + 1n, parentView + 1n);
  return { gap: { parentView, view }, missing: set.validators[leader]?.address ?? new Uint8Array() };
}

Deno.test("a leader pays for missed slots out of what its next blocks earn, and the supply is conserved", () => {
  const start = genesisState(genesisOfFive());
  const { gap, missing } = oneMissed(start);
  const result = blockOn(start, gap);
  assertEquals(slotDebtOf(result.state, missing), PENALTY);
  const told = result.events.filter(({ kind }) => kind === "slots_missed");
  assertEquals(told.map(({ account, amount, detail }) => [account, amount, detail]), [[
    missing,
    PENALTY,
    "1",
  ]]);
  assertEquals(stakeOf(result.state, "validator", missing), stakeOf(start, "validator", missing));

  // Five blocks of its own: four pay the debt, the fifth is its own again.
  let { state } = result;
  const balances: bigint[] = [];
  const before = accountOf(state, missing).balance, burned = supplies.get(state).burned;
  for (let i = 0; i < 5; i++) {
    ({ state } = blockOn(state, { proposer: missing }));
    balances.push(accountOf(state, missing).balance - before);
  }
  assertEquals(balances, [0n, 0n, 0n, 0n, REWARD]);
  assertEquals(supplies.get(state).burned - burned, PENALTY);
  assertEquals(slotDebtOf(state, missing), 0n);
});

Deno.test("what a leader owes is bounded, however long it is away", () => {
  let state = genesisState(genesisOfFive());
  const { gap, missing } = oneMissed(state);
  for (let i = 0n; i < MAX_SLOTS_OWED + 5n; i++) ({ state } = blockOn(state, gap));
  assertEquals(slotDebtOf(state, missing), MAX_SLOTS_OWED * PENALTY);
});

Deno.test("a validator that leaves with a debt pays it from the stake that it withdraws", () => {
  const genesis = genesisOfFive({ unbondingBlocks: 5 });
  const start = genesisState(genesis);
  const { gap, missing } = oneMissed(start);
  const signer = NAMES.map(signerOf).find(({ address }) => equalBytes(address, missing));
  if (signer === undefined) throw new Error("Who missed the slot is one of the five");
  const leaving = encodeTransaction(signTransaction(signer, {
    chainId: chainIds.get(start),
    nonce: 0n,
    expiry: 100n,
    operation: { kind: "unstake", role: "validator", amount: STAKE },
  }));
  const first = blockOn(start, gap, [leaving]);
  assertEquals(first.receipts.map(({ ok }) => ok), [true]);
  let { state } = first;
  const balance = accountOf(state, missing).balance, burned = supplies.get(state).burned;
  for (let i = 0; i < 6; i++) ({ state } = blockOn(state));
  assertEquals(accountOf(state, missing).balance, balance + STAKE - PENALTY);
  assertEquals(supplies.get(state).burned - burned, PENALTY);
  assertEquals(slotDebtOf(state, missing), 0n);
});

Deno.test("with a penalty of nothing missed slots cost nothing, and a view must follow on its parent's", () => {
  // No genesis lets it through: the rule itself must bear it.
  const draft = createDraft(genesisState(genesisOfFive()));
  paramsInForce.put(draft, { ...paramsInForce.get(draft), missedSlotPenalty: 0n });
  const state = draft.commit();
  const { events } = blockOn(state, oneMissed(state).gap);
  assertEquals(events.filter(({ kind }) => kind === "slots_missed"), []);
  const { code } = assertThrows(() => blockOn(state, { parentView: 7n, view: 7n }), BlockError);
  assertEquals(code, "wrong_view");
});
