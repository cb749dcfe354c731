import { assertEquals } from "@std/assert/equals.js";
import type { Operation } from "../../../ledger/chain/mod.ts";
import { UNITS_PER_TOKEN } from "../../../ledger/chain/mod.ts";
import { MAX_COMPUTE_BLOCKS, MAX_SEGMENTS, MIN_COMPUTE_BLOCKS } from "../../../ledger/ops/mod.ts";
import { type Program } from "../../../ledger/primitives/mod.ts";
import { heads, MAX_SLOTS } from "../../../ledger/state/mod.ts";
import { addressOf, STAKE, START, type TestChain, testChain } from "../chain/test_chain.ts";
import { mark, postTask, publishOffer, submitResult, testPhase, testProgram } from "../chain/test_task.ts";

const FREE = { feePerByte: 0n, feePerWeight: 0n, blockReward: 0n };

/**
 * Requires that an operation is rejected with a code, says why in a sentence, and leaves the state as an empty block would, but
 * for the sender's nonce.
 */
function rejects(chain: TestChain, name: string, operation: Operation, code: string): void {
  const before = chain.state();
  const receipt = chain.send(name, operation);
  assertEquals([receipt.ok, receipt.code], [false, code]);
  assertEquals(/^[A-Z].*\.$/.test(receipt.message ?? ""), true, `no sentence: ${receipt.message}`);
  const changed = Array.from(chain.state().entries())
    .filter(([key, value]) => {
      const old = before.get(key);
      return old === undefined || old.some((byte, i) => byte !== value[i]) || old.length !== value.length;
    })
    .map(([key]) => key[0]);
  assertEquals(changed.sort(), [2, 6], "only the head and one account may change");
  assertEquals(heads.get(chain.state()).height, heads.get(before).height + 1n);
}

Deno.test("transfer rejects nothing and more than there is", () => {
  const chain = testChain(FREE);
  const to = addressOf("bob");
  rejects(chain, "alice", { kind: "transfer", to, amount: 0n }, "zero_amount");
  rejects(chain, "alice", { kind: "transfer", to, amount: START + 1n }, "insufficient_balance");
  chain.accept("alice", { kind: "transfer", to, amount: START });
});

Deno.test("stake rejects nothing, more than there is, and less than the minimum", () => {
  const chain = testChain(FREE);
  const stake = (amount: bigint): Operation => ({ kind: "stake", role: "provider", amount });
  rejects(chain, "alice", stake(0n), "zero_amount");
  rejects(chain, "alice", stake(START + 1n), "insufficient_balance");
  rejects(chain, "alice", stake(100n * UNITS_PER_TOKEN - 1n), "below_minimum_stake");
  chain.accept("alice", stake(100n * UNITS_PER_TOKEN));
});

Deno.test("unstake rejects what is locked, a rest below the minimum, and too many releases", () => {
  const chain = testChain(FREE);
  const unstake = (amount: bigint): Operation => ({ kind: "unstake", role: "provider", amount });
  rejects(chain, "prov1", unstake(0n), "zero_amount");
  rejects(chain, "prov1", unstake(STAKE + 1n), "insufficient_free_stake");
  rejects(chain, "prov1", unstake(STAKE - 1n), "below_minimum_stake");
  chain.accept("prov1", publishOffer());
  chain.accept("alice", postTask());
  rejects(chain, "prov1", unstake(STAKE), "insufficient_free_stake");
  for (let i = 0; i < 32; i++) chain.accept("prov2", unstake(1n));
  rejects(chain, "prov2", unstake(1n), "too_many_unbondings");
});

Deno.test("publish_offer rejects an offer without engine or slots, and who has no provider stake", () => {
  const chain = testChain(FREE);
  rejects(chain, "prov1", publishOffer({ engines: [] }), "bad_offer");
  rejects(chain, "prov1", publishOffer({ engines: [""] }), "bad_offer");
  rejects(chain, "prov1", publishOffer({ slots: 0 }), "bad_offer");
  rejects(chain, "prov1", publishOffer({ slots: MAX_SLOTS + 1 }), "bad_offer");
  rejects(chain, "alice", publishOffer(), "not_a_provider");
});

Deno.test("withdraw_offer and heartbeat reject without an offer on the market", () => {
  const chain = testChain(FREE);
  rejects(chain, "prov1", { kind: "withdraw_offer" }, "no_offer");
  rejects(chain, "prov1", { kind: "heartbeat" }, "no_offer");
  chain.accept("prov1", publishOffer());
  chain.accept("prov1", { kind: "heartbeat" });
  chain.accept("prov1", { kind: "withdraw_offer" });
  rejects(chain, "prov1", { kind: "withdraw_offer" }, "no_offer");
});

