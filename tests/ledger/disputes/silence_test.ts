import { assert } from "@std/assert/assert.js";
import { assertEquals } from "@std/assert/equals.js";
import { type DisputeTurn, longestDispute } from "../../../ledger/disputes/mod.ts";
import type { Program } from "../../../ledger/primitives/mod.ts";
import { movesOf, outcomeOf, play, type Players } from "./play.ts";
import {
  account,
  CHALLENGER,
  COLLATERAL,
  PROVIDER,
  REWARD,
  submittedRun,
  tokens,
  type ToyChain,
} from "./toy_chain.ts";
import { turnOf } from "./toy_party.ts";
import { CHUNKED, PROGRAM, runProgram, tensor, withWrongChunk } from "./toy_program.ts";

const honest = runProgram();

/** Disagrees at a node of a long segment, at a node of a map phase, and at an assembled output: together they meet every turn. */
const disagreements = [
  runProgram({
    trace: (leaf, { phaseIndex, step }) =>
      phaseIndex === 0 && step === 4 && leaf.node === 2 ? { ...leaf, outputs: [tensor("x")] } : leaf,
  }),
  runProgram({
    trace: (leaf, { phaseIndex, step }) =>
      phaseIndex === 1 && step === 1 && leaf.node === 1 ? { ...leaf, outputs: [tensor("x")] } : leaf,
  }),
  runProgram({
    output: (entries, { phaseIndex, step }) =>
      phaseIndex === 2 && step === 1 ? entries.map((entry) => ({ ...entry, root: tensor("x") })) : entries,
  }),
];

/** Disagrees about one chunk of a large output. */
const chunk = runProgram({
  trace: (leaf, { phaseIndex, step }) =>
    phaseIndex === 0 && step === 4 && leaf.node === 2
      ? { ...leaf, outputs: leaf.outputs.map((root) => withWrongChunk(root, 17)) }
      : leaf,
});

/** Every disagreement with the program that it is about. */
const disputed = [
  ...disagreements.map((claimed) => ({ claimed, program: PROGRAM })),
  { claimed: chunk, program: CHUNKED },
];

/** Turns of the parties in the whole dispute, in order. */
function turnsOf(players: Players, program: Program): readonly DisputeTurn[] {
  const chain = submittedRun(players.provider, { program });
  chain.open();
  const turns: DisputeTurn[] = [];
  while (chain.dispute().stage.kind !== "closed") {
    turns.push(turnOf(chain.dispute()));
    chain.block(...movesOf(chain, players));
  }
  return turns;
}

/** Plays until `count` turns have passed; then nobody moves any more. */
function silentAfter(players: Players, program: Program, count: number): ToyChain {
  const chain = submittedRun(players.provider, { program });
  chain.open();
  for (let turn = 0; turn < count; turn++) chain.block(...movesOf(chain, players));
  return chain;
}

/** Blocks until the dispute is closed when nobody moves. */
function waitOut(chain: ToyChain, most: number): number {
  let blocks = 0;
  for (; chain.dispute().stage.kind !== "closed"; blocks++) {
    assert(blocks <= most, `still at ${chain.dispute().stage.kind} after ${blocks} blocks`);
    chain.block();
  }
  return blocks;
}

Deno.test("whoever is silent loses, at every turn of a dispute, whoever was right", () => {
  const met = new Set<string>();
  for (const { claimed, program } of disputed) {
    for (
      const players of [{ provider: honest, challenger: claimed }, { provider: claimed, challenger: honest }]
    ) {
      for (const [count, turn] of turnsOf(players, program).entries()) {
        if (turn.by !== "provider" && turn.by !== "challenger") continue;
        met.add(turn.kind);
        const chain = silentAfter(players, program, count);
        assertEquals(turnOf(chain.dispute()).kind, turn.kind);
        const opened = chain.dispute();
        const blocks = waitOut(chain, chain.params.roundBlocks);
        assertEquals(BigInt(chain.height()), opened.deadline);
        assert(blocks <= chain.params.roundBlocks);
        const outcome = outcomeOf(chain.dispute());
        assertEquals([outcome.guilty, outcome.reason], [turn.by, `${turn.by}_silent`]);
        assertEquals(outcome.forfeited, turn.by === "provider" ? COLLATERAL : chain.params.challengerBond);
        assertEquals(chain.task().status, turn.by === "provider" ? "open" : "submitted");
      }
    }
  }
  const withoutInputs = [
    "split",
    "choose",
    "bind_segment",
    "bind_step",
    "choose_tree",
    "open_node",
    "open_output",
    "choose_output",
    "open_tensor",
  ];
  assertEquals([...met].sort(), withoutInputs.toSorted());
});

