import { assert } from "@std/assert/assert.js";
import { assertEquals } from "@std/assert/equals.js";
import { assertInstanceOf } from "@std/assert/instance_of.js";
import { assertThrows } from "@std/assert/throws.js";
import {
  beaconSignerFromSeed,
  CodedError,
  decode,
  encode,
  nextBeacon,
  verifyContribution,
} from "../../../ledger/primitives/mod.ts";
import {
  chainIdOf,
  encodeTransaction,
  type Genesis,
  MAX_BLOCK_BYTES,
  signTransaction,
} from "../../../ledger/chain/mod.ts";
import {
  answerRequest,
  createReplica,
  encodeMessage,
  type FinalizedNotice,
  NodeAnswer,
  NodeError,
  NodeRequest,
  type Replica,
  type ReplicaEffect,
  type ReplicaInput,
  replicaOptions,
  stepReplica,
} from "../../../ledger/node/mod.ts";
import { heads } from "../../../ledger/state/mod.ts";
import { createMemoryStore, type Store } from "../../../ledger/store/mod.ts";
import { seededRandom } from "../../../tools/simulation/mod.ts";
import { TEST_TIMING, testGenesis, testSigner, testTransfer } from "../../simulation/chain_fixture.ts";

const alice = testSigner("alice"), bob = testSigner("bob");

interface Single {
  readonly replica: Replica;
  readonly store: Store;
  readonly genesis: Genesis;
  /** Gives an input, persists, lets every build timer fire at once if `builds`, and returns the other effects. */
  give(input: ReplicaInput, builds?: boolean): readonly ReplicaEffect[];
}

/** A network of one validator; the test is its host. */
function single(
  genesis = testGenesis([alice]),
  options: Partial<Parameters<typeof replicaOptions>[0]> = {},
): Single {
  const store = createMemoryStore();
  const replica = createReplica(
    replicaOptions({ genesis, timing: TEST_TIMING, signer: alice, ...options }),
    store,
  );
  const give = (input: ReplicaInput, builds = false): readonly ReplicaEffect[] => {
    const all: ReplicaEffect[] = [];
    for (const effect of stepReplica(replica, input)) {
      if (effect.kind === "persist") store.persist(effect.records);
      all.push(effect);
      if (builds && effect.kind === "set_timer" && effect.timer.name === "build") {
        all.push(...give({ kind: "timer", timer: effect.timer }));
      }
    }
    return all;
  };
  give({ kind: "start" });
  return { replica, store, genesis, give };
}

const build = (replica: Replica): ReplicaInput => ({
  kind: "timer",
  timer: { name: "build", epoch: replica.epoch, view: replica.building?.view ?? 0n },
});

const notices = (effects: readonly ReplicaEffect[]): readonly FinalizedNotice[] =>
  effects.flatMap((effect) => effect.kind === "finalized" ? [effect.notice] : []);

Deno.test("a single validator finalizes a transaction with its receipt in one step, persisting first", () => {
  const { replica, give, genesis } = single();
  const submitted = give({ kind: "submit", id: 1, transaction: testTransfer(genesis, alice, 0n, bob) });
  assert(submitted.some((effect) => effect.kind === "submitted"));
  const effects = give(build(replica));
  assertEquals(effects[0]?.kind, "persist");
  const [notice] = notices(effects);
  assertEquals([notice?.height, notice?.result.receipts.map(({ ok }) => ok)], [1n, [true]]);
});

