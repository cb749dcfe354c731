/** Disputes below a chunk: to one block of the sum that one element is, or to the combination of posted sums. */
import { assert } from "@std/assert/assert.js";
import { assertEquals } from "@std/assert/equals.js";
import {
  childrenOf,
  descendsChunk,
  type DisputeTurn,
  extentOfSum,
  longestDispute,
  MAX_SUM_GROUPS,
  sumOf,
  sumRounds,
} from "../../../ledger/disputes/mod.ts";
import type { Operation } from "../../../ledger/chain/mod.ts";
import { CHUNK_BYTES, type Hash, type NodeDescriptor, ZERO_HASH } from "../../../ledger/primitives/mod.ts";
import { moveNow, movesOf, outcomeOf, play, type Players, playUntil, present } from "./play.ts";
import { CHALLENGER, COLLATERAL, PROVIDER, submittedRun, tokens, type ToyChain } from "./toy_chain.ts";
import { turnOf } from "./toy_party.ts";
import { CHUNKED, runProgram, tensor, withWrongSum } from "./toy_program.ts";
import { SUM, type SumLie, SUMMED_CHUNK } from "./toy_sums.ts";

const STEP = 4, NODE = 2;
const honest = runProgram();

/** A chain on which every chunk of sums is too dear. */
const DEAR = { program: CHUNKED, unitCostCap: 1n };

/**
 * A run in which one element of one step's sums is claimed to be more. Two lies that make the same elements are the same chunk, so no two here
 * do.
 */
function claiming(lie: SumLie) {
  return runProgram({
    trace: (leaf, { phaseIndex, step }) =>
      phaseIndex === 0 && step === STEP && leaf.node === NODE
        ? { ...leaf, outputs: leaf.outputs.map((root) => withWrongSum(root, lie)) }
        : leaf,
  });
}

const FIRST = SUMMED_CHUNK * CHUNK_BYTES / 4;
const lies: readonly SumLie[] = [
  { element: 0, block: 0, more: 1 },
  { element: 255, block: 499, more: -3 },
  { element: 256, block: 7, more: 1 },
  { element: 9_999, block: 128, more: 1000 },
  { element: 16_383, block: 250, more: 1 },
  // What differs is nothing that is added up, but what is made of it.
  { element: 4_242, block: null, more: 1 },
];

Deno.test("a lie about one element is pinned to one block of its sum, or to what is made of sums that are right", () => {
  for (const lie of lies) {
    const cheating = claiming(lie), chain = submittedRun(cheating, DEAR);
    chain.open();
    const outcome = play(chain, { provider: cheating, challenger: honest });
    const { guilty, reason, step, node, output, chunk, element, block } = outcome;
    assertEquals({ guilty, reason }, { guilty: "provider", reason: "wrong_output" });
    assertEquals({ step, node, output, chunk }, { step: STEP, node: NODE, output: 0, chunk: SUMMED_CHUNK });
    assertEquals({ element, block }, { element: FIRST + lie.element, block: lie.block });
    assertEquals(chain.stake("provider", PROVIDER), tokens(100) - COLLATERAL);
  }
});

Deno.test("an honest provider is cleared at whatever block or combination a false challenger points", () => {
  for (const lie of lies) {
    const chain = submittedRun(honest, DEAR);
    chain.open();
    const outcome = play(chain, { provider: honest, challenger: claiming(lie) });
    assertEquals([outcome.guilty, outcome.reason, outcome.block], [
      "challenger",
      "output_confirmed",
      lie.block,
    ]);
    assertEquals(chain.task().status, "submitted");
  }
});

Deno.test("a block that was confirmed is not judged again, another block of the same sum is", () => {
  const chain = submittedRun(honest, DEAR);
  const drawn = () => chain.events().filter(({ kind }) => kind === "arbiter_drawn").length;
  for (const [block, more, draws] of [[7, 1, 3], [7, 2, 3], [8, 3, 6]] as const) {
    chain.open();
    const outcome = play(chain, { provider: honest, challenger: claiming({ element: 5, block, more }) });
    assertEquals([outcome.reason, drawn()], ["output_confirmed", draws]);
  }
});

Deno.test("if both are wrong about a block the provider is slashed and nobody is rewarded", () => {
  const [liar, other] = [1, 2].map((more) => claiming({ element: 6, block: 77, more }));
  const chain = submittedRun(present(liar), DEAR), balance = chain.balance(CHALLENGER);
  chain.open();
  const outcome = play(chain, { provider: present(liar), challenger: present(other) });
  assertEquals([outcome.guilty, outcome.reason, outcome.awarded], ["provider", "both_wrong", 0n]);
  assertEquals(chain.balance(CHALLENGER), balance);
});

