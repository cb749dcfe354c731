import { finaliseResult } from "../../../ledger/audits/mod.ts";
import { assertEquals } from "@std/assert/equals.js";
import { runQuery } from "../../../ledger/chain/mod.ts";
import {
  type BlockContext,
  createDraft,
  heads,
  noteDispute,
  paramsInForce,
  resumeChallengeWindow,
  stakeOf,
  State,
  taskDue,
  taskOf,
  voidResult,
} from "../../../ledger/state/mod.ts";
import { addressOf, STAKE, type TestChain, testChain } from "./test_chain.ts";
import {
  auditOf,
  mark,
  openOutputs,
  postTask,
  publishOffer,
  submitAndOpen,
  submitResult,
} from "./test_task.ts";

const FREE = { feePerByte: 0n, feePerWeight: 0n, blockReward: 0n };

function duties(chain: TestChain, name: string): readonly string[] {
  return runQuery(chain.state(), "duties", addressOf(name)).map(({ kind }) => kind);
}

/** A chain with a task of alice's in its challenge window. */
function submitted(changes = {}): { chain: TestChain; task: Uint8Array } {
  const chain = testChain({ ...FREE, ...changes });
  chain.accept("prov1", publishOffer());
  const task = chain.accept("alice", postTask());
  chain.accept("prov1", { kind: "accept_task", task });
  submitAndOpen(chain, "prov1", task);
  return { chain, task };
}

/** The context of the next block of a chain. */
function nextContext(chain: TestChain): BlockContext {
  const head = heads.get(chain.state());
  return {
    chainId: chain.chainId,
    head: { ...head, height: head.height + 1n },
    params: paramsInForce.get(chain.state()),
    emit: () => {},
  };
}

Deno.test("an actor that knows nothing finds in the state what it must do", () => {
  const chain = testChain(FREE);
  chain.accept("prov1", publishOffer());
  const task = chain.accept("alice", postTask());
  assertEquals(duties(chain, "prov1"), ["accept"]);
  assertEquals(duties(chain, "prov2"), []);
  chain.accept("prov1", { kind: "accept_task", task });
  assertEquals(duties(chain, "prov1"), ["compute"]);
  chain.accept("prov1", submitResult(task));
  assertEquals(duties(chain, "prov1"), [], "the beacon is awaited");
  chain.advance(2);
  assertEquals(duties(chain, "prov1"), ["audit"]);
  chain.accept("prov1", openOutputs(auditOf(chain, task)));
  assertEquals(duties(chain, "prov1"), []);
  chain.accept("chal1", { kind: "open_dispute", task });
  assertEquals(duties(chain, "prov1"), ["move"]);
  assertEquals(duties(chain, "chal1"), []);
  const [duty] = runQuery(chain.state(), "duties", addressOf("prov1"));
  assertEquals(duty?.kind === "move" ? duty.turn.kind : "none", "split");
  assertEquals(runQuery(chain.state(), "disputesOfTask", task).length, 1);
});

Deno.test("a state read back from its entries answers the same", () => {
  const { chain, task } = submitted();
  const restored = State.from(chain.state().entries());
  assertEquals(restored.root, chain.state().root);
  for (const name of ["head", "params", "supply", "offers"] as const) {
    assertEquals(runQuery(restored, name, null), runQuery(chain.state(), name, null));
  }
  assertEquals(runQuery(restored, "task", task), runQuery(chain.state(), "task", task));
});

Deno.test("answers can be cloned into a worker", () => {
  const { chain, task } = submitted();
  const state = chain.state();
  const answers = [
    runQuery(state, "tasks", {}),
    runQuery(state, "task", task),
    runQuery(state, "offers", null),
    runQuery(state, "validatorSet", null),
    runQuery(state, "stakes", addressOf("prov1")),
    runQuery(state, "explainMatch", task),
  ];
  assertEquals(structuredClone(answers), answers);
});

Deno.test("tasks are listed newest first, by status, in pages", () => {
  const chain = testChain(FREE);
  const ids = [1, 2, 3, 4].map(() => chain.accept("alice", postTask()));
  chain.accept("alice", { kind: "cancel_task", task: ids[1] ?? mark("none") });
  const numbers = (filter: Parameters<typeof runQuery<"tasks">>[2]) =>
    runQuery(chain.state(), "tasks", filter).map(({ number }) => number);
  assertEquals(numbers({}), [3n, 2n, 1n, 0n]);
  assertEquals(numbers({ status: "open" }), [3n, 2n, 0n]);
  assertEquals(numbers({ status: "cancelled" }), [1n]);
  assertEquals(numbers({ limit: 2 }), [3n, 2n]);
  assertEquals(numbers({ limit: 2, before: 2n }), [1n, 0n]);
  assertEquals(numbers({ status: "open", before: 3n }), [2n, 0n]);
});

Deno.test("what does not exist is undefined, and an unused account is empty", () => {
  const state = testChain(FREE).state();
  assertEquals(runQuery(state, "task", mark("none")), undefined);
  assertEquals(runQuery(state, "dispute", mark("none")), undefined);
  assertEquals(runQuery(state, "explainMatch", mark("none")), undefined);
  assertEquals(runQuery(state, "offer", addressOf("alice")), undefined);
  assertEquals(runQuery(state, "account", addressOf("nobody")), { balance: 0n, nonce: 0n });
});

Deno.test("a dispute stops the challenge window, which afterwards goes on with what was left", () => {
  const { chain, task } = submitted();
  chain.advance(10);
  const context = nextContext(chain);
  const draft = createDraft(chain.state());
  const left = Number(taskOf(draft, task).deadline - context.head.height);
  noteDispute(draft, context, task, mark("dispute"));
  assertEquals(taskOf(draft, task).deadline, 0n);
  const later = { ...context, head: { ...context.head, height: context.head.height + 1_000n } };
  taskDue(draft, later, task, finaliseResult);
  assertEquals(taskOf(draft, task).status, "disputed", "a reminder from before the dispute does nothing");
  resumeChallengeWindow(draft, later, task);
  assertEquals(taskOf(draft, task).deadline, later.head.height + BigInt(left));
  assertEquals(taskOf(draft, task).disputes, 1);
});

Deno.test("a voided result opens the task again without its culprit, whose lock and slot are free", () => {
  const { chain, task } = submitted();
  const context = nextContext(chain);
  const draft = createDraft(chain.state());
  noteDispute(draft, context, task, mark("dispute"));
  voidResult(draft, context, task, addressOf("prov1"));
  const { status, result, provider, excluded } = taskOf(draft, task);
  assertEquals([status, result, provider, excluded], ["open", null, null, [addressOf("prov1")]]);
  assertEquals(stakeOf(draft, "provider", addressOf("prov1")), {
    amount: STAKE,
    locked: 0n,
    unbonding: [],
    jailedUntil: 0n,
  });
  const offer = runQuery(draft.commit(), "offer", addressOf("prov1"));
  assertEquals([offer?.used, offer?.failed], [0, 1]);
});

Deno.test("a silent provider loses its dispute by the clock alone, and the task is refunded or done by another", () => {
  const { chain, task } = submitted({ roundBlocks: 4, maxAttempts: 1 });
  chain.accept("chal1", { kind: "open_dispute", task });
  chain.advance(4);
  assertEquals(taskOf(chain.state(), task).status, "failed");
  assertEquals(runQuery(chain.state(), "offer", addressOf("prov1"))?.failed, 1);
});
