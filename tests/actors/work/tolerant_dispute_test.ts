/** Disputes about a program whose bits depend on the device: every move as the actors make it, on a ledger without consensus. */
import { assert } from "@std/assert/assert.js";
import { assertEquals } from "@std/assert/equals.js";
import {
  answerParty,
  type BlobAccess,
  challengerMove,
  judge,
  makeJudgedRuns,
  makeMemoryJournal,
  makeProgramAccess,
  ownVerdict,
  type Party,
  providerMoves,
  publishOutputs,
  type WorkPowers,
} from "../../../actors/work/mod.ts";
import type { LedgerClient } from "../../../actors/mod.ts";
import { createEngine } from "../../../executor/engines/create_engine_ort.ts";
import {
  buildInferenceProgram,
  createLocalExecutor,
  encodeManifest,
  type Executor,
  type Tensor,
} from "../../../executor/mod.ts";
import type { Operation } from "../../../ledger/chain/mod.ts";
import {
  arbiterCommitment,
  disputeTurn,
  namingMove,
  openedNodes,
  type Outcome,
} from "../../../ledger/disputes/mod.ts";
import { type Address, bytesToHex, hash } from "../../../ledger/primitives/mod.ts";
import { blobOf } from "../../../executor/program/mod.ts";
import { mlp, uniform } from "../../executor/models.ts";
import { outcomeOf, present, saltOf } from "../../ledger/disputes/play.ts";
import {
  CHALLENGER,
  committedRun,
  PROVIDER,
  submittedRun,
  type ToyChain,
} from "../../ledger/disputes/toy_chain.ts";
import { SEED } from "../../ledger/disputes/toy_program.ts";
import { fakeActivity } from "../fake_activity.ts";
import { type Noise, noisyDevice } from "../noisy_device.ts";

const ROWS = 12, WIDTH = 8;
const call = { signal: AbortSignal.timeout(120_000) };
const draw = uniform(3);
const x: Tensor = {
  dtype: "float32",
  shape: [ROWS, WIDTH],
  data: Float32Array.from({ length: ROWS * WIDTH }, draw),
};

const plain = await createEngine("ort", { backend: "wasm" });

const built = buildInferenceProgram({
  engine: plain,
  model: mlp(4, [WIDTH, WIDTH, 3]),
  inputs: { x: "x" },
  data: [{ name: "x", tensor: x }],
  batchSize: 4,
  segmentSteps: 2,
});

/** Blobs that everybody can get. */
function sharedBlobs(): BlobAccess {
  const kept = new Map<string, Uint8Array>();
  return {
    put(blob) {
      const { id } = blobOf(blob);
      kept.set(bytesToHex(id), blob);
      return Promise.resolve(id);
    },
    get: (root) => Promise.resolve(present(kept.get(bytesToHex(root)))),
    has: (root) => Promise.resolve(kept.has(bytesToHex(root))),
    chunks: () => Promise.reject(new RangeError("Nodes of this program are judged whole")),
  };
}

const NO_NOISE: Noise = () => 0;
const HONEST: Noise = () => 0.4;
const OTHER_HONEST: Noise = () => -0.3;
/** Noise, and one node beyond its bound. */
const lyingAt = (name: string): Noise => (node) => node.name === name ? 10 : 0.4;

async function executorOn(noise: Noise): Promise<Executor> {
  const executor = createLocalExecutor(noisyDevice(plain, noise));
  await executor.load({ manifest: encodeManifest(built.manifest), blobs: built.blobs }, call);
  return executor;
}

async function partyOn(executor: Executor): Promise<Party> {
  const program = await executor.load({ manifest: encodeManifest(built.manifest), blobs: built.blobs }, call);
  const { segmentRoots } = await executor.run({ program: program.id }, call);
  return { executor, program, segmentRoots, seed: SEED, call };
}

