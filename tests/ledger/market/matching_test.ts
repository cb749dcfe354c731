import { assertEquals } from "@std/assert/equals.js";
import { runQuery, UNITS_PER_TOKEN } from "../../../ledger/chain/mod.ts";
import { MATCHES_PER_BLOCK } from "../../../ledger/market/mod.ts";
import { formatAddress } from "../../../ledger/primitives/mod.ts";
import { changeOffer, createDraft, offerOf, reputationPpm, taskOf } from "../../../ledger/state/mod.ts";
import { bestMatch } from "../../../ledger/market/mod.ts";
import { addressOf, STAKE, type TestChain, testChain } from "../chain/test_chain.ts";
import { mark, postTask, publishOffer, testProgram } from "../chain/test_task.ts";

const FREE = { feePerByte: 0n, feePerWeight: 0n, blockReward: 0n };

function providerOf(chain: TestChain, task: Uint8Array): string | null {
  const { provider } = taskOf(chain.state(), task);
  return provider === null ? null : formatAddress(provider);
}

function refusals(chain: TestChain, task: Uint8Array): Record<string, string | null> {
  const explained = runQuery(chain.state(), "explainMatch", task) ?? [];
  return Object.fromEntries(explained.map(({ provider, refusal }) => [formatAddress(provider), refusal]));
}

Deno.test("every requirement that an offer misses is named, and keeps it from the task", () => {
  const cases = [
    ["engine_missing", publishOffer({ engines: ["repops"] }), postTask()],
    ["too_little_memory", publishOffer({ memoryMiB: 511 }), postTask()],
    ["reward_too_low", publishOffer({ minReward: 50n * UNITS_PER_TOKEN + 1n }), postTask()],
    ["stake_does_not_cover_collateral", publishOffer(), postTask({ collateral: STAKE + 1n })],
  ] as const;
  for (const [refusal, offer, operation] of cases) {
    const chain = testChain(FREE);
    chain.accept("prov1", offer);
    const task = chain.accept("alice", operation);
    assertEquals(taskOf(chain.state(), task).status, "open");
    assertEquals(refusals(chain, task), { [formatAddress(addressOf("prov1"))]: refusal });
  }
});

Deno.test("a provider gets no task of its own, none it failed, none beyond its slots, none after its stake is gone", () => {
  const chain = testChain({ ...FREE, acceptBlocks: 3 });
  const name = formatAddress(addressOf("prov1"));
  chain.accept("prov1", publishOffer({ slots: 1 }));
  const own = chain.accept("prov1", postTask());
  assertEquals(refusals(chain, own), { [name]: "own_task" });
  const first = chain.accept("alice", postTask());
  const second = chain.accept("alice", postTask());
  assertEquals(providerOf(chain, first), name);
  assertEquals(refusals(chain, second), { [name]: "no_free_slot" });
  chain.advance(2);
  assertEquals(refusals(chain, first), { [name]: "excluded" });
  assertEquals(providerOf(chain, second), name);
  chain.advance(3);
  chain.accept("prov1", { kind: "unstake", role: "provider", amount: STAKE });
  const third = chain.accept("alice", postTask());
  assertEquals(refusals(chain, third), { [name]: "not_staked" });
});

Deno.test("the cheapest offer wins, then the better reputation, then the draw", () => {
  const chain = testChain(FREE);
  for (const name of ["prov1", "prov2", "prov3"]) chain.accept(name, publishOffer());
  const context = {
    head: runQuery(chain.state(), "head", null),
    params: runQuery(chain.state(), "params", null),
  };
  const cheap = chain.accept("alice", postTask({ program: testProgram({ engine: "none" }) }));
  const draft = createDraft(chain.state());
  const task = { ...taskOf(draft, cheap), program: testProgram() };
  const winners = (beacons: number) =>
    new Set(Array.from({ length: beacons }, (_, n) => {
      const winner = bestMatch(draft, context, task, mark(`beacon ${n}`));
      return winner === undefined ? "nobody" : formatAddress(winner);
    }));
  assertEquals(winners(40).size, 3, "equals are drawn by the beacon");
  changeOffer(draft, addressOf("prov2"), () => ({ completed: 1 }));
  changeOffer(draft, addressOf("prov3"), () => ({ failed: 1 }));
  assertEquals(winners(10), new Set([formatAddress(addressOf("prov2"))]));
  changeOffer(draft, addressOf("prov3"), () => ({ minReward: 0n }));
  assertEquals(winners(10), new Set([formatAddress(addressOf("prov3"))]));
});

Deno.test("reputation is the rule of succession", () => {
  assertEquals(reputationPpm({ completed: 0, failed: 0 }), 500_000);
  assertEquals(reputationPpm({ completed: 8, failed: 0 }), 900_000);
  assertEquals(reputationPpm({ completed: 0, failed: 8 }), 100_000);
});

Deno.test("tasks that nobody can do do not stand in the way of others", () => {
  const chain = testChain(FREE);
  const impossible = postTask({ program: testProgram({ engine: "none" }) });
  for (let n = 0; n < MATCHES_PER_BLOCK + 4; n++) chain.accept("alice", impossible);
  const task = chain.accept("bob", postTask());
  chain.accept("prov1", publishOffer());
  chain.advance(2);
  assertEquals(providerOf(chain, task), formatAddress(addressOf("prov1")));
});

Deno.test("older tasks go first", () => {
  const chain = testChain(FREE);
  const tasks = [1, 2, 3].map(() => chain.accept("alice", postTask()));
  chain.accept("prov1", publishOffer({ slots: 2 }));
  assertEquals(tasks.map((task) => taskOf(chain.state(), task).status), ["assigned", "assigned", "open"]);
  assertEquals(offerOf(chain.state(), addressOf("prov1")).used, 2);
});
