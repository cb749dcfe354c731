import { assert } from "@std/assert/assert.js";
import { assertEquals } from "@std/assert/equals.js";
import { leaderOf } from "../../../ledger/consensus/mod.ts";
import {
  answerRequest,
  createReplica,
  encodeMessage,
  NodeAnswer,
  NodeMessage,
  NodeRequest,
  type Replica,
  type ReplicaEffect,
  type ReplicaInput,
  replicaOptions,
  stepReplica,
} from "../../../ledger/node/mod.ts";
import {
  bytesToHex,
  decode,
  encode,
  equalBytes,
  sha256,
  type Signer,
} from "../../../ledger/primitives/mod.ts";
import { decodeTransaction } from "../../../ledger/chain/mod.ts";
import { createMemoryStore, type Store } from "../../../ledger/store/mod.ts";
import { TEST_TIMING, testGenesis, testSigner, testTransfer } from "../../simulation/chain_fixture.ts";

const signers = ["v0", "v1", "v2", "v3"].map(testSigner);
const genesis = testGenesis(signers);
const payer = testSigner("v0");

interface Seat {
  readonly replica: Replica;
  readonly store: Store;
  give(input: ReplicaInput): readonly ReplicaEffect[];
}

function start(signer?: Signer): Seat {
  const store = createMemoryStore();
  const replica = createReplica(
    replicaOptions({ genesis, timing: TEST_TIMING, ...signer === undefined ? {} : { signer } }),
    store,
  );
  const give = (input: ReplicaInput) => stepReplica(replica, input);
  give({ kind: "start" });
  return { replica, store, give };
}

/** The replica of the validator that leads view 1 + `offset`. */
function leading(offset: bigint): Seat {
  const probe = start();
  const signer = signers.find(({ address }) => equalBytes(address, leaderAddress(probe, 1n + offset)));
  return start(signer);
}

function leaderAddress({ replica: { validators } }: Seat, view: bigint): Uint8Array {
  return validators.members[leaderOf(validators, view)]?.address ?? new Uint8Array();
}

/** A validator that leads neither of the first two views. */
function bystander(): Seat {
  const probe = start();
  const leaders = [1n, 2n].map((view) => leaderAddress(probe, view));
  return start(signers.find(({ address }) => !leaders.some((leader) => equalBytes(leader, address))));
}

const submit = (nonce: bigint): ReplicaInput => ({
  kind: "submit",
  id: Number(nonce),
  transaction: testTransfer(genesis, payer, nonce),
});

const GATHERED: ReplicaInput = { kind: "timer", timer: { name: "gossip" } };

function announcement(hashes: readonly Uint8Array[], from = "peer"): ReplicaInput {
  return { kind: "message", from, bytes: encodeMessage({ kind: "announcement", hashes }) };
}

/** Messages sent with their receivers, and published ones. */
function said(effects: readonly ReplicaEffect[]) {
  return effects.flatMap((effect) => {
    if (effect.kind !== "send" && effect.kind !== "publish") return [];
    const message = decode(NodeMessage, effect.bytes);
    return [{ message, to: effect.kind === "send" ? effect.to.map(bytesToHex).sort() : "all" }];
  });
}

const asked = (effects: readonly ReplicaEffect[]) =>
  effects.flatMap((effect) => {
    if (effect.kind !== "request") return [];
    const question = decode(NodeRequest, effect.bytes);
    return question.kind === "transactions" ? [{ ...effect, hashes: question.hashes }] : [];
  });

Deno.test("a transaction goes in full to the leaders to come at once, and by its id to everybody when more have gathered", () => {
  const seat = bystander();
  const leaders = [...new Set([1n, 2n].map((view) => bytesToHex(leaderAddress(seat, view))))].sort();
  const [first, ...rest] = said(seat.give(submit(0n)));
  assertEquals([first?.message.kind, first?.to, rest], ["transactions", leaders, []]);
  assertEquals(said(seat.give(submit(1n))), []);
  seat.give(submit(2n));
  const [gathered, told, ...others] = said(seat.give(GATHERED));
  assertEquals([gathered?.to, told?.to, others], [leaders, "all", []]);
  assert(gathered?.message.kind === "transactions" && gathered.message.transactions.length === 2);
  const ids = [0n, 1n, 2n].map((nonce) => decodeTransaction(testTransfer(genesis, payer, nonce)).hash);
  assertEquals(told?.message, { kind: "announcement", hashes: ids });
  assertEquals(said(seat.give(GATHERED)), []);
});

