import { assert } from "@std/assert/assert.js";
import { assertEquals } from "@std/assert/equals.js";
import { type Node, RequesterAnswer, RequesterQuestion, ROLE } from "../../../actors/mod.ts";
import { createLocalExecutor } from "../../../executor/local_executor.ts";
import { type BuiltProgram, encodeManifest } from "../../../executor/program/mod.ts";
import { createRepopsEngine } from "../../../executor/repops/mod.ts";
import { type Claim, claimOfFault } from "../../../executor/run/mod.ts";
import { UNITS_PER_TOKEN } from "../../../ledger/mod.ts";
import { bytesToHex, decode, encode, type Hash } from "../../../ledger/primitives/mod.ts";
import { BLOCK, ELEMENT, gradientJob, gradientOf, lyingEngine } from "../work/wrong_gradient.ts";
import { applying, fitting, PREDICTIONS, STEPS } from "./small_programs.ts";
import { type Member, START, startSmallNetwork, type Told } from "./small_network.ts";

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

/** Validators with an executor judge appeals. */
const JUDGING_VALIDATORS: readonly Member[] = VALIDATORS.map((validator) => ({
  ...validator,
  roles: { arbiter: {} },
}));

async function ask(node: Node, question: RequesterQuestion): Promise<RequesterAnswer> {
  const to = { peer: node.actors.self, role: ROLE.requester };
  return decode(RequesterAnswer, await node.actors.ask(to, encode(RequesterQuestion, question), 30_000));
}

/** Posts a job once every provider of the network is on the market. */
async function post(requester: Node, built: BuiltProgram, providers = 1): Promise<Hash> {
  for (const { bytes } of built.blobs) await requester.blobs.put(bytes);
  await offersListed(requester, providers);
  const answer = await ask(requester, {
    kind: "post",
    title: "a small job",
    program: built.program,
    manifest: built.manifestId,
    reward: REWARD,
    collateral: COLLATERAL,
    gain: 0n,
    auditSegments: 0,
    memoryMiB: 1,
    thresholdPpm: null,
    computeBlocks: 500,
  });
  if (answer.kind !== "posted") throw new RangeError(`A post was answered by ${answer.kind}`);
  return answer.task;
}

