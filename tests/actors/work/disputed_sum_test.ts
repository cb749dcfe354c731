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
import { encodeManifest } from "../../../executor/program/mod.ts";
import { createRepopsEngine } from "../../../executor/repops/mod.ts";
import { tensorBytes } from "../../../executor/tensor.ts";
import type { Operation } from "../../../ledger/chain/mod.ts";
import {
  arbiterCommitment,
  disputeTurn,
  extentOfSum,
  openedNodes,
  type Outcome,
  partVerdict,
} from "../../../ledger/disputes/mod.ts";
import { type Address, CHUNK_BYTES, type Hash } from "../../../ledger/primitives/mod.ts";
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
import { BLOCK, ELEMENT, gradientJob, gradientOf, lyingEngine } from "./wrong_gradient.ts";

const call = { signal: AbortSignal.timeout(60_000) };
const honestEngine = await createRepopsEngine();
const job = gradientJob(honestEngine);

async function partyOf(engine: Engine): Promise<Party> {
  const executor = createLocalExecutor(engine);
  const program = await executor.load({ manifest: encodeManifest(job.manifest), blobs: job.blobs }, call);
  const { segmentRoots } = await executor.run({ program: program.id }, call);
  return { executor, program, segmentRoots, seed: SEED, call };
}

const honest = await partyOf(honestEngine);

const GRADIENT = gradientOf(honest.program);

const partyOfLiar = async (consistent: boolean) =>
  await partyOf(lyingEngine(await createRepopsEngine(), GRADIENT, consistent));

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
  assertEquals(extentOfSum(GRADIENT.sum), { blocks: 20, groups: 3 });
  const liar = await partyOfLiar(true);
  const { outcome, chain, chunks } = await dispute(liar, honest);
  assertEquals([outcome.guilty, outcome.reason], ["provider", "wrong_output"]);
  const { step, node, output, chunk, element, block } = outcome;
  assertEquals({ step, node, output, chunk, element, block }, {
    step: 0,
    node: GRADIENT.node,
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
  const liar = await partyOfLiar(false);
  const { outcome } = await dispute(liar, honest);
  assertEquals([outcome.guilty, outcome.reason], ["provider", "wrong_output"]);
  assertEquals([outcome.element, outcome.block], [ELEMENT, null]);
  await liar.executor.close();
});

Deno.test("an honest weight gradient is confirmed at the block that a liar points at, and the liar loses its bond", async () => {
  const liar = await partyOfLiar(true);
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