Deno.test("the leader keeps to itself what goes into its own block; a follower tells the leaders it expects, and everybody in full", () => {
  const leader = leading(0n);
  assert(leader.replica.building !== undefined);
  assertEquals(said(leader.give(submit(0n))), []);
  const follower = start();
  const [told] = said(follower.give(submit(0n)));
  const expected = [...new Set([2n, 3n].map((view) => bytesToHex(leaderAddress(follower, view))))].sort();
  assertEquals([told?.message.kind, told?.to], ["transactions", expected]);
  const [published, ...others] = said(follower.give(GATHERED));
  assertEquals([published?.message, published?.to, others], [
    { kind: "transactions", transactions: [testTransfer(genesis, payer, 0n)] },
    "all",
    [],
  ]);
});

Deno.test("a validator asks the announcer for what it lacks, once, and has it then; who has no vote asks for nothing", () => {
  const origin = start(signers[0]), seat = start(signers[1]);
  for (const nonce of [0n, 1n]) origin.give(submit(nonce));
  const hashes = [0n, 1n].map((nonce) => decodeTransaction(testTransfer(genesis, payer, nonce)).hash);
  assertEquals(asked(start().give(announcement(hashes))), []);
  const questions = asked(seat.give(announcement(hashes)));
  assertEquals(questions.map((each) => [each.to, each.hashes]), [[{ kind: "peer", peer: "peer" }, hashes]]);
  for (const { request, bytes: question } of questions) {
    const bytes = answerRequest(origin.replica, origin.store, question);
    seat.give({ kind: "response", request, from: "peer", bytes });
  }
  assertEquals(seat.replica.pool.hashes.size, 2);
  assertEquals(asked(seat.give(announcement(hashes))), []);
});

Deno.test("announcements make a node ask one bounded question at a time of each peer, and of a bounded number of peers", () => {
  const seat = start(signers[1]);
  const invented = (from: number) =>
    Array.from({ length: 1_024 }, (_, i) => sha256(Uint8Array.of(from, i, i >>> 8)));
  const first = asked(seat.give(announcement(invented(0))));
  assertEquals(first.map(({ hashes }) => hashes.length), [256]);
  assertEquals(asked(seat.give(announcement(invented(1)))), []);
  // No answer: the next question goes out, until nothing is left of what was remembered.
  let request = first[0]?.request ?? -1, questions = 1;
  for (;;) {
    const [next] = asked(seat.give({ kind: "request_failed", request }));
    if (next === undefined) break;
    request = next.request;
    questions++;
  }
  assertEquals(questions, 1 + 1_024 / 256);
  const all = Array.from(
    { length: 300 },
    (_, i) => asked(seat.give(announcement(invented(2).slice(0, 8), `peer ${i}`))),
  );
  assert(all.flat().length <= 64);
});

Deno.test("an answer with a transaction that nobody asked for is blamed on its sender, an empty one on nobody", () => {
  for (const nonces of [[], [5n]]) {
    const seat = start(signers[1]);
    const [request] = asked(seat.give(announcement([sha256(Uint8Array.of(1))])));
    const transactions = nonces.map((nonce) => testTransfer(genesis, payer, nonce));
    const bytes = encode(NodeAnswer, { kind: "transactions", transactions });
    const effects = seat.give({ kind: "response", request: request?.request ?? -1, from: "peer", bytes });
    const codes = effects.flatMap((effect) => effect.kind === "penalize" ? [effect.error.code] : []);
    assertEquals(codes, nonces.length === 0 ? [] : ["bad_answer"]);
    assertEquals(seat.replica.pool.hashes.size, 0);
  }
});

Deno.test("a leader that has just begun lets transactions gather, one that has waited idly proposes at once", () => {
  const delays = (seat: Seat, input: ReplicaInput) =>
    seat.give(input).flatMap((effect) =>
      effect.kind === "set_timer" && effect.timer.name === "build" ? [effect.afterMs] : []
    );
  const store = createMemoryStore(), timing = { ...TEST_TIMING, gatherMs: 7 };
  const { replica: { options } } = leading(0n);
  for (const [waited, expected] of [[false, 7], [true, 0]] as const) {
    const replica = createReplica({ ...options, timing }, store);
    const seat: Seat = { replica, store, give: (input) => stepReplica(replica, input) };
    seat.give({ kind: "start" });
    const view = replica.building?.view ?? 0n;
    if (waited) seat.give({ kind: "timer", timer: { name: "gathered", epoch: 0n, view } });
    assertEquals(delays(seat, submit(0n)), [expected]);
    assertEquals(delays(seat, submit(1n)), []);
  }
});
