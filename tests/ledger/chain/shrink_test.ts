import { assert } from "@std/assert/assert.js";
import { assertEquals } from "@std/assert/equals.js";
import { runQuery } from "../../../ledger/chain/mod.ts";
import { Dispute } from "../../../ledger/disputes/mod.ts";
import { encode, hash } from "../../../ledger/primitives/mod.ts";
import { accountOf, type Params, type State, Task } from "../../../ledger/state/mod.ts";
import { addressOf, START, type TestChain, testChain } from "./test_chain.ts";
import { postTask, publishOffer, submitAndOpen } from "./test_task.ts";

const DEPOSIT = 1_000n, KEPT = 30;
const CHANGES: Partial<Params> = {
  feePerByte: 0n,
  feePerWeight: 0n,
  blockReward: 0n,
  recordDeposit: DEPOSIT,
  recordBlocks: KEPT,
  challengeBlocks: 5,
  roundBlocks: 5,
  openBlocks: KEPT / 2, // the reminder of a deadline that a task never came to fires before its record shrinks
};

const balance = (chain: TestChain, name: string) => accountOf(chain.state(), addressOf(name)).balance;

/** Bytes of all entries of a state. */
function sizeOf(state: State): number {
  return [...state.entries()].reduce((sum, [key, value]) => sum + key.length + value.length, 0);
}

Deno.test("a task's record costs a deposit, stays whole for a while after its end, then shrinks to its hash, and the deposit returns", () => {
  const chain = testChain(CHANGES);
  const task = chain.accept("alice", postTask());
  chain.accept("alice", { kind: "cancel_task", task });
  assertEquals(balance(chain, "alice"), START - DEPOSIT);
  const whole = runQuery(chain.state(), "task", task);
  assert(whole !== undefined);
  chain.advance(KEPT - 1);
  assertEquals(runQuery(chain.state(), "task", task), whole);
  assertEquals(runQuery(chain.state(), "shrunkRecord", task), undefined);
  chain.advance(1);
  assertEquals(runQuery(chain.state(), "task", task), undefined);
  const kept = whole === undefined ? undefined : hash("assay/record/Task", encode(Task, whole));
  assertEquals(runQuery(chain.state(), "shrunkRecord", task), kept);
  assertEquals(balance(chain, "alice"), START);
  assertEquals(chain.kinds(task).at(-1), "record_shrunk");
  assertEquals(runQuery(chain.state(), "tasks", {}), []);
});

Deno.test("the records of a task's disputes shrink with it, and nobody can act on either any more", () => {
  const chain = testChain(CHANGES);
  chain.accept("prov1", publishOffer());
  const task = chain.accept("alice", postTask());
  chain.accept("prov1", { kind: "accept_task", task });
  submitAndOpen(chain, "prov1", task);
  const dispute = chain.accept("chal1", { kind: "open_dispute", task });
  let whole = runQuery(chain.state(), "dispute", dispute);
  for (let i = 0; i < 300 && runQuery(chain.state(), "task", task) !== undefined; i++) {
    whole = runQuery(chain.state(), "dispute", dispute);
    chain.advance(1);
  }
  assertEquals(whole?.stage.kind, "closed");
  const kept = whole === undefined ? undefined : hash("assay/record/Dispute", encode(Dispute, whole));
  assertEquals(runQuery(chain.state(), "dispute", dispute), undefined);
  assertEquals(runQuery(chain.state(), "shrunkRecord", dispute), kept);
  assertEquals(chain.send("alice", { kind: "cancel_task", task }).code, "unknown_task");
  assertEquals(chain.send("chal1", { kind: "open_dispute", task }).code, "unknown_task");
  assertEquals(
    chain.send("chal1", { kind: "dispute_choose", dispute, index: 0, own: dispute }).code,
    "unknown_dispute",
  );
});

Deno.test("a task that ended long ago leaves less than a tenth of its record in the state", () => {
  const chain = testChain(CHANGES), before = sizeOf(chain.state());
  const tasks = Array.from({ length: 10 }, () => chain.accept("alice", postTask()));
  for (const task of tasks) chain.accept("alice", { kind: "cancel_task", task });
  const whole = sizeOf(chain.state()) - before;
  chain.advance(KEPT + 1);
  const left = sizeOf(chain.state()) - before;
  assert(left < whole / 10, `${left} of ${whole} bytes`);
});

Deno.test("who cannot pay the deposit on top of the reward posts nothing", () => {
  const chain = testChain(CHANGES);
  assertEquals(chain.send("alice", postTask({ reward: START - DEPOSIT + 1n })).code, "insufficient_balance");
  chain.accept("alice", postTask({ reward: START - DEPOSIT }));
  assertEquals(balance(chain, "alice"), 0n);
});
