import { assertEquals } from "@std/assert/equals.js";
import { type Operation, UNITS_PER_TOKEN } from "../../../ledger/chain/mod.ts";
import { accountOf, taskOf } from "../../../ledger/state/mod.ts";
import { addressOf, START, testChain } from "../chain/test_chain.ts";
import { mark, postTask, publishOffer, submitAndOpen, submitResult } from "../chain/test_task.ts";

const FREE = { feePerByte: 0n, feePerWeight: 0n, blockReward: 0n, recordDeposit: 0n };
const { reward } = postTask();

function fund(task: Uint8Array, amount: bigint): Operation {
  return { kind: "fund_task", task, amount };
}

Deno.test("anybody raises the reward of a task, which is paid in full to the provider", () => {
  const chain = testChain({ ...FREE, challengeBlocks: 5 });
  const task = chain.accept("alice", postTask());
  chain.accept("bob", fund(task, 7n));
  chain.accept("prov1", publishOffer());
  chain.accept("prov1", { kind: "accept_task", task });
  chain.accept("alice", fund(task, 5n));
  assertEquals(taskOf(chain.state(), task).reward, reward + 12n);
  submitAndOpen(chain, "prov1", task);
  chain.advance(10);
  const balance = (name: string) => accountOf(chain.state(), addressOf(name)).balance;
  assertEquals(taskOf(chain.state(), task).status, "done");
  assertEquals([balance("prov1"), balance("alice"), balance("bob")], [
    START + reward + 12n,
    START - reward - 5n,
    START - 7n,
  ]);
});

Deno.test("a raised reward makes a task worth a provider's while", () => {
  const chain = testChain(FREE);
  chain.accept("prov1", publishOffer({ minReward: reward + 1n }));
  const task = chain.accept("alice", postTask());
  chain.advance(3);
  assertEquals(taskOf(chain.state(), task).status, "open");
  chain.accept("bob", fund(task, 1n));
  assertEquals(taskOf(chain.state(), task).status, "assigned");
});

Deno.test("fund_task rejects nothing, more than there is, unknown tasks, and work that is done", () => {
  const chain = testChain(FREE);
  const task = chain.accept("alice", postTask());
  const code = (operation: Operation) => chain.send("bob", operation).code;
  assertEquals(code(fund(task, 0n)), "zero_amount");
  assertEquals(code(fund(mark("none"), 1n)), "unknown_task");
  // Of the collateral of 200 tokens a culprit can lose 120 for good.
  assertEquals(code(fund(task, 71n * UNITS_PER_TOKEN)), "collateral_too_small");
  const everything = chain.accept("alice", postTask({ collateral: 0n }));
  assertEquals(code(fund(everything, START + 1n)), "insufficient_balance");
  chain.accept("prov1", publishOffer());
  chain.accept("prov1", { kind: "accept_task", task });
  chain.accept("prov1", submitResult(task));
  assertEquals(code(fund(task, 1n)), "wrong_status");
});