Deno.test("post_task rejects what cannot be paid, done or measured", () => {
  const chain = testChain(FREE);
  rejects(chain, "alice", postTask({ reward: 0n }), "bad_task");
  rejects(chain, "alice", postTask({ reward: START + 1n }), "insufficient_balance");
  rejects(chain, "alice", postTask({ computeBlocks: MIN_COMPUTE_BLOCKS - 1 }), "bad_task");
  rejects(chain, "alice", postTask({ computeBlocks: MAX_COMPUTE_BLOCKS + 1 }), "bad_task");
  rejects(chain, "alice", postTask({ program: testProgram({ metric: null }) }), "bad_task");
});

Deno.test("post_task rejects a program that no run could follow", () => {
  const chain = testChain(FREE);
  const faults: readonly Partial<Program>[] = [
    { engine: "" },
    { phases: [] },
    { engine: "ort" }, // it trains, on an engine whose bits depend on the device
    { phases: [testPhase({ steps: 0 })] },
    { phases: [testPhase({ segmentSteps: 0 })] },
    { phases: [testPhase({ segmentSteps: 11 })] },
    { phases: [testPhase({ nodes: 0 })] },
    { phases: [testPhase({ outputs: 2 })] },
    { phases: [testPhase({ outputs: 0, mode: "map" })] },
    { phases: [testPhase({ batch: { rows: 10, size: 11, seed: null } })] },
    { phases: [testPhase({ batch: { rows: 10, size: 0, seed: null } })] },
    { phases: [testPhase({ steps: MAX_SEGMENTS + 1, segmentSteps: 1 })] },
    { metric: { name: "correct", index: 3, total: 100 } },
    { metric: { name: "correct", index: 2, total: 0 } },
    { phases: [testPhase(), testPhase({ mode: "map" })] },
  ];
  for (const changes of faults) {
    rejects(chain, "alice", postTask({ program: testProgram(changes) }), "bad_program");
  }
});

Deno.test("cancel_task rejects strangers, unknown tasks, and tasks that somebody works at", () => {
  const chain = testChain(FREE);
  const task = chain.accept("alice", postTask());
  rejects(chain, "alice", { kind: "cancel_task", task: mark("none") }, "unknown_task");
  rejects(chain, "bob", { kind: "cancel_task", task }, "not_the_requester");
  chain.accept("prov1", publishOffer());
  rejects(chain, "alice", { kind: "cancel_task", task }, "wrong_status");
});

Deno.test("accept_task and decline_task reject all but the assigned provider, once", () => {
  const chain = testChain(FREE);
  chain.accept("prov1", publishOffer());
  const task = chain.accept("alice", postTask());
  for (const kind of ["accept_task", "decline_task"] as const) {
    rejects(chain, "prov1", { kind, task: mark("none") }, "unknown_task");
    rejects(chain, "prov2", { kind, task }, "not_the_provider");
  }
  chain.accept("prov1", { kind: "accept_task", task });
  rejects(chain, "prov1", { kind: "accept_task", task }, "wrong_status");
  rejects(chain, "prov1", { kind: "decline_task", task }, "wrong_status");
});

Deno.test("submit_result rejects another's result, a segment that is not the last, and a metric that is not in the state", () => {
  const chain = testChain(FREE);
  chain.accept("prov1", publishOffer());
  const task = chain.accept("alice", postTask({ computeBlocks: 1000 }));
  const result = submitResult(task);
  rejects(chain, "prov1", result, "wrong_status");
  chain.accept("prov1", { kind: "accept_task", task });
  rejects(chain, "prov2", result, "not_the_provider");
  rejects(chain, "prov1", { ...result, task: mark("none") }, "unknown_task");
  rejects(chain, "prov1", { ...result, program: mark("other") }, "wrong_program");
  rejects(chain, "prov1", { ...result, runRoot: mark("other") }, "bad_segment_proof");
  const unsalted = { ...result.lastSegment, salt: mark("other") };
  rejects(chain, "prov1", { ...result, lastSegment: unsalted }, "bad_segment_proof");
  const { lastSegment, metric } = result;
  const early = { ...lastSegment, proof: { ...lastSegment.proof, index: 2 } };
  rejects(chain, "prov1", { ...result, lastSegment: early }, "bad_segment_proof");
  rejects(chain, "prov1", { ...result, metric: null }, "metric_mismatch");
  if (metric === null) throw new Error("the test's result has a metric");
  rejects(chain, "prov1", { ...result, metric: { ...metric, value: 96n } }, "bad_metric_proof");
  rejects(chain, "prov1", { ...result, metric: { ...metric, name: "bias" } }, "bad_metric_proof");
  rejects(chain, "prov1", { ...result, metric: { ...metric, value: 1n << 63n } }, "bad_metric_proof");
  const elsewhere = { ...metric.proof, index: 1 };
  rejects(chain, "prov1", { ...result, metric: { ...metric, proof: elsewhere } }, "bad_metric_proof");
  chain.accept("prov1", result);
});