Deno.test("what a user submits is refused with a code that says why, and nothing else happens", () => {
  const { give, genesis } = single(testGenesis([alice]), {
    mempool: { transactions: 3, bytes: 100_000, perAccount: 2 },
  });
  let id = 0;
  const codeOf = (transaction: Uint8Array) => {
    const effects = give({ kind: "submit", id: ++id, transaction });
    const [outcome] = effects.filter((effect) => effect.kind === "refused" || effect.kind === "submitted");
    return outcome?.kind === "refused" ? outcome.error.code : "submitted";
  };
  const signed = (changes: { chainId?: Uint8Array; expiry?: bigint }, signer = alice) =>
    encodeTransaction(signTransaction(signer, {
      chainId: chainIdOf(genesis),
      nonce: 0n,
      expiry: 100n,
      operation: { kind: "transfer", to: bob.address, amount: 1n },
      ...changes,
    }));
  assertEquals(codeOf(new Uint8Array([1, 2, 3])), "malformed");
  assertEquals(codeOf(new Uint8Array(200_000)), "too_large");
  assertEquals(codeOf(signed({ chainId: new Uint8Array(32) })), "wrong_chain");
  assertEquals(codeOf(signed({ expiry: 0n })), "expired");
  assertEquals(codeOf(signed({ expiry: 1_000_000n })), "expiry_too_far");
  assertEquals(codeOf(signed({}, bob)), "insufficient_fee_balance");
  const tampered = signed({}).slice();
  tampered[tampered.length - 1] = (tampered.at(-1) ?? 0) ^ 1;
  assertEquals(codeOf(tampered), "bad_signature");
  assertEquals(codeOf(testTransfer(genesis, alice, 0n)), "submitted");
  assertEquals(codeOf(testTransfer(genesis, alice, 0n)), "duplicate");
  assertEquals(codeOf(signed({})), "underpriced");
  assertEquals(codeOf(testTransfer(genesis, alice, 5_000n)), "bad_nonce");
  assertEquals(codeOf(testTransfer(genesis, bob, 1n, alice)), "insufficient_fee_balance");
  assertEquals(codeOf(testTransfer(genesis, alice, 1n)), "submitted");
  assertEquals(codeOf(testTransfer(genesis, alice, 2n)), "bad_nonce");
});

Deno.test("garbage from a peer is the peer's fault and harms nothing", () => {
  const { replica, give, genesis, store } = single();
  const random = seededRandom(8);
  const valid = encodeMessage({ kind: "transactions", transactions: [testTransfer(genesis, alice, 0n)] });
  for (let trial = 0; trial < 2_000; trial++) {
    const bytes = trial % 2 === 0
      ? Uint8Array.from({ length: Math.floor(random() * 60) }, () => Math.floor(random() * 256))
      : valid.map((byte) => random() < 0.02 ? Math.floor(random() * 256) : byte);
    const kinds = give({ kind: "message", from: "peer", bytes }).map(({ kind }) => kind);
    assertEquals(kinds.filter((kind) => kind !== "penalize" && kind !== "set_timer"), []);
    const thrown = attempt(() => answerRequest(replica, store, bytes));
    if (thrown !== undefined) assertInstanceOf(thrown, NodeError);
  }
  const refused = give({ kind: "message", from: "peer", bytes: new Uint8Array([0xc1]) });
  assertEquals(refused.map((effect) => effect.kind === "penalize" && effect.error.code), [
    "malformed_message",
  ]);
  assertEquals(notices(give(build(replica))).length, 1);
});

function attempt(action: () => void): unknown {
  try {
    action();
  } catch (thrown) {
    return thrown;
  }
}

Deno.test("an answer that was not asked for, or of another kind, is dropped or blamed on its sender", () => {
  const genesis = testGenesis([alice, bob]);
  const { give } = single(genesis);
  const answer = encode(NodeAnswer, { kind: "block", block: null });
  assertEquals(give({ kind: "response", request: 99, from: "peer", bytes: answer }), []);
  const [effect] = give({ kind: "response", request: 0, from: "peer", bytes: answer });
  assertEquals(effect?.kind === "penalize" && effect.error.code, "bad_answer");
});

Deno.test("ranges are bounded, and a forged certificate or block in one is refused", () => {
  const { replica, give, genesis, store } = single();
  for (let height = 0; height < 5; height++) give(build(replica));
  const ask = (from: bigint) => {
    const answer = decode(
      NodeAnswer,
      answerRequest(replica, store, encode(NodeRequest, { kind: "range", from })),
    );
    assert(answer.kind === "range", "a range");
    return answer.kind === "range"
      ? answer
      : { kind: "range" as const, blocks: [], link: [], certificate: null };
  };
  assertEquals([ask(1n).blocks.length, ask(4n).blocks.length, ask(6n).blocks.length, ask(0n).blocks.length], [
    5,
    2,
    0,
    0,
  ]);
  const follow = (answer: ReturnType<typeof ask>) => {
    const follower = createReplica(replicaOptions({ genesis, timing: TEST_TIMING }), createMemoryStore());
    stepReplica(follower, { kind: "start" });
    const bytes = encode(NodeAnswer, answer);
    const effects = stepReplica(follower, { kind: "response", request: 0, from: "peer", bytes });
    const blamed = effects.find((effect) => effect.kind === "penalize");
    return blamed?.kind === "penalize" ? blamed.error.code : follower.head.height;
  };
  const honest = ask(1n);
  assertEquals(follow(honest), 5n);
  assertEquals(follow({ ...honest, blocks: honest.blocks.slice(1) }), "bad_answer");
  assertEquals(follow({ ...honest, blocks: honest.blocks.slice(0, 4) }), "bad_answer");
  const { certificate } = honest;
  const forged = certificate === null ? null : { ...certificate, signatures: [new Uint8Array(64)] };
  assertEquals(follow({ ...honest, certificate: forged }), "bad_answer");
});

