import { assert } from "@std/assert/assert.js";
import { assertEquals } from "@std/assert/equals.js";
import { assertNotEquals } from "@std/assert/not_equals.js";
import { chainIdOf, genesisState } from "../../ledger/chain/mod.ts";
import { verifyEquivocation } from "../../ledger/consensus/mod.ts";
import { bytesToHex } from "../../ledger/primitives/mod.ts";
import { encodeMessage } from "../../ledger/node/mod.ts";
import { accountOf, validatorSetOf } from "../../ledger/state/mod.ts";
import type { BatchFate } from "../../ledger/store/mod.ts";
import {
  createNetwork,
  makeCheckers,
  makeDice,
  type NetworkOptions,
  type SimulatedNetwork,
  soundDisk,
} from "../../tools/simulation/mod.ts";
import { TEST_TIMING, testBook, testGenesis, testSigner, testTransfer } from "./chain_fixture.ts";

const names = (count: number) => Array.from({ length: count }, (_, i) => `v${i}`);

function checkedNetwork(options: NetworkOptions, dishonest: readonly string[] = []) {
  const { genesis } = options;
  const byzantine = new Set(dishonest.map((name) => bytesToHex(testSigner(name).address)));
  const isHonest = (name: string) => !dishonest.some((other) => name.endsWith(other));
  const checkers = makeCheckers({ genesis, book: testBook, byzantine, isHonest });
  return { checkers, network: createNetwork({ ...options, watchers: checkers.watchers }) };
}

function validatorsNetwork(count: number, options: Partial<NetworkOptions> = {}, epochBlocks = 200) {
  const signers = names(count).map(testSigner);
  const genesis = testGenesis(signers, undefined, { epochBlocks });
  const { network, checkers } = checkedNetwork({ seed: 1, genesis, timing: TEST_TIMING, ...options });
  for (const name of names(count)) network.add({ name, signer: testSigner(name) });
  return { network, genesis, checkers };
}

function reach(network: SimulatedNetwork, all: readonly string[], height: bigint, limitMs = 60_000): void {
  network.runUntil(
    () => all.every((name) => network.heightOf(name) >= height),
    limitMs,
    `${all.join(", ")} reach height ${height}`,
  );
}

/** Timeouts for delays of 50 ms and idle blocks of a second. */
const SLOW = { leaderMs: 2_000, advanceMs: 3_000, retryMs: 3_000, maxMs: 10_000 };

function nonceOf(network: SimulatedNetwork, name: string, address: Uint8Array): bigint {
  const state = network.nodes.get(name)?.replica?.head.state;
  return state === undefined ? 0n : accountOf(state, address).nonce;
}

/** Runs until some node has been asked to build, and returns its name. */
function leaderNow(network: SimulatedNetwork, count: number): string {
  const leader = () => names(count).find((name) => network.nodes.get(name)?.replica?.building !== undefined);
  network.runUntil(() => leader() !== undefined, 5_000, "somebody leads");
  return leader() ?? "";
}

for (const count of [1, 4, 7]) {
  Deno.test(`${count} validators finalize blocks and agree`, () => {
    const { network } = validatorsNetwork(count);
    reach(network, names(count), 10n);
    assertEquals(network.penalties, []);
  });
}

Deno.test("transactions are finalized with their effect on every node, in nonce order", () => {
  const { network, genesis } = validatorsNetwork(4);
  const sender = testSigner("v0");
  const ids = [2n, 0n, 1n].map((nonce) => network.submit("v1", testTransfer(genesis, sender, nonce)));
  network.runUntil(
    () => names(4).every((name) => nonceOf(network, name, sender.address) === 3n),
    5_000,
    "three transfers are final everywhere",
  );
  assertEquals(ids.map((id) => network.outcomes.get(id)), ["submitted", "submitted", "submitted"]);
});

