import { assert } from "@std/assert/assert.js";
import { assertEquals } from "@std/assert/equals.js";
import { assertNotEquals } from "@std/assert/not_equals.js";
import { chainIdOf, type Genesis } from "../../../ledger/chain/mod.ts";
import type { Checkpoint } from "../../../ledger/light/mod.ts";
import {
  answerRequest,
  createReplica,
  NodeAnswer,
  type Replica,
  replicaOptions,
  statusOf,
  stepReplica,
} from "../../../ledger/node/mod.ts";
import { decode, encode, type Signer } from "../../../ledger/primitives/mod.ts";
import { validatorSetOf } from "../../../ledger/state/mod.ts";
import { createMemoryStore } from "../../../ledger/store/mod.ts";
import { createNetwork, type SimulatedNetwork } from "../../../tools/simulation/mod.ts";
import { TEST_TIMING, testGenesis, testSigner } from "../../simulation/chain_fixture.ts";

const names = ["v0", "v1", "v2", "v3"];

/** Four validators that snapshot every 10 blocks and, unless told otherwise, forget all before. */
function pruningNetwork(epochBlocks: number, keepBlocks: bigint | null = 0n) {
  const signers = names.map(testSigner);
  const genesis = testGenesis(signers, undefined, { epochBlocks });
  const network = createNetwork({ seed: 4, genesis, timing: TEST_TIMING, snapshotEvery: 10n });
  const add = (name: string, signer?: Signer, checkpoint?: Checkpoint) =>
    network.add({
      name,
      ...(signer === undefined ? {} : { signer }),
      options: { keepBlocks, ...(checkpoint === undefined ? {} : { checkpoint }) },
    });
  names.forEach((name, i) => add(name, signers[i]));
  return { network, genesis, add };
}

function replicaOf(network: SimulatedNetwork, name: string): Replica {
  const replica = network.nodes.get(name)?.replica;
  if (replica === undefined) throw new RangeError(`Node "${name}" is down`);
  return replica;
}

function firstHeightOf(network: SimulatedNetwork, name: string): bigint {
  return network.nodes.get(name)?.disk.store.firstHeight ?? 0n;
}

function reach(network: SimulatedNetwork, all: readonly string[], height: bigint): void {
  network.runUntil(
    () => all.every((name) => network.heightOf(name) >= height),
    60_000,
    `${all.join(", ")} reach height ${height}`,
  );
}

Deno.test("a new node starts from a certified snapshot when the first blocks are pruned, and follows on", () => {
  const { network, add } = pruningNetwork(1_000);
  reach(network, names, 35n);
  assertEquals(names.map((name) => firstHeightOf(network, name) > 1n), [true, true, true, true]);
  add("late");
  reach(network, ["late"], 45n);
  assert(firstHeightOf(network, "late") >= 20n, "it did not start from a snapshot");
  const late = replicaOf(network, "late").head, other = replicaOf(network, "v0").head;
  if (late.height === other.height) assertEquals(late.state.root, other.state.root);
  assertEquals(network.penalties, []);
  network.crash("late");
  network.start("late");
  assertEquals(statusOf(replicaOf(network, "late")).height, late.height);
  reach(network, ["late"], late.height + 10n);
});

Deno.test("a validator that lost its disk starts from a snapshot and votes on", () => {
  const { network, add } = pruningNetwork(1_000);
  network.crash("v3");
  reach(network, ["v0", "v1", "v2"], 35n);
  add("v3 anew", testSigner("v3"));
  reach(network, ["v3 anew"], 40n);
  network.crash("v2"); // from here on there is no quorum without the one that came back
  reach(network, ["v0", "v1", "v3 anew"], network.heightOf("v0") + 10n);
});

Deno.test("epochs behind, a node waits for a checkpoint rather than trust strangers, and starts with one", () => {
  const { network, genesis, add } = pruningNetwork(20);
  reach(network, names, 75n);
  add("late");
  network.run(5_000);
  assertEquals(statusOf(replicaOf(network, "late")).height, 0n);
  assert(statusOf(replicaOf(network, "late")).needsCheckpoint);
  const { head, offer } = replicaOf(network, "v0");
  if (offer === undefined) throw new Error("v0 offers no snapshot");
  const epoch = (offer.height - 1n) / 20n;
  const validators = validatorSetOf(head.state, epoch);
  if (validators === undefined) throw new Error("The state has forgotten the epoch's validators");
  const checkpoint = {
    chainId: chainIdOf(genesis),
    height: offer.height,
    block: head.hash,
    stateRoot: offer.state.root,
    validators,
    takenAtMs: 0n,
  };
  add("trusting", undefined, checkpoint);
  reach(network, ["trusting"], network.heightOf("v0"));
});

