import { assertEquals } from "@std/assert/equals.js";
import { assertMatch } from "@std/assert/match.js";
import { assertThrows } from "@std/assert/throws.js";
import {
  chainIdOf,
  formatGenesis,
  type Genesis,
  GenesisError,
  genesisState,
  parseGenesis,
  recountSupply,
} from "../../../ledger/chain/mod.ts";
import { supplies, totals } from "../../../ledger/state/mod.ts";
import { addressOf, NAMES, STAKE, START, testGenesis } from "./test_chain.ts";

Deno.test("the genesis state holds exactly what the genesis gives", () => {
  const state = genesisState(testGenesis());
  const balances = START * BigInt(NAMES.length);
  const stakes = STAKE * BigInt(NAMES.length - 2);
  assertEquals(totals.get(state), { balances, stakes, escrows: 0n, bonds: 0n, pending: 0n });
  assertEquals(recountSupply(state), totals.get(state));
  assertEquals(supplies.get(state), { genesis: balances + stakes, issued: 0n, burned: 0n });
});

Deno.test("a genesis survives its JSON form, and anything in it changes the chain's id", () => {
  const genesis = testGenesis();
  const read = parseGenesis(formatGenesis(genesis));
  assertEquals(read, genesis);
  assertEquals(chainIdOf(read), chainIdOf(genesis));
  const other = { ...genesis, params: { ...genesis.params, blockReward: 1n } };
  assertEquals(chainIdOf(other).every((byte, i) => byte === chainIdOf(genesis)[i]), false);
});

Deno.test("a genesis file may leave out what has a default", () => {
  const address = "ab".repeat(32);
  const { symbol, decimals, params, validators } = parseGenesis(JSON.stringify({
    network: "home",
    params: { epochBlocks: 7, blockReward: "5" },
    accounts: [],
    stakes: [{ address, role: "validator", amount: "1000000000000" }],
    validators: [{ address }],
  }));
  assertEquals([symbol, decimals, params.epochBlocks, params.blockReward], ["AIGENSYN", 9, 7, 5n]);
  assertEquals(validators[0]?.beaconKey.length, 0);
});

function fieldRefused(act: () => unknown): unknown {
  const error = assertThrows(act, GenesisError);
  assertEquals(error.code, "bad_genesis");
  return error.fields.field;
}

Deno.test("a wrong field of a genesis file is named", () => {
  const good = JSON.parse(formatGenesis(testGenesis()));
  const cases: readonly [string, (json: typeof good) => void][] = [
    ["network", (json) => void delete json.network],
    ["genesis.extra", (json) => void (json.extra = 1)],
    ["decimals", (json) => void (json.decimals = -1)],
    ["params.blockReward", (json) => void (json.params.blockReward = 5)],
    ["params.epochBlocks", (json) => void (json.params.epochBlocks = "5")],
    ["params.unknown", (json) => void (json.params.unknown = 1)],
    ["accounts", (json) => void (json.accounts = {})],
    ["accounts[1].address", (json) => void (json.accounts[1].address = "xyz")],
    ["accounts[1].balance", (json) => void (json.accounts[1].balance = "1e9")],
    ["stakes[0].role", (json) => void (json.stakes[0].role = "king")],
    ["validators[0].beaconKey", (json) => void (json.validators[0].beaconKey = "0")],
    ["validators[0].beaconKey", (json) => void (json.validators[0].beaconKey = "00")],
  ];
  for (const [field, spoil] of cases) {
    const json = structuredClone(good);
    spoil(json);
    assertEquals(fieldRefused(() => parseGenesis(JSON.stringify(json))), field);
  }
  assertThrows(() => parseGenesis("{"), GenesisError, "not JSON");
});

Deno.test("a chain cannot start without validators, with doubled accounts, below minimum stakes or with senseless parameters", () => {
  const genesis = testGenesis();
  const refused = (changes: Partial<Genesis>) => fieldRefused(() => genesisState({ ...genesis, ...changes }));
  const params = (changes: Partial<Genesis["params"]>) => ({ params: { ...genesis.params, ...changes } });
  const [account] = genesis.accounts;
  const [stake] = genesis.stakes;
  const [validator] = genesis.validators;
  if (account === undefined || stake === undefined || validator === undefined) {
    throw new Error("empty genesis");
  }
  assertEquals(refused({ validators: [] }), "validators");
  assertEquals(refused({ validators: [validator, validator] }), "validators[1].address");
  assertEquals(
    refused({ validators: [{ ...validator, address: addressOf("alice") }] }),
    "validators[0].address",
  );
  assertEquals(refused({ accounts: [account, account] }), "accounts[1].address");
  assertEquals(refused({ accounts: [{ ...account, balance: 1n << 63n }] }), "accounts");
  assertEquals(refused({ stakes: [{ ...stake, amount: 1n }] }), "stakes[0].amount");
  assertEquals(refused({ stakes: [stake, stake] }), "stakes[1]");
  assertEquals(refused(params({ epochBlocks: 0 })), "params.epochBlocks");
  assertEquals(refused(params({ feeBurnPpm: 1_000_001 })), "params.feeBurnPpm");
  assertEquals(refused(params({ proverSharePpm: 500_001 })), "params.proverSharePpm");
  assertEquals(refused(params({ maxAttempts: 17 })), "params.maxAttempts");
  assertEquals(refused(params({ minProviderStake: 0n })), "params.minProviderStake");
  // Each within its bounds, and yet cheating would pay: the inequality is in the message.
  assertEquals(refused(params({ arbiterCount: 2 })), "params.arbiterCount");
  assertEquals(refused(params({ challengerBond: 0n })), "params.challengerBond");
  assertEquals(refused(params({ auditFaultPenalty: 0n })), "params.auditFaultPenalty");
  assertEquals(refused(params({ absenceSlashPpm: 0 })), "params.absenceSlashPpm");
  assertEquals(refused(params({ auditSharePpm: 499_999, auditorCount: 1 })), "params.auditSharePpm");
  genesisState({ ...genesis, ...params({ auditSharePpm: 0, auditorCount: 0 }) });
  const { message } = assertThrows(
    () => genesisState({ ...genesis, ...params({ arbiterCount: 2 }) }),
    GenesisError,
  );
  assertMatch(message, /one arbiter alone decides nothing\. This needs 2 >= 3/);
});
