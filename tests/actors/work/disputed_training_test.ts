import { assertEquals } from "@std/assert/equals.js";
import { challengerMove, ownVerdict, type Party, providerMoves } from "../../../actors/work/mod.ts";
import { createLocalExecutor } from "../../../executor/local_executor.ts";
import type { LoadedProgram } from "../../../executor/executor.ts";
import type { Attribute, Graph, GraphNode } from "../../../executor/graph.ts";
import { buildTrainingProgram, type BuiltProgram, encodeManifest } from "../../../executor/program/mod.ts";
import { createRepopsEngine } from "../../../executor/repops/mod.ts";
import { type Claim, claimOfFault } from "../../../executor/run/mod.ts";
import type { Tensor } from "../../../executor/tensor.ts";
import type { Operation } from "../../../ledger/chain/mod.ts";
import { arbiterCommitment, disputeTurn, openedNodes, type Outcome } from "../../../ledger/disputes/mod.ts";
import type { Address, Program } from "../../../ledger/primitives/mod.ts";
import { outcomeOf, present, saltOf } from "../../ledger/disputes/play.ts";
import { CHALLENGER, PROVIDER, submittedRun, type ToyChain } from "../../ledger/disputes/toy_chain.ts";
import { SEED } from "../../ledger/disputes/toy_program.ts";

const ROWS = 12, BATCH = 4, FEATURES = 5, HIDDEN = 6, CLASSES = 3, STEPS = 4;
const call = { signal: AbortSignal.timeout(60_000) };

function floats(shape: readonly number[], phase: number): Tensor {
  const count = shape.reduce((product, size) => product * size, 1);
  const data = Float32Array.from({ length: count }, (_, i) => ((i * 37 + phase * 11) % 17 - 8) / 16);
  return { dtype: "float32", shape, data };
}

/** Linear, Relu, dropout of 0.4, linear. */
function model(): Graph {
  const transposed: Record<string, Attribute> = { transB: { type: "int", value: 1n } };
  const node = (operator: string, inputs: string[], output: string, attributes = {}): GraphNode => ({
    name: output,
    operator,
    domain: "",
    inputs,
    outputs: [output],
    attributes,
  });
  return {
    name: "small",
    opset: 17,
    inputs: [{ name: "x", dtype: "float32", shape: ["batch", FEATURES] }],
    outputs: [{ name: "logits", dtype: "float32", shape: ["batch", CLASSES] }],
    initializers: new Map<string, Tensor>([
      ["first.weight", floats([HIDDEN, FEATURES], 1)],
      ["ratio", { dtype: "float32", shape: [], data: Float32Array.of(0.4) }],
      ["training", { dtype: "bool", shape: [], data: Uint8Array.of(1) }],
      ["second.weight", floats([CLASSES, HIDDEN], 2)],
    ]),
    nodes: [
      node("Gemm", ["x", "first.weight"], "a", transposed),
      node("Relu", ["a"], "h"),
      node("Dropout", ["h", "ratio", "training"], "d"),
      node("Gemm", ["d", "second.weight"], "logits", transposed),
    ],
  };
}

const engine = await createRepopsEngine();
await engine.close();

/** The job: rows are shuffled by one seed, dropout draws by another. No metric, as submitting one is not the point here. */
function job(seeds: { readonly rows: bigint; readonly dropout: bigint }): BuiltProgram {
  const labels = BigInt64Array.from({ length: ROWS }, (_, i) => BigInt(i % CLASSES));
  const built = buildTrainingProgram({
    engine,
    model: model(),
    batchSize: BATCH,
    inputs: { x: "points" },
    data: [{ name: "points", tensor: floats([ROWS, FEATURES], 3) }, {
      name: "labels",
      tensor: { dtype: "int64", shape: [ROWS], data: labels },
    }],
    labels: "labels",
    loss: "cross_entropy",
    optimizer: { kind: "adamw", learningRate: 0.01 },
    steps: STEPS,
    segmentSteps: 2,
    seed: seeds.dropout,
    evaluation: { inputs: { x: "points" }, labels: "labels" },
  });
  const shuffled = built.program.phases.map((phase, i) =>
    i === 0 && phase.batch !== null ? { ...phase, batch: { ...phase.batch, seed: seeds.rows } } : phase
  );
  const program: Program = { ...built.program, phases: shuffled, metric: null };
  return { ...built, program, manifest: { ...built.manifest, program } };
}

const HONEST = { rows: 1n, dropout: 2n };