Deno.test("a block is final three one-way delays after its proposal", () => {
  const { network, genesis } = validatorsNetwork(4, {
    weather: { delayMs: [50, 50] },
    timing: { ...TEST_TIMING, blockIntervalMs: 1_000, timeouts: { ...SLOW } },
  });
  const sender = testSigner("v0");
  reach(network, names(4), 3n);
  const leader = leaderNow(network, 4);
  const submitted = network.now;
  network.submit(leader, testTransfer(genesis, sender, 0n));
  network.runUntil(() => nonceOf(network, leader, sender.address) === 1n, 5_000, "the transfer is final");
  assertEquals(Math.round(network.now - submitted), 150);
});

Deno.test("whoever is given a transaction, it is final four one-way delays later: one to the leader, three of the block", () => {
  const { network, genesis } = validatorsNetwork(4, {
    weather: { delayMs: [50, 50] },
    timing: { ...TEST_TIMING, gatherMs: 20, blockIntervalMs: 1_000, timeouts: { ...SLOW } },
  });
  const sender = testSigner("v0");
  reach(network, names(4), 3n);
  for (const nonce of [0n, 1n, 2n]) {
    const leader = leaderNow(network, 4);
    network.run(100); // an idle leader has waited for others to gather
    const given = names(4).find((name) => name !== leader) ?? "", submitted = network.now;
    network.submit(given, testTransfer(genesis, sender, nonce));
    network.runUntil(
      () => nonceOf(network, given, sender.address) === nonce + 1n,
      5_000,
      "the transfer is final",
    );
    assertEquals(Math.round(network.now - submitted), 200);
  }
});

Deno.test("a crashed validator costs its own views only, and catches up when it returns", () => {
  const { network } = validatorsNetwork(4);
  reach(network, names(4), 5n);
  network.crash("v2");
  reach(network, ["v0", "v1", "v3"], 25n);
  network.start("v2");
  reach(network, names(4), network.heightOf("v0") + 5n);
});

Deno.test("a fifth of all messages lost and some duplicated: still live, still one chain", () => {
  for (const seed of [1, 2]) {
    const { network } = validatorsNetwork(4, {
      seed,
      weather: { delayMs: [5, 40], loss: 0.2, duplication: 0.1 },
    });
    reach(network, names(4), 30n, 120_000);
  }
});

Deno.test("a partition without a quorum on either side stops finality, and healing resumes it", () => {
  const { network } = validatorsNetwork(4);
  reach(network, names(4), 5n);
  network.weather.partition = new Map([["v0", 0], ["v1", 0], ["v2", 1], ["v3", 1]]);
  network.run(500);
  const stuckAt = names(4).map((name) => network.heightOf(name));
  network.run(10_000);
  assertEquals(names(4).map((name) => network.heightOf(name)), stuckAt);
  network.weather.partition = new Map();
  reach(network, names(4), 30n);
});

Deno.test("a validator cut off for two epochs catches up in ranges", () => {
  const { network } = validatorsNetwork(4, {}, 25);
  network.weather.partition = new Map([["v3", 1], ["v0", 0], ["v1", 0], ["v2", 0]]);
  reach(network, ["v0", "v1", "v2"], 70n, 120_000);
  assertEquals(network.heightOf("v3"), 0n);
  network.weather.partition = new Map();
  reach(network, names(4), 75n);
});

Deno.test("epochs pass: the boundary block is final before the next epoch begins, under loss too", () => {
  const { network } = validatorsNetwork(4, { seed: 5, weather: { delayMs: [5, 30], loss: 0.1 } }, 7);
  reach(network, names(4), 36n, 120_000);
});

