/**
 * A weight gradient over thousands of rows of which one element is wrong: the real engine's dispute ends at one block of that element's sum, which
 * arbiters compute from the few chunks of input that the block takes.
 */
import { assert } from "@std/assert/assert.js";
import { assertEquals } from "@std/assert/equals.js";
import { challengerMove, ownVerdict, type Party, providerMoves } from "../../../actors/work/mod.ts";
import { workOf } from "../../../actors/work/own_verdict.ts";
import type { Engine } from "../../../executor/engine.ts";
import { createLocalExecutor } from "../../../executor/local_executor.ts";
import type { Graph, TypedGraph } from "../../../executor/graph.ts";
import { buildTrainingProgram, encodeManifest } from "../../../executor/program/mod.ts";
import type { SumWork } from "../../../executor/random_access.ts";
import { createRepopsEngine } from "../../../executor/repops/mod.ts";
import { type Tensor, tensorBytes } from "../../../executor/tensor.ts";
import type { Operation } from "../../../ledger/chain/mod.ts";
import {
  arbiterCommitment,
  disputeTurn,
  extentOfSum,
  openedNodes,
  type Outcome,
  partVerdict,
} from "../../../ledger/disputes/mod.ts";
import { type Address, CHUNK_BYTES, type Hash, type SumShape } from "../../../ledger/primitives/mod.ts";
import { outcomeOf, present, saltOf } from "../../ledger/disputes/play.ts";
import {
  CHALLENGER,
  COLLATERAL,
  PROVIDER,
  submittedRun,
  tokens,
  type ToyChain,
} from "../../ledger/disputes/toy_chain.ts";
import { SEED } from "../../ledger/disputes/toy_program.ts";

const ROWS = 5_000, FEATURES = 40, CLASSES = 3;
const call = { signal: AbortSignal.timeout(60_000) };

function floats(shape: readonly number[], phase: number): Tensor {
  const count = shape.reduce((product, size) => product * size, 1);
  const data = Float32Array.from({ length: count }, (_, i) => ((i * 37 + phase * 11) % 1019 - 500) / 1024);
  return { dtype: "float32", shape, data };
}

const honestEngine = await createRepopsEngine();

/** One linear layer, every row in each batch: its weight gradient is a sum over all rows. */
const job = (() => {
  const model: Graph = {
    name: "linear",
    opset: 17,
    inputs: [{ name: "x", dtype: "float32", shape: ["batch", FEATURES] }],
    outputs: [{ name: "logits", dtype: "float32", shape: ["batch", CLASSES] }],
    initializers: new Map([["weight", floats([FEATURES, CLASSES], 1)]]),
    nodes: [{
      name: "logits",
      operator: "MatMul",
      domain: "",
      inputs: ["x", "weight"],
      outputs: ["logits"],
      attributes: {},
    }],
  };
  return buildTrainingProgram({
    engine: honestEngine,
    model,
    batchSize: ROWS,
    inputs: { x: "points" },
    data: [{ name: "points", tensor: floats([ROWS, FEATURES], 3) }, {
      name: "labels",
      tensor: {
        dtype: "int64",
        shape: [ROWS],
        data: BigInt64Array.from({ length: ROWS }, (_, i) => BigInt(i % CLASSES)),
      },
    }],
    labels: "labels",
    loss: "cross_entropy",
    optimizer: { kind: "sgd", learningRate: 0.5 },
    steps: 2,
    segmentSteps: 1,
    seed: 1n,
  });
})();

async function partyOf(engine: Engine): Promise<Party> {
  const executor = createLocalExecutor(engine);
  const program = await executor.load({ manifest: encodeManifest(job.manifest), blobs: job.blobs }, call);
  const { segmentRoots } = await executor.run({ program: program.id }, call);
  return { executor, program, segmentRoots, seed: SEED, call };
}

const honest = await partyOf(honestEngine);

/** The weight gradient: the node that sums over all rows and puts out as many elements as there are weights. */
const GRADIENT = present(honest.program.phases[0]).nodes.findIndex(({ sum, outputs }) =>
  sum?.terms === ROWS && outputs[0]?.shape.join() === [FEATURES, CLASSES].join()
);
const SHAPE: SumShape = present(honest.program.phases[0]?.nodes[GRADIENT]?.sum);
const ELEMENT = 77, BLOCK = 13;

