import { assertEquals } from "@std/assert/equals.js";
import { executeBlock } from "../../../ledger/chain/mod.ts";
import { heads, type State, taskOf } from "../../../ledger/state/mod.ts";
import { addressOf, testChain } from "./test_chain.ts";
import { postTask } from "./test_task.ts";

const OPEN = 10, CHANGES = { openBlocks: OPEN, leastLeaders: 3 };

/** A chain whose task falls due after ten more blocks, and the height at which it does if these lead in turn. */
function dueHeight(leaders: readonly string[], changes = {}): bigint {
  const chain = testChain({ ...CHANGES, ...changes });
  const task = chain.accept("alice", postTask());
  const posted = chain.height();
  let state: State = chain.state();
  while (taskOf(state, task).status === "open") {
    const height = heads.get(state).height + 1n;
    const leader = leaders[Number(height) % leaders.length] ?? "";
    const header = { ...chain.header(), height, view: height, proposer: addressOf(leader) };
    state = executeBlock(state, { header, transactions: [] }).state;
  }
  return heads.get(state).height - posted;
}

Deno.test("a deadline passes after its blocks if enough leaders made them", () => {
  assertEquals(dueHeight(["val1", "val2", "val3"]), BigInt(OPEN));
});

Deno.test("a deadline waits while one leader or two make all blocks, but not for ever", () => {
  assertEquals(dueHeight(["val1"]), BigInt(OPEN) + 64n);
  assertEquals(dueHeight(["val1", "val2"]), BigInt(OPEN) + 64n);
});

Deno.test("a deadline waits for no more leaders than it is told to", () => {
  assertEquals(dueHeight(["val1"], { leastLeaders: 1 }), BigInt(OPEN));
  assertEquals(dueHeight(["val1", "val2"], { leastLeaders: 2 }), BigInt(OPEN));
});