Deno.test("twins that share a key are caught with evidence, and honest nodes agree", () => {
  const signers = names(4).map(testSigner);
  const twin = testSigner("v3");
  const genesis = testGenesis(signers);
  const { network } = checkedNetwork(
    { seed: 3, genesis, timing: TEST_TIMING, weather: { delayMs: [5, 40] } },
    [
      "v3",
    ],
  );
  for (const name of names(4)) network.add({ name, signer: testSigner(name) });
  network.add({ name: "twin of v3", signer: twin });
  const set = validatorSetOf(genesisState(genesis), 0n);
  for (let nonce = 0n; nonce < 12n; nonce++) {
    // What only one twin knows makes its blocks differ from the other's.
    const transactions = [testTransfer(genesis, testSigner("v0"), nonce)];
    network.inject("twin of v3", "stranger", encodeMessage({ kind: "transactions", transactions }));
    network.run(100);
  }
  reach(network, ["v0", "v1", "v2"], network.heightOf("v0") + 10n);
  assert(network.evidence.length > 0);
  for (const { first, second } of network.evidence) {
    const proven = set === undefined ? undefined : verifyEquivocation(chainIdOf(genesis), first, second, set);
    assertEquals(proven?.offender, twin.address);
  }
});

Deno.test("validators that crash at any write, losing or keeping it, never vote twice and go on", () => {
  for (const seed of [11, 12]) {
    const signers = names(4).map(testSigner);
    const dice = makeDice(seed);
    let isCalm = false;
    const fate = (): BatchFate => {
      if (isCalm || dice.chance(0.97)) return "commit";
      return dice.chance(0.5) ? "lose" : "commit_unacknowledged";
    };
    const { network } = checkedNetwork({
      seed,
      genesis: testGenesis(signers, undefined, { epochBlocks: 20 }),
      timing: TEST_TIMING,
      snapshotEvery: 10n,
      weather: { delayMs: [5, 20], loss: 0.05 },
    });
    for (const name of names(4)) network.add({ name, signer: testSigner(name), disk: soundDisk({ fate }) });
    for (let round = 0; round < 25; round++) {
      network.run(300);
      for (const [name, node] of network.nodes) if (node.replica === undefined) network.start(name);
    }
    const crashes = [...network.nodes.values()].reduce((sum, { life }) => sum + life - 1, 0);
    assert(crashes > 5, `only ${crashes} crashes`);
    isCalm = true;
    for (const [name, node] of network.nodes) if (node.replica === undefined) network.start(name);
    reach(network, names(4), network.heightOf("v0") + 20n);
  }
});

Deno.test("the whole network crashes at once and goes on from what was final", () => {
  const { network } = validatorsNetwork(4);
  reach(network, names(4), 12n);
  const before = names(4).map((name) => network.heightOf(name));
  for (const name of names(4)) network.crash(name);
  network.run(1_000);
  for (const name of names(4)) network.start(name);
  assertEquals(names(4).map((name) => network.heightOf(name)), before);
  reach(network, names(4), 25n);
});

Deno.test("a follower keeps up, one that starts late catches up over several ranges, and one without luck polls", () => {
  const { network } = validatorsNetwork(4, { weather: { loss: 0.2 } }, 40);
  network.add({ name: "follower" });
  reach(network, [...names(4), "follower"], 60n, 120_000);
  network.add({ name: "late follower" });
  reach(network, ["late follower"], 65n);
});

Deno.test("unequal stake decides: two of four validators with most of it are a quorum", () => {
  const signers = names(4).map(testSigner);
  const { network } = checkedNetwork({
    seed: 9,
    genesis: testGenesis(signers, [10n, 10n, 1n, 1n]),
    timing: TEST_TIMING,
  });
  for (const name of names(4)) network.add({ name, signer: testSigner(name) });
  network.crash("v2");
  network.crash("v3");
  reach(network, ["v0", "v1"], 20n);
});

Deno.test("the same seed gives the same history, another seed another", () => {
  const history = (seed: number) => {
    const { network, checkers } = validatorsNetwork(4, { seed, weather: { delayMs: [5, 40], loss: 0.1 } });
    network.run(5_000);
    return [...checkers.agreement.chain.values()].join() + network.traffic.bytes;
  };
  assertEquals(history(7), history(7));
  assertNotEquals(history(7), history(8));
});