/** A submitted run on a chain, and a network of its provider, a judge of it and arbiters. */
async function submitted(provider: Party) {
  const chain = submittedRun(provider, { program: built.program });
  const blobs = sharedBlobs();
  for (const { bytes } of built.blobs) await blobs.put(bytes);
  const ledger: LedgerClient = {
    address: CHALLENGER,
    prove: () => Promise.reject(new RangeError("Nothing is drawn by a key in this test")),
    // deno-lint-ignore no-explicit-any -- one function stands for the overloads of all queries
    query: (name): Promise<any> => Promise.resolve(name === "task" ? chain.task() : chain.dispute()),
    submit: () => Promise.reject(new RangeError("Operations are played by the test")),
    operations: () => Promise.reject(new RangeError("There are no blocks")),
  };
  const powers = (executor: Executor): WorkPowers => ({
    ledger,
    blobs,
    executor,
    journal: makeMemoryJournal(),
  });
  const index = await publishOutputs(
    { executor: provider.executor, blobs },
    { id: built.id, program: built.program },
    provider.segmentRoots,
    call,
  );
  const own = powers(provider.executor);
  const activity = fakeActivity({
    ask: (_to, body) =>
      answerParty(
        own,
        {
          party: () => Promise.resolve(provider),
          program: () => Promise.resolve(provider.program),
          outputs: () => Promise.resolve(index),
        },
        body,
        activity,
      ),
  });
  const executor = await executorOn(OTHER_HONEST);
  const program = await executor.load({ manifest: encodeManifest(built.manifest), blobs: built.blobs }, call);
  const runs = makeJudgedRuns(powers(executor));
  const judged = await runs.party(chain.task(), program, activity);
  const naming = () => runs.naming(chain.task(), program, chain.dispute().id, activity);
  const arbiter = powers(await executorOn(NO_NOISE));
  const programs = makeProgramAccess(arbiter);
  const verdict = async () => {
    const dispute = chain.dispute(), turn = disputeTurn(dispute, built.program);
    if (turn.by !== "arbiters") throw new RangeError(`nothing is judged at ${turn.kind}`);
    const opened = present(openedNodes.get(chain.state(), dispute.id));
    // The toy chain's task names another manifest.
    const task = { ...chain.task(), manifest: built.manifestId };
    return (await judge(arbiter, programs, { task, dispute, opened, turn }, activity)).verdict;
  };
  return { chain, judged, naming, verdict };
}

type Submitted = Awaited<ReturnType<typeof submitted>>;

async function movesOf(
  { chain, verdict: find }: Submitted,
  provider: Party,
  challenger: Party,
): Promise<[Address, Operation][]> {
  const dispute = chain.dispute(), { id } = dispute;
  const turn = disputeTurn(dispute, built.program);
  const opened = openedNodes.get(chain.state(), id) ?? null;
  switch (turn.by) {
    case "provider":
      return (await providerMoves(provider, id, turn)).map((move) => [PROVIDER, move]);
    case "challenger":
      return [[CHALLENGER, await challengerMove(challenger, dispute, turn, opened)]];
    case "arbiters": {
      const verdict = await find();
      return turn.awaited.map((arbiter): [Address, Operation] => {
        const salt = saltOf(arbiter);
        const commitment = arbiterCommitment({ dispute: id, arbiter, salt, verdict });
        return turn.kind === "commit"
          ? [arbiter, { kind: "arbiter_commit", dispute: id, commitment }]
          : [arbiter, { kind: "arbiter_reveal", dispute: id, salt, verdict }];
      });
    }
    case "parties":
      await seesIt(provider, challenger, turn.reason === "wrong_output", chain);
      return [];
    default:
      return [];
  }
}

/** Requires that the one who was found to be right comes to the verdict itself: it would appeal against another. */
async function seesIt(provider: Party, challenger: Party, guilty: boolean, chain: ToyChain) {
  const { stage, id } = chain.dispute();
  if (!("unit" in stage)) return;
  const opened = present(openedNodes.get(chain.state(), id));
  const side = guilty ? challenger : provider;
  const own = await ownVerdict(side, stage.at, stage.unit, opened.leaf);
  assertEquals(bytesToHex(own) === bytesToHex(stage.unit.claimed), !guilty);
}

/** Plays a dispute to its end. */
async function dispute(on: Submitted, provider: Party, challenger: Party): Promise<Outcome> {
  on.chain.open();
  return await playOn(on, provider, challenger);
}

async function playOn(on: Submitted, provider: Party, challenger: Party): Promise<Outcome> {
  while (on.chain.dispute().stage.kind !== "closed") {
    const moves = await movesOf(on, provider, challenger);
    assertEquals(on.chain.block(...moves), moves.map(() => null));
  }
  return outcomeOf(on.chain.dispute());
}

const hexes = (roots: readonly Uint8Array[]) => roots.map(bytesToHex);

function named(operation: Operation | undefined): Extract<Operation, { kind: "dispute_name_node" }> {
  if (operation?.kind === "dispute_name_node") return operation;
  throw new RangeError("no node was named");
}

/** The naming of a node that is right, with a made-up leaf as the challenger's own. */
async function framing(
  { executor, program, segmentRoots }: Party,
  { chain }: Submitted,
  { node, step, segment }: { readonly node: number; readonly step: number; readonly segment: number },
): Promise<Operation> {
  const place = { program: program.id, segment, step }, record = await executor.trace(place, call);
  const { roots } = await executor.steps(place, call);
  const { nodes, outputs } = present(program.phases[0]);
  const committed = {
    program: program.program,
    seed: SEED,
    segmentRoots,
    segment,
    stepRoots: roots,
    step,
    nodes,
    outputs,
    entries: record.outputs,
    input: record.input,
    data: program.data,
  };
  return present(namingMove(chain.dispute().id, committed, node, hash("test/own")));
}

