import { assert } from "@std/assert/assert.js";
import { assertEquals } from "@std/assert/equals.js";
import { type Node, RequesterAnswer, RequesterQuestion, ROLE } from "../../../actors/mod.ts";
import type { BuiltProgram } from "../../../executor/program/mod.ts";
import { UNITS_PER_TOKEN } from "../../../ledger/mod.ts";
import { bytesToHex, decode, encode, type Hash } from "../../../ledger/primitives/mod.ts";
import { fitting, STEPS } from "./small_programs.ts";
import { type Member, type SmallNetwork, startSmallNetwork } from "./small_network.ts";

const REWARD = 20n * UNITS_PER_TOKEN;
const COLLATERAL = 100n * UNITS_PER_TOKEN;

/** Windows long enough for a machine that does other things too, and a challenge window short enough for a test. */
const PARAMS = {
  challengeBlocks: 25,
  acceptBlocks: 100,
  roundBlocks: 100,
  arbiterCommitBlocks: 100,
  arbiterRevealBlocks: 100,
};

const provider = (minReward: bigint): Member["roles"] => ({
  provider: { memoryMiB: 1024, minReward, slots: 1 },
});

const VALIDATORS: readonly Member[] = [
  { name: "v1", stakes: ["validator"], roles: {} },
  { name: "v2", stakes: ["validator"], roles: {} },
];

async function post(network: SmallNetwork, requester: Node, built: BuiltProgram): Promise<Hash> {
  for (const { bytes } of built.blobs) await requester.blobs.put(bytes);
  const question = encode(RequesterQuestion, {
    kind: "post",
    title: "a small job",
    program: built.program,
    manifest: built.manifestId,
    reward: REWARD,
    collateral: COLLATERAL,
    memoryMiB: 1,
    thresholdPpm: null,
    computeBlocks: 500,
  });
  await network.heard(({ event }) =>
    event.kind === "ledger_event" && event.event.startsWith("offer_published")
  );
  const answer = decode(
    RequesterAnswer,
    await requester.actors.ask({ peer: requester.actors.self, role: ROLE.requester }, question, 30_000),
  );
  if (answer.kind !== "posted") throw new RangeError(`A post was answered by ${answer.kind}`);
  return answer.task;
}

const balanceOf = async (node: Node, of: Node): Promise<bigint> =>
  (await node.ledger.query("account", of.address, { signal: AbortSignal.timeout(5000) })).balance;

Deno.test("an honest task is computed, checked, paid, and its outputs are brought home", async () => {
  const network = await startSmallNetwork([
    ...VALIDATORS,
    { name: "req", stakes: [], roles: { requester: {} } },
    { name: "prov", stakes: ["provider"], roles: provider(UNITS_PER_TOKEN) },
    { name: "chal", stakes: ["challenger"], roles: { challenger: {} } },
  ], PARAMS);
  try {
    const requester = network.node("req");
    const task = await post(network, requester, fitting(network.engine));
    await network.heard(({ event }) => event.kind === "task_stage" && event.stage === "collected");
    const signal = AbortSignal.timeout(5000);
    const done = await requester.ledger.query("task", task, { signal });
    assertEquals([done?.status, done?.attempt, done?.result?.metric], ["done", 1, BigInt(STEPS)]);
    const checked = network.told.find(({ event }) => event.kind === "task_checked");
    assertEquals(checked?.event, { kind: "task_checked", task: bytesToHex(task), agrees: true });
    const progress = network.told.filter(({ name, event }) =>
      name === "prov" && event.kind === "task_progress"
    );
    assert(progress.length >= 2, "a provider tells how far it is");
  } finally {
    await network.close();
  }
});

Deno.test("a cheat is caught, pinned to one operator and slashed; the honest second provider is paid", async () => {
  const network = await startSmallNetwork([
    ...VALIDATORS,
    { name: "req", stakes: [], roles: { requester: {} } },
    // The cheaper one is matched first.
    {
      name: "cheat",
      stakes: ["provider"],
      roles: provider(UNITS_PER_TOKEN),
      fault: { phase: 0, step: 5, tensor: 0 },
    },
    { name: "honest", stakes: ["provider"], roles: provider(2n * UNITS_PER_TOKEN) },
    { name: "chal", stakes: ["challenger"], roles: { challenger: {} } },
    { name: "arb1", stakes: ["arbiter"], roles: { arbiter: {} } },
    { name: "arb2", stakes: ["arbiter"], roles: { arbiter: {} } },
    { name: "arb3", stakes: ["arbiter"], roles: { arbiter: {} } },
  ], PARAMS);
  try {
    const requester = network.node("req"), honest = network.node("honest"), cheat = network.node("cheat");
    await network.heard(({ event }) =>
      event.kind === "ledger_event" && event.event.startsWith("offer") &&
      event.account === bytesToHex(cheat.address)
    );
    const task = await post(network, requester, fitting(network.engine));
    await network.heard(({ event }) => event.kind === "task_stage" && event.stage === "collected");
    const call = { signal: AbortSignal.timeout(5000) };
    const done = await requester.ledger.query("task", task, call);
    assertEquals([done?.status, done?.attempt, done?.disputes], ["done", 2, 1]);
    assertEquals(done?.result?.provider, honest.address);
    const [dispute] = await requester.ledger.query("disputesOfTask", task, call);
    const outcome = dispute?.outcome;
    assertEquals([outcome?.guilty, outcome?.reason], ["provider", "wrong_output"]);
    assertEquals([outcome?.phase, outcome?.step, outcome?.tree, outcome?.forfeited], [
      0,
      5,
      "nodes",
      COLLATERAL,
    ]);
    const stake = await requester.ledger.query("stake", { role: "provider", address: cheat.address }, call);
    assertEquals(stake.amount, 900n * UNITS_PER_TOKEN);
    assert(await balanceOf(requester, honest) > await balanceOf(requester, cheat) + REWARD / 2n);
    const supply = await requester.ledger.query("supply", null, call);
    const held = Object.values(supply.held).reduce((sum, amount) => sum + amount, 0n);
    assertEquals(held, supply.genesis + supply.issued - supply.burned);
    const verdicts = network.told.filter(({ event }) => event.kind === "verdict");
    assertEquals(new Set(verdicts.map(({ event }) => event.kind === "verdict" && event.finding)).size, 1);
  } finally {
    await network.close();
  }
});