/** A party that has computed a job. */
async function partyOf(built: BuiltProgram, claim?: Claim): Promise<Party> {
  const own = await createRepopsEngine();
  const executor = createLocalExecutor(own, claim === undefined ? {} : { claim });
  const program = await executor.load({ manifest: encodeManifest(built.manifest), blobs: built.blobs }, call);
  const { segmentRoots } = await executor.run({ program: program.id }, call);
  return { executor, program, segmentRoots, seed: SEED, call };
}

/** Somebody who computed another job, and says that it was this one. */
function pretending(computed: Party, { program }: Party): Party {
  return { ...computed, program: { ...program, id: computed.program.id } };
}

async function movesOf(chain: ToyChain, provider: Party, challenger: Party): Promise<[Address, Operation][]> {
  const dispute = chain.dispute(), { id } = dispute;
  const turn = disputeTurn(dispute, challenger.program.program);
  const opened = openedNodes.get(chain.state(), id) ?? null;
  switch (turn.by) {
    case "provider":
      return (await providerMoves(provider, id, turn)).map((move) => [PROVIDER, move]);
    case "challenger":
      return [[CHALLENGER, await challengerMove(challenger, dispute, turn, opened)]];
    case "arbiters": {
      const verdict = await ownVerdict(challenger, turn.at, turn.unit, present(opened).leaf);
      return turn.awaited.map((arbiter): [Address, Operation] => {
        const salt = saltOf(arbiter);
        const commitment = arbiterCommitment({ dispute: id, arbiter, salt, verdict });
        return turn.kind === "commit"
          ? [arbiter, { kind: "arbiter_commit", dispute: id, commitment }]
          : [arbiter, { kind: "arbiter_reveal", dispute: id, salt, verdict }];
      });
    }
    default:
      return [];
  }
}

/** Plays the dispute of an honest challenger against a provider, every move as the actors make it. */
async function dispute(provider: Party, challenger: Party): Promise<Outcome> {
  const chain = submittedRun(provider, { program: challenger.program.program });
  chain.open();
  while (chain.dispute().stage.kind !== "closed") {
    const moves = await movesOf(chain, provider, challenger);
    assertEquals(chain.block(...moves), moves.map(() => null));
  }
  await provider.executor.close();
  return outcomeOf(chain.dispute());
}

/** Operator of the node that an outcome names. */
function operatorOf({ phases }: LoadedProgram, { phase, node }: Outcome): string | undefined {
  return phases[phase ?? -1]?.labels[node ?? -1]?.operator;
}

/** Position of a tensor among the state's. */
function stateTensor({ state }: LoadedProgram, name: string): number {
  const index = state.findIndex((entry) => entry.name === name);
  if (index < 0) throw new Error(`no ${name} among ${state.map((entry) => entry.name)}`);
  return index;
}

const challenger = await partyOf(job(HONEST));

const lies: readonly (readonly [what: string, tensor: string, phase: number, step: number])[] = [
  ["the step counter", "step", 0, 1],
  ["the optimizer's first moment", "moment1.second.weight", 0, 2],
  ["the optimizer's powers of beta", "beta2_power", 0, 3],
  ["the loss that is told", "loss", 0, 3],
  ["the right answers that the evaluation counts", "correct", 1, 1],
];

for (const [what, name, phase, step] of lies) {
  Deno.test(`a lie about ${what} is pinned to the node that puts it out, and to a chunk of it`, async () => {
    const tensor = stateTensor(challenger.program, name);
    const cheat = await partyOf(job(HONEST), claimOfFault({ phase, step, tensor }));
    const outcome = await dispute(cheat, challenger);
    const source = challenger.program.phases[phase]?.outputs[tensor]?.source;
    assertEquals([outcome.guilty, outcome.reason], ["provider", "wrong_output"]);
    assertEquals([outcome.phase, outcome.step, outcome.chunk], [phase, step, 0]);
    assertEquals({ kind: "node", node: outcome.node, output: outcome.output }, source);
  });
}

Deno.test("training on other rows than the program draws is wrong wiring: nobody executes anything", async () => {
  const other = pretending(await partyOf(job({ ...HONEST, rows: 9n })), challenger);
  const outcome = await dispute(other, challenger);
  assertEquals([outcome.guilty, outcome.reason, outcome.arbiterFees], ["provider", "wrong_wiring", 0n]);
  assertEquals([outcome.step, operatorOf(challenger.program, outcome)], [0, "Gather"]);
});

Deno.test("dropping other elements than the program draws is pinned to the dropout", async () => {
  const other = pretending(await partyOf(job({ ...HONEST, dropout: 9n })), challenger);
  const outcome = await dispute(other, challenger);
  assertEquals([outcome.guilty, outcome.reason, outcome.step], ["provider", "wrong_output", 0]);
  assertEquals([operatorOf(challenger.program, outcome), outcome.chunk], ["CounterDropout", 0]);
});