Deno.test("an archive keeps every block and serves those that others have forgotten", () => {
  const { network, add } = pruningNetwork(1_000);
  network.add({ name: "archive", options: { keepBlocks: null } });
  reach(network, [...names, "archive"], 35n);
  assertEquals(firstHeightOf(network, "archive"), 1n);
  assertNotEquals(network.nodes.get("archive")?.disk.store.finalizedAt(1n), undefined);
  add("late");
  reach(network, ["late"], 40n);
});

Deno.test("a horizon keeps that many blocks below the snapshot", () => {
  const { network } = pruningNetwork(1_000, 7n);
  reach(network, ["v0"], 30n);
  const { store } = network.nodes.get("v0")?.disk ?? {};
  const snapshot = store?.load().snapshot?.height ?? 0n;
  assertEquals(store?.firstHeight, snapshot - 7n);
});

/** Drives a new replica by hand against the answers of a node of the network, which `tamper` may change. Ends when nothing is asked. */
function syncByHand(network: SimulatedNetwork, genesis: Genesis, tamper: (answer: NodeAnswer) => NodeAnswer) {
  const server = network.nodes.get("v0");
  if (server?.replica === undefined) throw new RangeError("v0 is down");
  const replica = createReplica(replicaOptions({ genesis, timing: TEST_TIMING }), createMemoryStore());
  const answers: string[] = [], errors: string[] = [];
  const queue = [...stepReplica(replica, { kind: "start" })];
  for (let effect = queue.shift(); effect !== undefined; effect = queue.shift()) {
    if (effect.kind === "penalize") errors.push(effect.error.code);
    if (effect.kind !== "request") continue;
    const answer = tamper(decode(NodeAnswer, answerRequest(server.replica, server.disk.store, effect.bytes)));
    answers.push(answer.kind);
    const bytes = encode(NodeAnswer, answer);
    queue.push(...stepReplica(replica, { kind: "response", request: effect.request, from: "v0", bytes }));
  }
  return { height: statusOf(replica).height, answers, errors };
}

Deno.test("pruned blocks, snapshot and chunks are asked for in turn, and a lie in any is found and blamed", () => {
  const { network, genesis } = pruningNetwork(1_000);
  reach(network, names, 35n);
  const honest = syncByHand(network, genesis, (answer) => answer);
  assertEquals(honest.answers.slice(0, 3), ["pruned", "snapshot", "chunk"]);
  assertEquals([honest.height, honest.errors], [network.heightOf("v0"), []]);
  const lies: readonly ((answer: NodeAnswer) => NodeAnswer)[] = [
    (answer) => answer.kind === "pruned" ? { ...answer, firstHeight: 1n } : answer,
    (answer) => {
      if (answer.kind !== "chunk" || answer.entries === null) return answer;
      return { ...answer, entries: answer.entries.slice(1) };
    },
    (answer) => {
      if (answer.kind !== "chunk" || answer.entries === null) return answer;
      return { ...answer, entries: answer.entries.map(({ key }) => ({ key, value: new Uint8Array([1]) })) };
    },
    (answer) => {
      if (answer.kind !== "snapshot" || answer.offer === null) return answer;
      const subtrees = answer.offer.subtrees.map(({ top, count }) => ({ top, count: count + 1 }));
      return { ...answer, offer: { ...answer.offer, subtrees: [...subtrees, ...subtrees] } };
    },
    (answer) => {
      if (answer.kind !== "snapshot" || answer.offer === null) return answer;
      const { certificate } = answer.offer;
      const signatures = certificate.signatures.map(() => new Uint8Array(64));
      return { ...answer, offer: { ...answer.offer, certificate: { ...certificate, signatures } } };
    },
  ];
  for (const lie of lies) {
    const { height, errors } = syncByHand(network, genesis, lie);
    assertEquals([height, errors], [0n, ["bad_answer"]]);
  }
});