/** A graph in which one element of the gradient is more than it is: the rest is computed from that. */
function falsified(graph: TypedGraph, name: string): TypedGraph {
  const node = graph.nodes.find(({ outputs }) => outputs[0] === name), type = graph.types.get(name);
  if (node === undefined || type === undefined) return graph;
  const right = `${name}/right`, more = `${name}/more`;
  const delta = new Float32Array(FEATURES * CLASSES);
  delta[ELEMENT] = 1;
  const lie = { ...node, name: `${node.name}/lie`, operator: "Add", domain: "", attributes: {} };
  return {
    ...graph,
    nodes: graph.nodes.flatMap((each) =>
      each === node
        ? [{ ...node, outputs: [right] }, { ...lie, inputs: [right, more], outputs: [name] }]
        : [each]
    ),
    initializers: new Map([...graph.initializers, [more, {
      dtype: "float32",
      shape: [FEATURES, CLASSES],
      data: delta,
    }]]),
    types: new Map([...graph.types, [right, type], [more, type]]),
  };
}

const one = new DataView(new ArrayBuffer(4));

function plusOne(bits: number): number {
  one.setUint32(0, bits);
  one.setFloat32(0, one.getFloat32(0) + 1);
  return one.getUint32(0);
}

/** Whether a part of the sum has the falsified block in it. */
function covers(work: SumWork): boolean {
  const group = Math.floor(BLOCK / SHAPE.groupBlocks);
  if (work.kind === "block") return work.block === BLOCK;
  return work.kind === "part" &&
    (work.place.kind === "element" || (work.place.from <= group && group < work.place.to));
}

/** An engine of somebody whose weight gradient is wrong in one element; `consistent`: and who claims a block of it to match. */
async function lyingEngine(consistent: boolean): Promise<Engine> {
  const engine = await createRepopsEngine(), access = present(engine.randomAccess);
  const { phases } = honest.program;
  const label = present(phases[0]?.labels[GRADIENT]).name;
  return {
    ...engine,
    load: (graph) => {
      const output = graph.nodes.find(({ name }) => name === label)?.outputs[0];
      return engine.load(output === undefined ? graph : falsified(graph, output));
    },
    randomAccess: {
      ...access,
      computeSums: (part, works, inputs) =>
        access.computeSums(part, works, inputs).map((bits, i) =>
          consistent && part.start === ELEMENT && covers(present(works[i])) ? plusOne(bits) : bits
        ),
    },
  };
}

/** What an arbiter finds who has nothing but the input chunks that the unit takes; and how many those are. */
async function arbiterVerdict(
  { executor, program, call }: Party,
  turn: Extract<ReturnType<typeof disputeTurn>, { by: "arbiters" }>,
): Promise<{ readonly verdict: Hash; readonly chunks: number }> {
  const { at, unit } = turn;
  if (unit.kind !== "block" && unit.kind !== "combination") throw new Error(`judged is a ${unit.kind}`);
  const place = {
    program: program.id,
    segment: at.within.within.segment,
    step: at.within.step,
    node: at.node,
  };
  const tensors = await executor.nodeInputs(place, call);
  const request = {
    program: program.id,
    phase: 0,
    node: at.node,
    element: unit.element,
    works: [workOf(unit)],
  };
  const needs = await executor.sumNeeds({ ...request, inputs: tensors.map(() => null) }, call);
  assert(needs.complete);
  const inputs = tensors.map((tensor, i) => {
    const positions = needs.chunks.find(({ input }) => input === i)?.positions;
    return tensor === null || positions === undefined ? null : positions.map((position) => ({
      position,
      bytes: tensorBytes(tensor).slice(position * CHUNK_BYTES, (position + 1) * CHUNK_BYTES),
    }));
  });
  const [bits] = await executor.executeSums({ ...request, inputs }, call);
  return {
    verdict: partVerdict(present(bits)),
    chunks: needs.chunks.reduce((sum, { positions }) => sum + positions.length, 0),
  };
}

