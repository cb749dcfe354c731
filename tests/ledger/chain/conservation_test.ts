import { assert } from "@std/assert/assert.js";
import { assertEquals } from "@std/assert/equals.js";
import fc from "fast-check";
import { type Operation, type Receipt, runQuery } from "../../../ledger/chain/mod.ts";
import { signVote } from "../../../ledger/consensus/votes.ts";
import {
  activeTasks,
  assignmentsOf,
  freeStake,
  isFinal,
  offers,
  openTasks,
  ROLES,
  stakes,
  supplies,
  taskOf,
  tasks,
  type TaskStatus,
} from "../../../ledger/state/mod.ts";
import { addressOf, NAMES, signerOf, STAKE, START, type TestChain, testChain } from "./test_chain.ts";
import {
  type ChunkProof,
  type Demand,
  type DemandedBlob,
  proveChunk,
} from "../../../ledger/availability/mod.ts";
import { blobRoot, utf8 } from "../../../ledger/primitives/mod.ts";
import { auditCommitment, leavesOwn, ownSegmentInput, provenOwnSegment } from "../../../ledger/audits/mod.ts";
import {
  mark,
  openInputs,
  openOutputs,
  postTask,
  publishOffer,
  segmentRoots,
  submitResult,
  testProgram,
} from "./test_task.ts";

/** Blocks within which every task must have ended: three attempts through all windows below, each disputed. */
const LONGEST_LIFE = 450;

/** One thing somebody tries: often senseless, which the ledger must bear. */
interface Attempt {
  readonly who: number;
  readonly act: number;
  readonly which: number;
  readonly amount: bigint;
  /** 0: tried by anybody, instead of the account that can. */
  readonly stranger: number;
  readonly wait: number;
}

const attempt: fc.Arbitrary<Attempt> = fc.record({
  who: fc.noBias(fc.nat(NAMES.length - 1)),
  act: fc.noBias(fc.nat(26)),
  which: fc.noBias(fc.nat(5)),
  stranger: fc.noBias(fc.nat(9)),
  amount: fc.oneof(
    fc.bigInt(0n, 2n * START),
    fc.bigInt(0n, 3_000_000_000_000n),
    fc.bigInt(0n, 500_000_000_000n),
  ),
  wait: fc.constantFrom(0, 0, 0, 1, 3),
});

function votes(chain: TestChain, which: number): Operation {
  const address = addressOf(`val${which % 3 + 1}`);
  const set = runQuery(chain.state(), "validatorSet", 0n)?.validators ?? [];
  const index = set.findIndex((member) => member.address.every((byte, i) => byte === address[i]));
  const signed = ["one", "two"].map((block) => {
    const proposal = { epoch: 0n, view: 1n, parentView: 0n, height: 1n, block: mark(block) };
    return signVote(signerOf(`val${which % 3 + 1}`), chain.chainId, Math.max(index, 0), {
      kind: "notarize",
      proposal,
    });
  });
  const [first, second] = signed;
  if (first === undefined || second === undefined) throw new Error("two votes were signed");
  return { kind: "report_equivocation", first, second };
}

/** A task, in the status if there is one so, else any, else an id that does not exist. */
function someTask(chain: TestChain, which: number, status: TaskStatus): Uint8Array {
  const fitting = runQuery(chain.state(), "tasks", { status });
  const choice = fitting.length > 0 ? fitting : runQuery(chain.state(), "tasks", {});
  return choice[which % Math.max(choice.length, 1)]?.id ?? mark("none");
}

/** The proof of the challenger's own segment; null where there is none. */
function ownProof(chain: TestChain, task: Uint8Array): Uint8Array | null {
  const audit = runQuery(chain.state(), "audit", task), known = runQuery(chain.state(), "task", task);
  const result = known?.result ?? null;
  if (audit === undefined || result === null || !leavesOwn(audit, testProgram())) return null;
  const { attempt, beacon } = audit, { runRoot } = result, auditor = addressOf("chal1");
  return signerOf("chal1").prove(
    ownSegmentInput({ chainId: chain.chainId, beacon, task, attempt, runRoot, auditor }),
  );
}

/** What the audit of a task asks for; a commitment, if nothing is audited. */
function auditMove(chain: TestChain, task: Uint8Array): Operation {
  const audit = runQuery(chain.state(), "audit", task);
  const nonce = mark("nonce"), auditor = addressOf("chal1");
  const own = ownProof(chain, task), sampled = (audit?.sampled ?? []).map(({ segment }) => segment);
  const ownSegment = audit === undefined || own === null ? [] : [provenOwnSegment(audit, testProgram(), own)];
  const findings = [...sampled, ...ownSegment].map((segment) => ({
    output: segmentRoots()[segment] ?? mark("none"),
    trace: mark(`trace ${segment}`),
  }));
  if (audit?.stage === "open_inputs") return openInputs(audit);
  if (audit?.stage === "open_outputs") return openOutputs(audit);
  if (audit?.stage === "reveal") return { kind: "audit_reveal", task, nonce, findings };
  const commitment = auditCommitment({ task, attempt: audit?.attempt ?? 0, auditor, nonce, findings });
  return { kind: "audit_commit", task, commitment, own };
}