Deno.test("a chunk within the cap is judged as it is: ordinary disputes stay what they were", () => {
  const cost = BigInt(CHUNK_BYTES / 4 * SUM.terms);
  for (const [unitCostCap, block] of [[cost, null], [cost - 1n, 7]] as const) {
    const chain = submittedRun(honest, { program: CHUNKED, unitCostCap });
    chain.open();
    const players = { provider: honest, challenger: claiming({ element: 8, block: 7, more: 1 }) };
    const outcome = play(chain, players);
    assertEquals([outcome.reason, outcome.chunk, outcome.block], ["output_confirmed", SUMMED_CHUNK, block]);
  }
});

Deno.test("wrong wiring loses before anything is descended, however dear the node", () => {
  const miswired = runProgram({
    trace: (leaf, { phaseIndex, step }) =>
      phaseIndex === 0 && step === STEP && leaf.node === NODE
        ? {
          ...leaf,
          inputs: leaf.inputs.map(() => tensor("elsewhere")),
          outputs: leaf.outputs.map((root) => withWrongSum(root, { element: 9, block: 1, more: 1 })),
        }
        : leaf,
  });
  const chain = submittedRun(miswired, DEAR);
  chain.open();
  const outcome = play(chain, { provider: miswired, challenger: honest });
  assertEquals([outcome.guilty, outcome.reason, outcome.element], ["provider", "wrong_wiring", null]);
  assertEquals(chain.events().filter(({ kind }) => kind === "arbiter_drawn").length, 0);
});

const atBlock = { provider: claiming({ element: 300, block: 130, more: 1 }), challenger: honest };

/** The turns of the parties in the whole dispute. */
function turnsOf(players: Players): readonly DisputeTurn[] {
  const chain = submittedRun(players.provider, DEAR);
  chain.open();
  const turns: DisputeTurn[] = [];
  while (chain.dispute().stage.kind !== "closed") {
    turns.push(turnOf(chain.dispute()));
    chain.block(...movesOf(chain, players));
  }
  return turns;
}

Deno.test("below a chunk too, whoever is silent loses at every turn, whoever was right", () => {
  const met = new Set<string>();
  for (const players of [atBlock, { provider: honest, challenger: atBlock.provider }]) {
    const turns = turnsOf(players);
    for (const [count, turn] of turns.entries()) {
      const isBelow = "tree" in turn ? turn.tree.kind === "leaves" : /leaf|element|sum|part/.test(turn.kind);
      if (!isBelow || (turn.by !== "provider" && turn.by !== "challenger")) continue;
      met.add(turn.kind);
      const chain = submittedRun(players.provider, DEAR);
      chain.open();
      for (let played = 0; played < count; played++) chain.block(...movesOf(chain, players));
      assertEquals(turnOf(chain.dispute()).kind, turn.kind);
      const { deadline } = chain.dispute();
      while (chain.height() < deadline) chain.block();
      const outcome = outcomeOf(chain.dispute());
      assertEquals([outcome.guilty, outcome.reason], [turn.by, `${turn.by}_silent`]);
    }
  }
  assertEquals([...met].sort(), [
    "choose",
    "choose_element",
    "choose_part",
    "open_leaf",
    "open_sum",
    "split",
  ]);
});

Deno.test("however late everybody moves, a dispute to a block ends within the blocks that can be computed for it", () => {
  const chain = submittedRun(atBlock.provider, DEAR);
  chain.open();
  const start = chain.height();
  while (chain.dispute().stage.kind !== "closed") {
    while (chain.height() + 2n < chain.dispute().deadline) chain.block();
    chain.block(...movesOf(chain, atBlock));
  }
  const took = Number(chain.height() - start), most = longestDispute(CHUNKED, chain.params);
  assert(took <= most, `took ${took} of at most ${most} blocks`);
  assertEquals(outcomeOf(chain.dispute()).reason, "wrong_output");
  // Leaves in two rounds, an element, 2^20 groups in five, a block.
  assertEquals(sumRounds(), 9);
});

/** The code with which a move is refused, which changes nothing. */
function refused(chain: ToyChain, sender: Hash, move: Operation): string | null {
  const before = chain.dispute().stage;
  const [code] = chain.block([sender, move]);
  assertEquals(chain.dispute().stage, before);
  return code ?? null;
}