/** Plays a dispute, every move as the actors make it. */
async function dispute(
  provider: Party,
  challenger: Party,
): Promise<{ readonly outcome: Outcome; readonly chain: ToyChain; readonly chunks: number }> {
  const { program } = honest.program;
  const chain = submittedRun(provider, { program: { ...program, metric: null }, unitCostCap: 1n });
  chain.open();
  let chunks = 0;
  while (chain.dispute().stage.kind !== "closed") {
    const current = chain.dispute(), { id } = current, turn = disputeTurn(current, program);
    const moves: [Address, Operation][] = [];
    if (turn.by === "provider") {
      for (const move of await providerMoves(provider, id, turn)) moves.push([PROVIDER, move]);
    } else if (turn.by === "challenger") {
      const opened = openedNodes.get(chain.state(), id) ?? null;
      moves.push([CHALLENGER, await challengerMove(challenger, current, turn, opened)]);
    } else if (turn.by === "arbiters") {
      const found = await arbiterVerdict(honest, turn), { verdict } = found;
      ({ chunks } = found);
      const { leaf } = present(openedNodes.get(chain.state(), id));
      assertEquals(await ownVerdict(honest, turn.at, turn.unit, leaf), verdict);
      for (const arbiter of turn.awaited) {
        const salt = saltOf(arbiter);
        const commitment = arbiterCommitment({ dispute: id, arbiter, salt, verdict });
        moves.push([
          arbiter,
          turn.kind === "commit"
            ? { kind: "arbiter_commit", dispute: id, commitment }
            : { kind: "arbiter_reveal", dispute: id, salt, verdict },
        ]);
      }
    }
    assertEquals(chain.block(...moves), moves.map(() => null));
  }
  return { outcome: outcomeOf(chain.dispute()), chain, chunks };
}

Deno.test("one wrong element of a weight gradient over 5,000 rows: the dispute ends at one block, and who lied is slashed", async () => {
  assertEquals(extentOfSum(SHAPE), { blocks: 20, groups: 3 });
  const liar = await partyOf(await lyingEngine(true));
  const { outcome, chain, chunks } = await dispute(liar, honest);
  assertEquals([outcome.guilty, outcome.reason], ["provider", "wrong_output"]);
  const { step, node, output, chunk, element, block } = outcome;
  assertEquals({ step, node, output, chunk, element, block }, {
    step: 0,
    node: GRADIENT,
    output: 0,
    chunk: 0,
    element: ELEMENT,
    block: BLOCK,
  });
  assertEquals(chain.stake("provider", PROVIDER), tokens(100) - COLLATERAL);
  // 256 of 5,000 rows: of 800,000 bytes of points and 60,000 of gradient a chunk or two each.
  assert(chunks >= 2 && chunks <= 4, `${chunks} chunks`);
  await liar.executor.close();
});

Deno.test("who posts the right sums of a wrong element is found by what they make", async () => {
  const liar = await partyOf(await lyingEngine(false));
  const { outcome } = await dispute(liar, honest);
  assertEquals([outcome.guilty, outcome.reason], ["provider", "wrong_output"]);
  assertEquals([outcome.element, outcome.block], [ELEMENT, null]);
  await liar.executor.close();
});

Deno.test("an honest weight gradient is confirmed at the block that a liar points at, and the liar loses its bond", async () => {
  const liar = await partyOf(await lyingEngine(true));
  const { outcome, chain } = await dispute(honest, liar);
  assertEquals([outcome.guilty, outcome.reason, outcome.block], ["challenger", "output_confirmed", BLOCK]);
  assertEquals(chain.task().status, "submitted");
  await liar.executor.close();
});

Deno.test("a program's dearest unit is told, about or exactly, and no sum is dearer than a block", async () => {
  const { id: program, phases } = honest.program;
  const told = async (cap: number) => present(await honest.executor.dearestUnit({ program, cap }, call));
  const [about, exactly] = [await told(2 ** 26), await told(0)];
  for (const { phase, node, cost } of [about, exactly]) {
    assert(cost > 0 && cost < 10_000_000, `${cost}`);
    assertEquals(present(phases[phase]?.nodes[node]).sum, null);
  }
  assert(exactly.cost <= about.cost, `${exactly.cost} is more than ${about.cost}`);
  await honest.executor.close();
});