Deno.test("a restart from a snapshot gives the same state as one from genesis, and goes on", () => {
  for (const snapshotEvery of [4n, 1_000n]) {
    const genesis = testGenesis([alice], undefined, { epochBlocks: 5 });
    const { replica, give, store } = single(genesis, { snapshotEvery });
    for (let nonce = 0n; nonce < 10n; nonce++) {
      give({ kind: "submit", id: 1, transaction: testTransfer(genesis, alice, nonce, bob) });
      give(build(replica));
    }
    const options = replicaOptions({ genesis, timing: TEST_TIMING, signer: alice, snapshotEvery });
    const again = createReplica(options, store);
    assertEquals(again.head.height, 10n);
    assertEquals(again.head.state.root, replica.head.state.root);
    stepReplica(again, { kind: "start" });
    assertEquals(notices(stepReplica(again, build(again))).length, 1);
  }
});

Deno.test("a store of altered blocks does not make a replica", () => {
  const { replica, give, genesis, store } = single();
  for (let height = 0; height < 3; height++) give(build(replica));
  const options = replicaOptions({ genesis, timing: TEST_TIMING, signer: alice });
  const altered: Store = {
    ...store,
    finalizedHeight: 3n,
    finalizedAt: (height) => height === 2n ? store.finalizedAt(3n) : store.finalizedAt(height),
  };
  assertEquals(assertThrows(() => createReplica(options, altered), NodeError).code, "bad_store");
});

Deno.test("blocks carry their leader's beacon contribution, and the beacon follows from it", () => {
  const beacon = beaconSignerFromSeed(new Uint8Array(32).fill(3));
  const plain = testGenesis([alice]);
  const genesis = { ...plain, validators: [{ address: alice.address, beaconKey: beacon.publicKey }] };
  const { replica, give } = single(genesis, { beacon });
  const before = heads.get(replica.head.state).beacon;
  const [notice] = notices(give(build(replica)));
  const header = notice?.block.header;
  assert(header !== undefined, "a block");
  const signature = header?.beaconSignature ?? new Uint8Array();
  const input = { chainId: chainIdOf(genesis), epoch: 0n, view: header?.view ?? 0n, previous: before };
  assert(verifyContribution(signature, input, beacon.publicKey));
  assertEquals(heads.get(replica.head.state).beacon, nextBeacon(before, signature));
});

Deno.test("a block of hundreds of transactions is built, published in one message, and final at once", () => {
  const genesis = testGenesis([alice]);
  const { replica, give } = single(genesis, {
    mempool: { transactions: 6_000, bytes: 1 << 24, perAccount: 6_000 },
  });
  const transactions = Array.from(
    { length: 400 },
    (_, nonce) => testTransfer(genesis, alice, BigInt(nonce)),
  );
  for (let at = 0; at < transactions.length; at += 200) {
    const bytes = encodeMessage({ kind: "transactions", transactions: transactions.slice(at, at + 200) });
    give({ kind: "message", from: "peer", bytes });
  }
  const effects = give(build(replica));
  const [notice] = notices(effects);
  assertEquals(notice?.block.transactions.length, 400);
  const published = effects.find((effect) => effect.kind === "publish");
  assert(published?.kind === "publish" && published.bytes.length < MAX_BLOCK_BYTES);
});

Deno.test("options under which an idle leader would be given up on are refused", () => {
  const timing = { ...TEST_TIMING, blockIntervalMs: 10_000 };
  const error = assertThrows(() => replicaOptions({ genesis: testGenesis([alice]), timing }), NodeError);
  assertInstanceOf(error, CodedError);
  assertEquals(error.code, "bad_options");
});
