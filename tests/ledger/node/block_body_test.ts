import { assertEquals } from "@std/assert/equals.js";
import { Block, type Genesis, genesisState } from "../../../ledger/chain/mod.ts";
import { leaderOf, prepareValidators } from "../../../ledger/consensus/mod.ts";
import {
  createReplica,
  encodeMessage,
  NodeMessage,
  type ReplicaEffect,
  type ReplicaInput,
  replicaOptions,
  stepReplica,
} from "../../../ledger/node/mod.ts";
import { decode, encode, equalBytes, type Signer } from "../../../ledger/primitives/mod.ts";
import { validatorSetOf } from "../../../ledger/state/mod.ts";
import { createMemoryStore } from "../../../ledger/store/mod.ts";
import { TEST_TIMING, testGenesis, testSigner, testTransfer } from "../../simulation/chain_fixture.ts";

const alice = testSigner("alice"), bob = testSigner("bob");
const genesis = testGenesis([alice]);

/** The first block of a chain of one validator, as it publishes it. */
function publishedBlock(): Extract<NodeMessage, { kind: "finalized" }> {
  const store = createMemoryStore();
  const leader = createReplica(replicaOptions({ genesis, timing: TEST_TIMING, signer: alice }), store);
  const published: Uint8Array[] = [];
  const give = (input: ReplicaInput): void => {
    for (const effect of stepReplica(leader, input)) {
      if (effect.kind === "persist") store.persist(effect.records);
      if (effect.kind === "publish" && effect.topic === "blocks") published.push(effect.bytes);
    }
  };
  give({ kind: "start" });
  give({ kind: "submit", id: 1, transaction: testTransfer(genesis, alice, 0n) });
  give({ kind: "timer", timer: { name: "build", epoch: 0n, view: 1n } });
  const message = published[0] === undefined ? undefined : decode(NodeMessage, published[0]);
  if (message?.kind !== "finalized") throw new RangeError("A single validator publishes its block");
  return message;
}

const told = (effects: readonly ReplicaEffect[]) =>
  effects.flatMap((effect) =>
    effect.kind === "penalize" || effect.kind === "halt"
      ? [`${effect.kind} ${effect.error.code}`]
      : effect.kind === "finalized"
      ? [`finalized ${effect.notice.height}`]
      : []
  );

Deno.test("a final block with other transactions than its header names is its sender's fault, and stops nobody", () => {
  const message = publishedBlock();
  const { header } = decode(Block, message.block);
  const other = testTransfer(genesis, alice, 1n);
  const altered = encode(Block, { header, transactions: [other] });
  const follower = createReplica(replicaOptions({ genesis, timing: TEST_TIMING }), createMemoryStore());
  stepReplica(follower, { kind: "start" });
  const give = (block: Uint8Array) =>
    told(
      stepReplica(follower, { kind: "message", from: "peer", bytes: encodeMessage({ ...message, block }) }),
    );
  assertEquals(give(altered), ["penalize bad_block"]);
  assertEquals(give(message.block), ["finalized 1"]);
});

/** What the leader of the first view proposes: a block with a transaction. */
function firstProposal(chain: Genesis, signer: Signer): Extract<NodeMessage, { kind: "proposal" }> {
  const leader = createReplica(
    replicaOptions({ genesis: chain, timing: TEST_TIMING, signer }),
    createMemoryStore(),
  );
  stepReplica(leader, { kind: "start" });
  stepReplica(leader, { kind: "submit", id: 1, transaction: testTransfer(chain, alice, 0n) });
  const effects = stepReplica(leader, { kind: "timer", timer: { name: "build", epoch: 0n, view: 1n } });
  for (const effect of effects) {
    const message = effect.kind === "send" ? decode(NodeMessage, effect.bytes) : undefined;
    if (message?.kind === "proposal") return message;
  }
  throw new RangeError("The leader of the first view proposes");
}

Deno.test("a proposal with other transactions than its header names leaves the true block welcome", () => {
  const two = testGenesis([alice, bob]);
  const set = validatorSetOf(genesisState(two), 0n);
  if (set === undefined) throw new RangeError("A genesis has validators");
  const first = set.validators[leaderOf(prepareValidators(set), 1n)]?.address;
  const aliceLeads = first !== undefined && equalBytes(first, alice.address);
  const proposal = firstProposal(two, aliceLeads ? alice : bob);
  const voter = createReplica(
    replicaOptions({ genesis: two, timing: TEST_TIMING, signer: aliceLeads ? bob : alice }),
    createMemoryStore(),
  );
  stepReplica(voter, { kind: "start" });
  const { header } = decode(Block, proposal.block);
  const altered = { ...proposal, block: encode(Block, { header, transactions: [] }) };
  const give = (message: NodeMessage) =>
    stepReplica(voter, { kind: "message", from: "leader", bytes: encodeMessage(message) });
  assertEquals(told(give(altered)), ["penalize bad_block"]);
  const votes = give(proposal).flatMap((effect) =>
    effect.kind === "send" ? [decode(NodeMessage, effect.bytes)] : []
  );
  assertEquals(
    votes.flatMap((message) => message.kind === "vote" ? [message.vote.vote.kind] : []).includes("notarize"),
    true,
  );
});