/** Files of which something is left: the requester's manifest, and of the final state its metric. Of all else there are only roots. */
const MANIFEST = utf8("a manifest"), METRIC = Uint8Array.of(95, 0, 0, 0, 0, 0, 0, 0);

/** What is demanded: files that can be shown, and one that cannot. */
const PLACES: readonly DemandedBlob[] = [
  { kind: "manifest" },
  { kind: "state", segment: 3, tensor: 2 },
  { kind: "state", segment: 3, tensor: 2 },
  { kind: "state", segment: 3, tensor: 0 },
];

/** A proof of a demanded chunk, as far as there is a file. */
function chunkOf({ what, chunk }: Demand): ChunkProof {
  if (what.kind === "manifest") {
    return proveChunk({ what, chunk }, { program: testProgram(), blob: MANIFEST });
  }
  const { metric, lastSegment } = submitResult(mark("any"));
  const source = { program: testProgram(), blob: METRIC };
  const shown = proveChunk({ what: { kind: "manifest" }, chunk }, source);
  const header = { dtype: "int64", shape: [], blob: blobRoot(METRIC) } as const;
  const entry = metric === null ? null : { name: metric.name, header, proof: metric.proof };
  return { ...shown, segment: lastSegment, entry };
}

/** What somebody does about a result's availability. */
function availabilityMove(chain: TestChain, task: Uint8Array, { which, amount }: Attempt): Operation {
  const known = runQuery(chain.state(), "availability", task);
  const demand = known?.demands[which % Math.max(known.demands.length, 1)];
  if (demand !== undefined && which % 3 > 0) {
    return { kind: "answer_chunk", task, demand: demand.id, proof: chunkOf(demand) };
  }
  if (known?.stage === "certify" && which % 2 === 0) return { kind: "certify_result", task };
  const what = PLACES[Number(amount % BigInt(PLACES.length))] ?? { kind: "manifest" };
  return { kind: "demand_chunk", task, what, chunk: which % 2 };
}

function operationOf(chain: TestChain, { act, which, amount }: Attempt): Operation {
  const role = ROLES[which % ROLES.length] ?? "provider";
  const task = (status: TaskStatus) => someTask(chain, which, status);
  switch (act) {
    case 0:
      return { kind: "transfer", to: addressOf(NAMES[which] ?? "bob"), amount };
    case 1:
      return { kind: "stake", role, amount };
    case 2:
      return { kind: "unstake", role, amount };
    case 3:
      return { kind: "withdraw_offer" };
    case 4:
      return { kind: "heartbeat" };
    case 5:
      return { kind: "cancel_task", task: task("open") };
    case 6:
      return { kind: "decline_task", task: task("assigned") };
    case 7:
    case 19:
    case 20:
    case 21:
    case 22:
      return { kind: "open_dispute", task: task("submitted") };
    case 8:
      return votes(chain, which);
    case 9:
    case 13:
    case 14:
    case 15:
      return submitResult(task("running"));
    case 10:
    case 16:
    case 17:
    case 18:
      return { kind: "accept_task", task: task("assigned") };
    case 11:
    case 12:
      return publishOffer({ slots: 1 + which });
    default:
      return postTask({
        manifest: blobRoot(MANIFEST),
        reward: amount,
        collateral: amount / 3n,
        computeBlocks: 12 + which,
      });
  }
}

/** The account that can do it, in most cases; else anybody, who cannot. */
function actorOf(chain: TestChain, operation: Operation, { who, stranger }: Attempt): string {
  const anybody = NAMES[who] ?? "alice";
  if (stranger === 0) return anybody;
  if (operation.kind === "publish_offer") return `prov${who % 3 + 1}`;
  if (["open_dispute", "audit_commit", "audit_reveal", "certify_result"].includes(operation.kind)) {
    return "chal1";
  }
  if (operation.kind === "unstake") {
    return {
      validator: "val2",
      provider: `prov${who % 3 + 1}`,
      challenger: "chal1",
      arbiter: "arb1",
    }[operation.role];
  }
  if (operation.kind === "demand_chunk") return `arb${who % 3 + 1}`;
  if (!("task" in operation)) return anybody;
  const task = runQuery(chain.state(), "task", operation.task);
  const wanted = operation.kind === "cancel_task" ? task?.requester : task?.provider;
  return NAMES.find((name) => wanted?.every((byte, i) => byte === addressOf(name)[i])) ?? anybody;
}