Deno.test("a leaf is opened only as what was committed; what is named must be there and differ", () => {
  const chain = submittedRun(atBlock.provider, { ...DEAR, roundBlocks: 100 });
  chain.open();
  playUntil(chain, atBlock, "open_leaf");
  const opening = moveNow(chain, atBlock, "dispute_open_leaf");
  assertEquals(refused(chain, CHALLENGER, opening), "not_your_move");
  assertEquals(refused(chain, PROVIDER, { ...opening, values: opening.values.slice(1) }), "wrong_leaf");
  assertEquals(refused(chain, PROVIDER, { ...opening, values: opening.values.toReversed() }), "wrong_leaf");

  const { values } = playUntil(chain, atBlock, "choose_element");
  const chosen = moveNow(chain, atBlock, "dispute_choose_element");
  assertEquals(chosen.index, 300 - 256);
  assertEquals(refused(chain, CHALLENGER, { ...chosen, index: values.length }), "no_such_element");
  assertEquals(refused(chain, CHALLENGER, { ...chosen, own: present(values[chosen.index]) }), "same_top");
  assertEquals(refused(chain, PROVIDER, chosen), "not_your_move");

  playUntil(chain, atBlock, "open_sum");
  const sum = moveNow(chain, atBlock, "dispute_open_sum");
  assertEquals(refused(chain, PROVIDER, { ...sum, sums: sum.sums.slice(1) }), "wrong_split");
  assertEquals(refused(chain, PROVIDER, opening), "wrong_stage");

  const { sums } = playUntil(chain, atBlock, "choose_part");
  const part = moveNow(chain, atBlock, "dispute_choose_part");
  const { index, own } = present(part.choice);
  const choosing = (choice: { index: number; own: number }) =>
    refused(chain, CHALLENGER, { ...part, choice });
  assertEquals(choosing({ index: sums.length, own }), "no_such_top");
  assertEquals(choosing({ index, own: present(sums[index]) }), "same_top");
  assertEquals(play(chain, atBlock).block, 130);
});

Deno.test("the children of a part cover it once, in order, sixteen at most, down to every block", () => {
  const shapes = [SUM, { terms: 1, blockTerms: 256, groupBlocks: 8 }, {
    terms: 100_000,
    blockTerms: 2048,
    groupBlocks: 1,
  }];
  for (const sum of shapes) {
    const { blocks, groups } = extentOfSum(sum), met: number[] = [];
    const visit = (part: Parameters<typeof childrenOf>[1]) => {
      const children = childrenOf(sum, part);
      assert(children.length >= 1 && children.length <= 16);
      let at = part.kind === "element" ? 0 : part.from;
      for (const child of children) {
        if (child.kind === "block") met.push(child.block);
        else {
          assertEquals(child.from, at);
          at = child.to;
          visit(child);
        }
      }
      if (children.some(({ kind }) => kind === "groups")) {
        assertEquals(at, part.kind === "element" ? groups : part.to);
      }
    };
    visit({ kind: "element" });
    assertEquals(met, Array.from({ length: blocks }, (_, i) => i));
  }
});

Deno.test("a node whose sums could not be descended is judged by the chunk, whatever its descriptor says", () => {
  const describe = (sum: NodeDescriptor["sum"], dtype: "float32" | "int32" = "float32"): NodeDescriptor => ({
    operator: ZERO_HASH,
    inputs: [],
    outputs: [{ dtype, shape: [100_000] }],
    sum,
  });
  const at = { output: 0, chunk: 0 }, cap = { unitCostCap: 1n };
  assertEquals(sumOf(describe(SUM)), SUM);
  assert(descendsChunk(describe(SUM), at, cap));
  for (
    const descriptor of [
      describe(null),
      describe(SUM, "int32"),
      describe({ ...SUM, blockTerms: 0 }),
      describe({ ...SUM, groupBlocks: 0 }),
      describe({ ...SUM, groupBlocks: 17 }),
      describe({ ...SUM, terms: 0 }),
      describe({ terms: MAX_SUM_GROUPS + 1, blockTerms: 1, groupBlocks: 1 }),
    ]
  ) {
    assertEquals(sumOf(descriptor), undefined);
    assert(!descendsChunk(descriptor, at, cap));
  }
  assert(!descendsChunk(describe(SUM), { output: 1, chunk: 0 }, cap));
  assert(!descendsChunk(describe(SUM), { output: 0, chunk: 7 }, cap));
});