Deno.test("a provider that shows only some of its inputs is silent about the rest, and loses", () => {
  const [claimed] = disagreements;
  if (claimed === undefined) throw new Error("no disagreement");
  const players = { provider: honest, challenger: claimed };
  const chain = submittedRun(honest);
  chain.open();
  while (turnOf(chain.dispute()).kind !== "open_node") chain.block(...movesOf(chain, players));
  const { deadline } = chain.dispute();
  const partial = movesOf(chain, players).map(([sender, move]) =>
    [sender, move.kind === "dispute_open_node" ? { ...move, inputs: move.inputs.slice(0, 1) } : move] as const
  );
  assertEquals(chain.block(...partial), [null]);
  assertEquals(turnOf(chain.dispute()).kind, "open_inputs");
  waitOut(chain, chain.params.roundBlocks);
  assertEquals(chain.height(), deadline);
  assertEquals(outcomeOf(chain.dispute()).reason, "provider_silent");
});

Deno.test("however late everybody moves, a dispute ends within the blocks that can be computed for it", () => {
  for (const { claimed, program } of disputed) {
    const chain = submittedRun(honest, { program });
    chain.open();
    const start = chain.height();
    const players = { provider: honest, challenger: claimed };
    while (chain.dispute().stage.kind !== "closed") {
      // Everybody waits for the last block before the deadline, which fires at the beginning of its own.
      while (chain.height() + 2n < chain.dispute().deadline) chain.block();
      chain.block(...movesOf(chain, players));
    }
    const took = Number(chain.height() - start);
    const most = longestDispute(program, chain.params);
    assert(took <= most, `took ${took} of at most ${most} blocks`);
    assertEquals(chain.dispute().deadline, 0n);
    assert(!outcomeOf(chain.dispute()).reason.endsWith("_silent"));
  }
});

Deno.test("the challenge window stands still during a dispute and then runs out: the provider is paid", () => {
  const [claimed] = disagreements;
  if (claimed === undefined) throw new Error("no disagreement");
  const chain = submittedRun(honest);
  chain.block();
  const left = chain.task().deadline - chain.height();
  chain.open();
  assertEquals(chain.task().status, "disputed");
  assertEquals(play(chain, { provider: honest, challenger: claimed }).guilty, "challenger");
  assertEquals(chain.task().status, "submitted");
  // Opening took one block of the window; none passed since.
  assertEquals(chain.task().deadline - chain.height(), left - 1n);
  const before = chain.balance(PROVIDER);
  while (chain.task().status === "submitted") chain.block();
  assertEquals(chain.task().status, "done");
  assertEquals(chain.balance(PROVIDER) - before, REWARD);
});

Deno.test("silence from the first move on costs the collateral, of which the challenger gets its share and at least half burns", () => {
  const chain = submittedRun(honest);
  const [balance, burned] = [chain.balance(CHALLENGER), chain.burned()];
  chain.open();
  assertEquals(chain.balance(CHALLENGER), balance - tokens(10));
  waitOut(chain, chain.params.roundBlocks);
  // 40 % of 80 tokens; no arbiter took part.
  assertEquals(chain.balance(CHALLENGER), balance + tokens(32));
  assertEquals(chain.burned() - burned, tokens(48));
  assertEquals(chain.stake("provider", PROVIDER), tokens(20));
  const { forfeited, awarded, arbiterFees, burned: outcomeBurned } = outcomeOf(chain.dispute());
  assertEquals([forfeited, awarded, arbiterFees, outcomeBurned], [tokens(80), tokens(32), 0n, tokens(48)]);
  assertEquals(chain.balance(account("requester")), tokens(100) - REWARD - chain.params.recordDeposit);
});