/** Lists, counters and locks agree with the records they are about. */
function assertConsistent(chain: TestChain): void {
  const state = chain.state();
  const active = new Set<bigint>(), open = new Set<bigint>();
  for (const [key, value] of state.entries()) {
    const task = tasks.read(key, value);
    if (task !== undefined && !isFinal(task.status)) {
      active.add(task.number);
      const waits = task.status === "disputed" || task.status === "auditing" ||
        task.deadline > runQuery(state, "head", null).height;
      assert(waits, `task ${task.number} is ${task.status} past its deadline`);
    }
    if (task?.status === "open") open.add(task.number);
    const stake = stakes.read(key, value);
    if (stake !== undefined) assert(freeStake(stake) >= 0n);
    const offer = offers.read(key, value);
    if (offer === undefined) continue;
    const held = assignmentsOf(state, offer.provider).map((id) => taskOf(state, id));
    assertEquals(offer.used, held.length);
    const locked = held.reduce((sum, { collateral }) => sum + collateral, 0n);
    assertEquals(runQuery(state, "stake", { role: "provider", address: offer.provider }).locked, locked);
  }
  assertEquals(activeTasks.get(state), Array.from(active).sort((a, b) => Number(a - b)));
  assertEquals(openTasks.get(state), Array.from(open).sort((a, b) => Number(a - b)));
}

Deno.test("whatever is tried in whatever order, the supply is conserved, lists agree with records, and every task ends", () => {
  const seen = new Map<string, number>(), happened = new Set<string>();
  fc.assert(
    fc.property(fc.array(attempt, { minLength: 30, maxLength: 60 }), (attempts) => {
      const chain = testChain({
        epochBlocks: 9,
        unbondingBlocks: 12,
        acceptBlocks: 8,
        challengeBlocks: 15,
        openBlocks: 12,
        offerBlocks: 15,
        roundBlocks: 6,
        maxAttempts: 3,
        auditorCount: 1,
        certifierCount: 1,
        certifyBlocks: 5,
        demandBlocks: 10,
        auditCommitBlocks: 6,
        auditRevealBlocks: 3,
      });
      for (const name of ["prov1", "prov2", "prov3"]) chain.accept(name, publishOffer());
      for (const name of ["alice", "bob"]) chain.accept(name, postTask({ manifest: blobRoot(MANIFEST) }));
      // One result is under way from the start, or few runs would come as far as its audit and a dispute.
      const [assigned] = runQuery(chain.state(), "tasks", { status: "assigned" });
      if (assigned === undefined) throw new Error("a task is assigned");
      const provider = NAMES.find((name) =>
        assigned.provider?.every((byte, i) => byte === addressOf(name)[i])
      ) ?? "";
      const sent = (name: string, operation: Operation) => {
        const { ok }: Receipt = chain.send(name, operation);
        const what = `${operation.kind} ${ok ? "ok" : "rejected"}`;
        seen.set(what, (seen.get(what) ?? 0) + 1);
      };
      sent(provider, { kind: "accept_task", task: assigned.id });
      sent(provider, submitResult(assigned.id));
      // In most runs it is opened: else few would come as far as its committee.
      const auditing = () => runQuery(chain.state(), "task", assigned.id)?.status === "auditing";
      for (let blocks = 0; (attempts[0]?.which ?? 0) % 3 > 0 && auditing(); blocks++) {
        assert(blocks < 20, "the audit hangs");
        const move = auditMove(chain, assigned.id);
        sent(move.kind === "audit_commit" ? "chal1" : provider, move);
      }
      const attempted = (operation: Operation, each: Attempt) =>
        sent(actorOf(chain, operation, each), operation);
      for (const each of attempts) {
        if (each.stranger > 1) attempted(auditMove(chain, someTask(chain, each.which, "auditing")), each);
        const [opened] = runQuery(chain.state(), "tasks", { status: "submitted" });
        if (each.stranger > 2 && opened !== undefined) {
          attempted(
            availabilityMove(chain, opened.id, each),
            each,
          );
        }
        attempted(operationOf(chain, each), each);
        chain.advance(each.wait);
        assertConsistent(chain);
      }
      for (let blocks = 0; activeTasks.get(chain.state()).length > 0; blocks++) {
        assert(blocks < LONGEST_LIFE, "a task hangs");
        chain.advance(1);
      }
      assertConsistent(chain);
      for (const kind of chain.kinds()) happened.add(kind);
      assertEquals(activeTasks.get(chain.state()), []);
      const { genesis, issued, burned } = supplies.get(chain.state());
      assertEquals(genesis, BigInt(NAMES.length) * START + BigInt(NAMES.length - 2) * STAKE);
      assert(issued > 0n && burned > 0n);
    }),
    { numRuns: 16 },
  );
  for (
    const kind of [
      "transfer",
      "stake",
      "unstake",
      "post_task",
      "accept_task",
      "submit_result",
      "open_dispute",
      "audit_open_inputs",
      "audit_commit",
      "audit_open_outputs",
      "certify_result",
      "demand_chunk",
      "answer_chunk",
    ]
  ) {
    assert((seen.get(`${kind} ok`) ?? 0) > 0, `no ${kind} was ever accepted: the test tries too little`);
  }
  for (const kind of ["result_held", "chunk_withheld"]) {
    assert(happened.has(kind), `no ${kind} ever happened: the test tries too little`);
  }
});
