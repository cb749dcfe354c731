import { assertEquals } from "@std/assert/equals.js";
import {
  ActorError,
  inThread,
  type LedgerClient,
  makeArbiter,
  makeMemoryJournal,
  startActorNode,
} from "../../../actors/mod.ts";
import type { Executor } from "../../../executor/mod.ts";
import { arbiterCommitment, type Duty, type Operation, UNAVAILABLE } from "../../../ledger/mod.ts";
import { ZERO_HASH } from "../../../ledger/primitives/mod.ts";
import { makeMemoryNetwork, makeMemoryTransport, testSigner } from "../../../net/mod.ts";
import { makeVirtualTimers } from "../virtual_timers.ts";

const SIGNER = testSigner(0);
const DEADLINE = 100n;

const HERE = { segment: 0, root: ZERO_HASH, input: ZERO_HASH, stepsRoot: ZERO_HASH };
const AT = {
  node: 0,
  within: { within: HERE, step: 0, root: ZERO_HASH, input: ZERO_HASH, traceRoot: ZERO_HASH },
};

const UNIT = { kind: "node", claimed: ZERO_HASH, own: null } as const;

type Arbitration = Extract<Duty, { kind: "arbitrate" }>;

function arbitration(kind: "commit" | "reveal"): Arbitration {
  const program: Arbitration["task"]["program"] = {
    engine: "none",
    engineHash: ZERO_HASH,
    stateTensors: 0,
    initialRoot: ZERO_HASH,
    dataTensors: 0,
    dataRoot: ZERO_HASH,
    phases: [],
    metric: null,
    note: new Uint8Array(),
  };
  const parties = {
    requester: testSigner(1).address,
    provider: testSigner(2).address,
    challenger: testSigner(3).address,
  };
  return {
    kind: "arbitrate",
    deadline: DEADLINE,
    turn: { kind, by: "arbiters", at: AT, unit: UNIT, awaited: [SIGNER.address] },
    opened: {
      leaf: { node: 0, inputs: [], outputs: [] },
      descriptor: { operator: ZERO_HASH, inputs: [], outputs: [], sum: null },
    },
    task: {
      ...parties,
      id: ZERO_HASH,
      number: 0n,
      title: "",
      program,
      manifest: ZERO_HASH,
      reward: 0n,
      auditEscrow: 0n,
      collateral: 0n,
      gain: 0n,
      sampled: 0,
      memoryMiB: 0,
      thresholdPpm: null,
      computeBlocks: 1,
      status: "disputed",
      attempt: 1,
      excluded: [],
      deadline: 0n,
      windowLeft: 0,
      result: null,
      disputes: 1,
      postedAt: 0n,
      endedAt: 0n,
      thresholdMet: null,
    },
    dispute: {
      ...parties,
      id: ZERO_HASH,
      task: ZERO_HASH,
      attempt: 1,
      bond: 0n,
      runRoot: ZERO_HASH,
      seed: ZERO_HASH,
      openedAt: 0n,
      rounds: 3,
      stage: { kind: "draw", at: AT, unit: UNIT },
      deadline: DEADLINE,
      outcome: null,
    },
  };
}

/** A ledger in a test's hands: one duty at a time, and a height. */
function makeFakeLedger() {
  const operations: Operation[] = [];
  const fake: { height: bigint; duty: Duty | undefined } = { height: 10n, duty: arbitration("commit") };
  const answers: Readonly<Record<string, () => unknown>> = {
    duties: () => fake.duty === undefined ? [] : [fake.duty],
    stake: () => ({ amount: 0n }),
    head: () => ({ height: fake.height, epoch: 0n, beacon: ZERO_HASH }),
  };
  const ledger: LedgerClient = {
    address: SIGNER.address,
    prove: () => Promise.reject(new RangeError("Nothing is drawn by a key in this test")),
    // deno-lint-ignore no-explicit-any -- one function stands for the overloads of all queries
    query: (name): Promise<any> => Promise.resolve(answers[name]?.()),
    submit(operation) {
      operations.push(operation);
      fake.duty = undefined;
      return Promise.resolve({ hash: ZERO_HASH, height: fake.height, fee: 0n });
    },
    operations: () => Promise.reject(new RangeError("There are no blocks")),
  };
  return { ledger, fake, operations };
}

const NO_EXECUTOR: Executor = new Proxy({}, {
  get: () => () => Promise.reject(new RangeError("Nothing is executed in this test")),
}) as Executor;

Deno.test("an arbiter that cannot have the program's files says so, but only when its window is about to end", async () => {
  const timers = makeVirtualTimers();
  const transport = makeMemoryTransport(makeMemoryNetwork({ timers }), { signer: SIGNER });
  const { ledger, fake, operations } = makeFakeLedger();
  const notFound = () => Promise.reject(new ActorError("unavailable", "Nobody has it."));
  const blobs = { put: notFound, get: notFound, chunks: notFound, has: () => Promise.resolve(false) };
  const journal = makeMemoryJournal();
  const node = startActorNode({
    transport,
    timers,
    random: (length) => new Uint8Array(length).fill(5),
    actors: [inThread("arbiter", () => makeArbiter({ ledger, blobs, executor: NO_EXECUTOR, journal }))],
  });
  await timers.advance(10_000);
  assertEquals(operations, []);
  fake.height = DEADLINE - 12n;
  await timers.advance(20_000);
  const salt = new Uint8Array(32).fill(5);
  const commitment = arbiterCommitment({
    dispute: ZERO_HASH,
    arbiter: SIGNER.address,
    salt,
    verdict: UNAVAILABLE,
  });
  assertEquals(operations, [{ kind: "arbiter_commit", dispute: ZERO_HASH, commitment }]);
  fake.duty = arbitration("reveal");
  await timers.advance(5000);
  assertEquals(operations.at(-1), { kind: "arbiter_reveal", dispute: ZERO_HASH, salt, verdict: UNAVAILABLE });
  await node.stop();
  await transport.close();
});
