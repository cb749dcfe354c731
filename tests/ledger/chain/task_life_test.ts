import { assertEquals } from "@std/assert/equals.js";
import { accountOf, freeStake, offerOf, stakeOf, taskOf } from "../../../ledger/state/mod.ts";
import { UNITS_PER_TOKEN } from "../../../ledger/chain/mod.ts";
import { runQuery } from "../../../ledger/chain/mod.ts";
import { addressOf, STAKE, START, type TestChain, testChain } from "./test_chain.ts";
import { postTask, publishOffer, submitAndOpen } from "./test_task.ts";

const FREE = { feePerByte: 0n, feePerWeight: 0n, blockReward: 0n, recordDeposit: 0n };
const REWARD = 50n * UNITS_PER_TOKEN;
const COLLATERAL = 200n * UNITS_PER_TOKEN;

function balance(chain: TestChain, name: string): bigint {
  return accountOf(chain.state(), addressOf(name)).balance;
}

function providerStake(chain: TestChain, name: string) {
  return stakeOf(chain.state(), "provider", addressOf(name));
}

/** A chain with one offer and a task matched to it. */
function assigned(changes = {}): { chain: TestChain; task: Uint8Array } {
  const chain = testChain({ ...FREE, ...changes });
  chain.accept("prov1", publishOffer());
  const task = chain.accept("alice", postTask());
  assertEquals(taskOf(chain.state(), task).status, "assigned");
  return { chain, task };
}

Deno.test("a task is matched, accepted, computed, and paid when its challenge window has passed", () => {
  const { chain, task } = assigned();
  assertEquals(balance(chain, "alice"), START - REWARD);
  assertEquals(freeStake(providerStake(chain, "prov1")), STAKE - COLLATERAL);
  chain.accept("prov1", { kind: "accept_task", task });
  submitAndOpen(chain, "prov1", task);
  const openedAt = chain.height();
  // 40 blocks, and twice the one that the provider took.
  assertEquals(taskOf(chain.state(), task).deadline, openedAt + 42n);
  chain.advance(41);
  assertEquals(taskOf(chain.state(), task).status, "submitted");
  chain.advance(1);
  const done = taskOf(chain.state(), task);
  assertEquals(done.status, "done");
  assertEquals(done.thresholdMet, true);
  assertEquals(done.result?.metric, 95n);
  assertEquals(balance(chain, "prov1"), START + REWARD);
  assertEquals(providerStake(chain, "prov1").locked, 0n);
  const { completed, failed, used } = offerOf(chain.state(), addressOf("prov1"));
  assertEquals({ completed, failed, used }, { completed: 1, failed: 0, used: 0 });
  assertEquals(chain.kinds(task), [
    "task_posted",
    "task_assigned",
    "task_accepted",
    "result_submitted",
    "result_opened",
    "task_done",
  ]);
});

Deno.test("the longer the provider took, the longer challengers may: twice as long on top of the least window", () => {
  const { chain, task } = assigned();
  chain.accept("prov1", { kind: "accept_task", task });
  chain.advance(6);
  submitAndOpen(chain, "prov1", task);
  assertEquals(taskOf(chain.state(), task).deadline, chain.height() + 40n + 2n * 7n);
});

Deno.test("honest work is paid though the metric misses the threshold", () => {
  const { chain, task } = assigned();
  chain.accept("prov1", { kind: "accept_task", task });
  submitAndOpen(chain, "prov1", task, 40n);
  chain.advance(42);
  assertEquals(taskOf(chain.state(), task).thresholdMet, false);
  assertEquals(balance(chain, "prov1"), START + REWARD);
});

Deno.test("a task that nobody takes is refunded when its time is over", () => {
  const chain = testChain({ ...FREE, openBlocks: 5 });
  const task = chain.accept("alice", postTask());
  assertEquals(balance(chain, "alice"), START - REWARD);
  chain.advance(4);
  assertEquals(taskOf(chain.state(), task).status, "open");
  chain.advance(1);
  assertEquals(taskOf(chain.state(), task).status, "failed");
  assertEquals(balance(chain, "alice"), START);
});