/** Nodes that compute sums, in order. */
const sums = await (async () => {
  const { phases } = (await partyOn(await executorOn(NO_NOISE))).program;
  return present(phases[0]).labels.flatMap(({ name, operator }, node) =>
    operator === "Gemm" || operator === "MatMul" ? [{ name, node }] : []
  );
})();

Deno.test("what an honest device computes has other bits, and yet is judged to be right to the bit: there is nothing to dispute", async () => {
  const provider = await partyOn(await executorOn(HONEST));
  const other = await partyOn(await executorOn(OTHER_HONEST));
  assert(String(hexes(provider.segmentRoots)) !== String(hexes(other.segmentRoots)));
  const { judged } = await submitted(provider);
  assertEquals(hexes(judged.segmentRoots), hexes(provider.segmentRoots));
});

Deno.test("nobody is drawn to audit by the bit what has other bits on other devices: the result is opened at once", async () => {
  const provider = await partyOn(await executorOn(HONEST));
  const chain = committedRun(provider, { program: built.program, auditors: 3 });
  while (chain.audit().stage === "draw") chain.block();
  assertEquals([chain.audit().stage, chain.audit().seats], ["open_outputs", []]);
});

Deno.test("who disputes honest noise to the bit loses its bond, and the honest provider nothing", async () => {
  const provider = await partyOn(await executorOn(HONEST));
  const outcome = await dispute(
    await submitted(provider),
    provider,
    await partyOn(await executorOn(NO_NOISE)),
  );
  assertEquals([outcome.guilty, outcome.reason], ["challenger", "output_confirmed"]);
});

for (const { name, node } of sums) {
  Deno.test(`an error of ten times the bound in node ${node} is found, whatever the noise of the others`, async () => {
    const provider = await partyOn(await executorOn(lyingAt(name)));
    const on = await submitted(provider);
    const outcome = await dispute(on, provider, on.judged);
    assertEquals([outcome.guilty, outcome.reason, outcome.node], ["provider", "wrong_output", node]);
  });
}

Deno.test("a provider that opens an honest trace instead of the false one that it committed to is guilty all the same", async () => {
  const lie = await executorOn(lyingAt(present(sums[0]).name)), honest = await executorOn(HONEST);
  const provider = await partyOn(lie);
  const on = await submitted(provider);
  const posing: Party = {
    ...provider,
    executor: {
      ...lie,
      trace: async (place, options) => ({
        ...await lie.trace(place, options),
        nodes: (await honest.trace(place, options)).nodes,
      }),
      nodeInputs: (place, options) => honest.nodeInputs(place, options),
    },
  };
  const outcome = await dispute(on, posing, on.judged);
  assertEquals([outcome.guilty, outcome.reason], ["provider", "wrong_output"]);
});

for (const { name, node } of sums) {
  Deno.test(`a challenger names node ${node} at once, without a word of the provider, and arbiters find the error there`, async () => {
    const provider = await partyOn(await executorOn(lyingAt(name)));
    const on = await submitted(provider);
    on.chain.open();
    const naming = present(await on.naming());
    assertEquals(on.chain.block([CHALLENGER, naming]), [null]);
    assertEquals(on.chain.dispute().stage.kind, "draw");
    const outcome = await playOn(on, provider, on.judged);
    assertEquals([outcome.guilty, outcome.reason, outcome.node], ["provider", "wrong_output", node]);
    assertEquals(on.chain.dispute().rounds, 1);
  });
}

Deno.test("of an honest run no node is named; and who names one falsely loses its bond, and the honest provider nothing", async () => {
  const provider = await partyOn(await executorOn(HONEST));
  const on = await submitted(provider),
    liar = await submitted(await partyOn(await executorOn(lyingAt(present(sums[0]).name))));
  on.chain.open();
  assertEquals(await on.naming(), undefined);
  liar.chain.open();
  const { node, step, segment } = named(await liar.naming());
  // The same place of the honest run, with what the provider committed to there, and another leaf as the challenger's own.
  const move = await framing(provider, on, { node, step, segment });
  assertEquals(on.chain.block([CHALLENGER, move]), [null]);
  const outcome = await playOn(on, provider, on.judged);
  assertEquals([outcome.guilty, outcome.reason], ["challenger", "output_confirmed"]);
});