async function offersListed(node: Node, count: number): Promise<void> {
  const call = { signal: AbortSignal.timeout(20_000) };
  while ((await node.ledger.query("offers", null, call)).length < count) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const collected = ({ event }: Told) => event.kind === "task_stage" && event.stage === "collected";

const warned = (name: string, code: string) => (told: Told) =>
  told.name === name && told.event.kind === "warning" && told.event.code === code;

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
    const task = await post(requester, fitting(network.engine));
    await network.heard(collected);
    const signal = AbortSignal.timeout(5000);
    const done = await requester.ledger.query("task", task, { signal });
    assertEquals([done?.status, done?.attempt, done?.result?.metric], ["done", 1, BigInt(STEPS)]);
    const checked = network.told.find(({ event }) => event.kind === "task_checked");
    assertEquals(checked?.event, { kind: "task_checked", task: bytesToHex(task), agrees: true });
    const audited = network.told.flatMap(({ event }) => event.kind === "task_audited" ? [event.move] : []);
    assertEquals(
      audited,
      ["commit", "reveal"],
      "ONNX Runtime in WebAssembly is audited like any engine with bits of its own",
    );
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
      claim: claimOfFault({ phase: 0, step: 5, tensor: 0 }),
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
    const task = await post(requester, fitting(network.engine));
    await network.heard(collected);
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

Deno.test("a lie is pinned to one chunk; the cheat appeals to the validators, who confirm the arbiters, and loses that bond too", async () => {
  const network = await startSmallNetwork(
    [
      ...JUDGING_VALIDATORS,
      { name: "req", stakes: [], roles: { requester: {} } },
      {
        name: "cheat",
        stakes: ["provider"],
        roles: { provider: { memoryMiB: 1024, minReward: UNITS_PER_TOKEN, slots: 1, appeals: "always" } },
        claim: claimOfFault({ phase: 0, step: 5, tensor: 0 }),
      },
      { name: "chal", stakes: ["challenger"], roles: { challenger: {} } },
      { name: "arb1", stakes: ["arbiter"], roles: { arbiter: {} } },
    ],
    { ...PARAMS, maxAttempts: 1, appealBlocks: 100 },
    createRepopsEngine,
  );
  try {
    const requester = network.node("req"), cheat = network.node("cheat");
    // Four chunks of weights, of which the middle element lies in the second.
    const task = await post(requester, fitting(network.engine, 50_000));
    await network.heard(({ name, event }) =>
      name === "req" && event.kind === "ledger_event" && event.event === "dispute_closed"
    );
    const call = { signal: AbortSignal.timeout(5000) };
    const [dispute] = await requester.ledger.query("disputesOfTask", task, call);
    const outcome = dispute?.outcome;
    assertEquals([outcome?.guilty, outcome?.reason, outcome?.appeal], ["provider", "wrong_output", "upheld"]);
    assertEquals([outcome?.step, outcome?.output, outcome?.chunk], [5, 0, 1]);
    const verdicts = network.told.flatMap(({ name, event }) =>
      event.kind === "verdict" ? [[name, event.operator, event.finding]] : []
    );
    assertEquals(verdicts.map(([name]) => name).toSorted(), ["arb1", "v1", "v2"]);
    assertEquals(new Set(verdicts.map(([, operator]) => operator)), new Set(["chunk 1 of Identity"]));
    assertEquals(new Set(verdicts.map(([, , finding]) => finding)).size, 1);
    const stake = await requester.ledger.query("stake", { role: "provider", address: cheat.address }, call);
    assertEquals(stake.amount, 900n * UNITS_PER_TOKEN);
    assert(await balanceOf(requester, cheat) < START - 20n * UNITS_PER_TOKEN);
  } finally {
    await network.close();
  }
});

Deno.test("a lie in one element that is too dear to be judged with its chunk is pinned to one block of its sum", async () => {
  const honest = await createRepopsEngine(), job = gradientJob(honest);
  const opener = createLocalExecutor(honest), call = { signal: AbortSignal.timeout(60_000) };
  const gradient = gradientOf(
    await opener.load({ manifest: encodeManifest(job.manifest), blobs: job.blobs }, call),
  );
  await opener.close();
  const network = await startSmallNetwork(
    [
      // The cheat's own machine confirms the lie, so it appeals.
      ...JUDGING_VALIDATORS,
      { name: "req", stakes: [], roles: { requester: {} } },
      {
        name: "cheat",
        stakes: ["provider"],
        roles: provider(UNITS_PER_TOKEN),
        device: (engine) => lyingEngine(engine, gradient, true),
      },
      { name: "chal", stakes: ["challenger"], roles: { challenger: {} } },
      { name: "arb", stakes: ["arbiter"], roles: { arbiter: {} } },
    ],
    { ...PARAMS, maxAttempts: 1, appealBlocks: 100, unitCostCap: 1n << 20n },
    createRepopsEngine,
  );
  try {
    const requester = network.node("req"), cheat = network.node("cheat");
    const task = await post(requester, job);
    await network.heard(({ name, event }) =>
      name === "req" && event.kind === "ledger_event" && event.event === "dispute_closed"
    );
    const [dispute] = await requester.ledger.query("disputesOfTask", task, call);
    const outcome = dispute?.outcome;
    assertEquals([outcome?.guilty, outcome?.reason, outcome?.appeal], ["provider", "wrong_output", "upheld"]);
    assertEquals([outcome?.node, outcome?.chunk, outcome?.element, outcome?.block], [
      gradient.node,
      0,
      ELEMENT,
      BLOCK,
    ]);
    const verdicts = network.told.flatMap(({ name, event }) =>
      event.kind === "verdict" ? [[name, event.operator]] : []
    );
    const judged = `block ${BLOCK} of element ${ELEMENT} of MatMul`;
    assertEquals(verdicts.toSorted(), [["arb", judged], ["v1", judged], ["v2", judged]]);
    const stake = await requester.ledger.query("stake", { role: "provider", address: cheat.address }, call);
    assertEquals(stake.amount, 900n * UNITS_PER_TOKEN);
  } finally {
    await network.close();
  }
});

Deno.test("an inference job's outputs are those of the model, batch by batch", async () => {
  const network = await startSmallNetwork([
    ...VALIDATORS,
    { name: "req", stakes: [], roles: { requester: { collects: false } } },
    { name: "prov", stakes: ["provider"], roles: provider(UNITS_PER_TOKEN) },
  ], PARAMS);
  try {
    const requester = network.node("req");
    const task = await post(requester, applying(network.engine));
    await network.heard(({ event }) => event.kind === "task_stage" && event.stage === "done");
    const answer = await ask(requester, { kind: "collect", task });
    if (answer.kind !== "collected") throw new RangeError(`A collection was answered by ${answer.kind}`);
    assertEquals(answer.index.maps.map(({ segment, steps }) => [segment, steps.length]), [[0, 2], [1, 2]]);
    const call = { signal: AbortSignal.timeout(5000), from: [] };
    const headers = answer.index.maps.flatMap(({ steps }) =>
      steps.flatMap((step) => step.map(({ header }) => header))
    );
    const blobs = await Promise.all(headers.map(({ blob }) => requester.blobs.get(blob, call)));
    const values = blobs.flatMap((blob) => [...new Float32Array(new Uint8Array(blob).buffer)]);
    assertEquals(values.map((value) => value.toFixed(4)), PREDICTIONS.map((value) => value.toFixed(4)));
  } finally {
    await network.close();
  }
});

Deno.test("a provider that is restarted goes on with its task, and a node that was away catches up", async () => {
  const network = await startSmallNetwork([
    ...VALIDATORS,
    { name: "req", stakes: [], roles: { requester: {} } },
    { name: "prov", stakes: ["provider"], roles: provider(UNITS_PER_TOKEN) },
  ], PARAMS);
  try {
    const requester = network.node("req");
    const task = await post(requester, fitting(network.engine));
    await network.heard(({ name, event }) =>
      name === "prov" && event.kind === "task_stage" && event.stage === "accepted"
    );
    await network.stop("prov");
    const call = { signal: AbortSignal.timeout(20_000) };
    const { height } = await requester.ledger.query("head", null, call);
    await network.heard(({ name, event }) =>
      name === "req" && event.kind === "block_finalized" && event.height > height + 5n
    );
    network.start("prov");
    await network.heard(collected);
    const done = await network.node("prov").ledger.query("task", task, call);
    assertEquals([done?.status, done?.attempt], ["done", 1]);
  } finally {
    await network.close();
  }
});

/** Wrong in its first run through the program, right ever after. */
function wrongOnce(): Claim {
  const lie = claimOfFault({ phase: 0, step: 3, tensor: 0 });
  let lies = 1;
  return (place, outputs) => place.step === 3 && lies-- > 0 ? lie(place, outputs) : outputs;
}

Deno.test("a challenger whose own two runs differ raises no alarm", async () => {
  const network = await startSmallNetwork([
    ...VALIDATORS,
    { name: "req", stakes: [], roles: { requester: {} } },
    { name: "prov", stakes: ["provider"], roles: provider(UNITS_PER_TOKEN) },
    { name: "chal", stakes: ["challenger"], roles: { challenger: {} }, claim: wrongOnce() },
  ], { ...PARAMS, auditorCount: 0, certifierCount: 0 });
  try {
    const requester = network.node("req");
    const task = await post(requester, fitting(network.engine));
    await network.heard(warned("chal", "mismatch"));
    await network.heard(collected);
    const done = await requester.ledger.query("task", task, { signal: AbortSignal.timeout(5000) });
    assertEquals([done?.status, done?.disputes], ["done", 0]);
  } finally {
    await network.close();
  }
});

Deno.test("a challenger whose machine is wrong loses its bond, and the honest provider is paid", async () => {
  const network = await startSmallNetwork([
    ...VALIDATORS,
    { name: "req", stakes: [], roles: { requester: {} } },
    { name: "prov", stakes: ["provider"], roles: provider(UNITS_PER_TOKEN) },
    {
      name: "chal",
      stakes: ["challenger"],
      roles: { challenger: {} },
      claim: claimOfFault({ phase: 0, step: 7, tensor: 0 }),
    },
    { name: "arb1", stakes: ["arbiter"], roles: { arbiter: {} } },
    { name: "arb2", stakes: ["arbiter"], roles: { arbiter: {} } },
    { name: "arb3", stakes: ["arbiter"], roles: { arbiter: {} } },
  ], PARAMS);
  try {
    const requester = network.node("req"), prov = network.node("prov");
    const task = await post(requester, fitting(network.engine));
    const call = { signal: AbortSignal.timeout(60_000) };
    await network.heard(({ name, event }) =>
      name === "req" && event.kind === "ledger_event" && event.event === "dispute_closed"
    );
    const [dispute] = await requester.ledger.query("disputesOfTask", task, call);
    assertEquals([dispute?.outcome?.guilty, dispute?.outcome?.reason], ["challenger", "output_confirmed"]);
    assertEquals(dispute?.outcome?.step, 7);
    const stake = await requester.ledger.query("stake", { role: "provider", address: prov.address }, call);
    assertEquals(stake.amount, 1000n * UNITS_PER_TOKEN);
    assert(await balanceOf(requester, network.node("chal")) < START - UNITS_PER_TOKEN, "the bond is gone");
    await network.heard(({ event }) => event.kind === "task_stage" && event.stage === "done");
    assertEquals(
      (await requester.ledger.query("task", task, call))?.disputes,
      1,
      "it stakes no second bond on it",
    );
  } finally {
    await network.close();
  }
});