Deno.test("a provider that does not answer an assignment loses it to the next, and nothing but reputation", () => {
  const { chain, task } = assigned({ acceptBlocks: 5 });
  chain.accept("prov2", publishOffer());
  chain.advance(5);
  const { status, provider, attempt, excluded } = taskOf(chain.state(), task);
  assertEquals({ status, provider, attempt }, {
    status: "assigned",
    provider: addressOf("prov2"),
    attempt: 2,
  });
  assertEquals(excluded, [addressOf("prov1")]);
  assertEquals(providerStake(chain, "prov1").amount, STAKE);
  assertEquals(providerStake(chain, "prov1").locked, 0n);
  assertEquals(offerOf(chain.state(), addressOf("prov1")).failed, 1);
});

Deno.test("a provider that declines is passed over without a mark", () => {
  const { chain, task } = assigned();
  chain.accept("prov2", publishOffer());
  chain.accept("prov1", { kind: "decline_task", task });
  assertEquals(taskOf(chain.state(), task).provider, addressOf("prov2"));
  assertEquals(offerOf(chain.state(), addressOf("prov1")).failed, 0);
});

Deno.test("a provider that accepts and never delivers loses a share of its collateral, burned, and the task moves on", () => {
  const { chain, task } = assigned({ absenceSlashPpm: 100_000 });
  chain.accept("prov2", publishOffer());
  chain.accept("prov1", { kind: "accept_task", task });
  chain.advance(10);
  assertEquals(taskOf(chain.state(), task).provider, addressOf("prov2"));
  assertEquals(providerStake(chain, "prov1").amount, STAKE - COLLATERAL / 10n);
  assertEquals(providerStake(chain, "prov1").locked, 0n);
  assertEquals(runQuery(chain.state(), "supply", null).burned, COLLATERAL / 10n);
  assertEquals(balance(chain, "alice"), START - REWARD);
});

Deno.test("a task fails and is refunded after its last attempt", () => {
  const { chain, task } = assigned({ acceptBlocks: 3, maxAttempts: 2 });
  chain.accept("prov2", publishOffer());
  chain.accept("prov3", publishOffer());
  chain.advance(8);
  assertEquals(taskOf(chain.state(), task).status, "failed");
  assertEquals(taskOf(chain.state(), task).attempt, 2);
  assertEquals(balance(chain, "alice"), START);
  assertEquals(runQuery(chain.state(), "tasks", { status: "open" }), []);
});

Deno.test("an open task can be cancelled, and the reward returns", () => {
  const chain = testChain(FREE);
  const task = chain.accept("alice", postTask());
  chain.accept("alice", { kind: "cancel_task", task });
  assertEquals(taskOf(chain.state(), task).status, "cancelled");
  assertEquals(balance(chain, "alice"), START);
  chain.accept("prov1", publishOffer());
  assertEquals(taskOf(chain.state(), task).status, "cancelled");
});

Deno.test("an offer leaves the market when no heartbeat keeps it valid", () => {
  const chain = testChain({ ...FREE, offerBlocks: 4 });
  chain.accept("prov1", publishOffer());
  chain.advance(2);
  chain.accept("prov1", { kind: "heartbeat" });
  chain.advance(3);
  assertEquals(runQuery(chain.state(), "offers", null).length, 1);
  chain.advance(2);
  assertEquals(runQuery(chain.state(), "offers", null), []);
  assertEquals(chain.send("prov1", { kind: "heartbeat" }).code, "no_offer");
  chain.accept("prov1", publishOffer());
  assertEquals(runQuery(chain.state(), "offers", null).length, 1);
});

Deno.test("released stake arrives after the unbonding time, and not before", () => {
  const chain = testChain({ ...FREE, unbondingBlocks: 6 });
  chain.accept("prov1", { kind: "unstake", role: "provider", amount: STAKE });
  chain.advance(5);
  assertEquals(balance(chain, "prov1"), START);
  chain.advance(1);
  assertEquals(balance(chain, "prov1"), START + STAKE);
  assertEquals(providerStake(chain, "prov1"), { amount: 0n, locked: 0n, unbonding: [], jailedUntil: 0n });
});
