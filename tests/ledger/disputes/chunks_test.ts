import { assertEquals } from "@std/assert/equals.js";
import { extentOf, longestRounds, MAX_TENSOR_CHUNKS, UNAVAILABLE } from "../../../ledger/disputes/mod.ts";
import { type Hash, ZERO_HASH } from "../../../ledger/primitives/mod.ts";
import { claimedVerdict, moveNow, outcomeOf, play, type Players, playUntil, present } from "./play.ts";
import { CHALLENGER, PROVIDER, submittedRun, tokens } from "./toy_chain.ts";
import { CHUNKED, runProgram, tensor, TOY_CHUNKS, withWrongChunk } from "./toy_program.ts";

const STEP = 4;
const honest = runProgram();

/** A run in which one output of one node has one chunk wrong. */
function wrongChunk({ node = 1, output = 0, chunk = 0, word = "wrong" }) {
  return runProgram({
    trace: (leaf, { phaseIndex, step }) =>
      phaseIndex === 0 && step === STEP && leaf.node === node
        ? {
          ...leaf,
          outputs: leaf.outputs.map((root, i) => i === output ? withWrongChunk(root, chunk, word) : root),
        }
        : leaf,
  });
}

const places = [
  ...[0, 7, 15, 16, TOY_CHUNKS - 1].map((chunk) => ({ node: 1, output: 0, chunk })),
  { node: 0, output: 0, chunk: 3 },
  { node: 0, output: 1, chunk: 0 },
  { node: 2, output: 0, chunk: 18 },
];

Deno.test("a lie in one chunk of one output is pinned to exactly that chunk", () => {
  for (const place of places) {
    const cheating = wrongChunk(place);
    const chain = submittedRun(cheating, { program: CHUNKED });
    chain.open();
    const { guilty, reason, step, node, output, chunk } = play(chain, {
      provider: cheating,
      challenger: honest,
    });
    assertEquals({ guilty, reason, step }, { guilty: "provider", reason: "wrong_output", step: STEP });
    assertEquals({ node, output, chunk }, place);
  }
});

Deno.test("an honest provider is cleared at whatever chunk a false challenger points", () => {
  for (const place of places) {
    const chain = submittedRun(honest, { program: CHUNKED });
    chain.open();
    const outcome = play(chain, { provider: honest, challenger: wrongChunk(place) });
    assertEquals([outcome.guilty, outcome.reason, outcome.chunk], [
      "challenger",
      "output_confirmed",
      place.chunk,
    ]);
    assertEquals(chain.task().status, "submitted");
  }
});

Deno.test("a chunk that was confirmed is not judged again, another chunk of the same output is", () => {
  const chain = submittedRun(honest, { program: CHUNKED });
  const drawn = () => chain.events().filter(({ kind }) => kind === "arbiter_drawn").length;
  for (const [chunk, word, draws] of [[7, "a", 3], [7, "b", 3], [8, "a", 6]] as const) {
    chain.open();
    const outcome = play(chain, { provider: honest, challenger: wrongChunk({ chunk, word }) });
    assertEquals([outcome.reason, outcome.chunk, drawn()], [
      "output_confirmed",
      drawn() === draws && word === "b" ? null : chunk,
      draws,
    ]);
  }
});

Deno.test("a challenger that has what the provider opens has lost, and nobody executes anything", () => {
  const chain = submittedRun(honest, { program: CHUNKED });
  chain.open();
  const players: Players = { provider: honest, challenger: wrongChunk({ node: 0, output: 1 }) };
  playUntil(chain, players, "choose_output");
  const { id } = chain.dispute();
  const [same] = [moveNow(chain, { ...players, challenger: honest }, "dispute_choose_output")];
  assertEquals(chain.block([CHALLENGER, { ...same, dispute: id }]), [null]);
  const outcome = play(chain, players);
  assertEquals([outcome.guilty, outcome.reason, outcome.arbiterFees], ["challenger", "no_difference", 0n]);
});

Deno.test("if both are wrong the provider is slashed and the bond returns, but nobody is rewarded", () => {
  const [liar, other] = [wrongChunk({ chunk: 5, word: "a lie" }), wrongChunk({ chunk: 5, word: "another" })];
  const chain = submittedRun(liar, { program: CHUNKED });
  const [balance, burned] = [chain.balance(CHALLENGER), chain.burned()];
  chain.open();
  const outcome = play(chain, { provider: liar, challenger: other });
  assertEquals([outcome.guilty, outcome.reason, outcome.awarded], ["provider", "both_wrong", 0n]);
  assertEquals(chain.balance(CHALLENGER), balance);
  // All but the fees of three arbiters.
  assertEquals(chain.burned() - burned, tokens(77));
  assertEquals(chain.stake("provider", PROVIDER), tokens(20));
});

Deno.test("of engines without random access, both wrong is told by the node's own leaf", () => {
  const [liar, other] = [wrongChunk({ word: "a lie" }), wrongChunk({ word: "another" })];
  const chain = submittedRun(liar);
  chain.open();
  const outcome = play(chain, { provider: liar, challenger: other });
  assertEquals([outcome.guilty, outcome.reason, outcome.chunk], ["provider", "both_wrong", null]);
});

Deno.test("a provider that claims the hash which stands for missing inputs, and withholds them, is convicted", () => {
  const outputs = (root: Hash) => withZeroChunk(root);
  const cheating = runProgram({
    trace: (leaf, { phaseIndex, step }) =>
      phaseIndex === 0 && step === STEP && leaf.node === 1
        ? { ...leaf, outputs: leaf.outputs.map(outputs) }
        : leaf,
  });
  const chain = submittedRun(cheating, { program: CHUNKED });
  chain.open();
  const players: Players = { provider: cheating, challenger: honest, arbiter: () => UNAVAILABLE };
  playUntil(chain, players, "commit");
  assertEquals(claimedVerdict(chain), UNAVAILABLE);
  assertEquals(play(chain, players).reason, "inputs_unavailable");
});

function withZeroChunk(root: Hash): Hash {
  return withWrongChunk(root, 3, "", ZERO_HASH);
}

Deno.test("a tensor is opened only as what was committed, and of what the program says", () => {
  const chain = submittedRun(honest, { program: CHUNKED, roundBlocks: 100 });
  chain.open();
  const players: Players = { provider: honest, challenger: wrongChunk({ chunk: 2 }) };
  playUntil(chain, players, "choose_output");
  const choice = moveNow(chain, players, "dispute_choose_output");
  assertEquals(chain.block([CHALLENGER, { ...choice, output: 1 }]), ["no_such_output"]);
  assertEquals(chain.block([PROVIDER, choice]), ["not_your_move"]);
  playUntil(chain, players, "open_tensor");
  const opening = moveNow(chain, players, "dispute_open_tensor");
  assertEquals(chain.block([PROVIDER, { ...opening, top: tensor("x") }]), ["wrong_leaf"]);
  playUntil(chain, players, "choose");
  const chosen = moveNow(chain, players, "dispute_choose");
  const { stage } = chain.dispute();
  const top = stage.kind === "descend" ? stage.tops[chosen.index] : undefined;
  assertEquals(chain.block([CHALLENGER, { ...chosen, own: present(top) }]), ["same_top"]);
  assertEquals(play(chain, players).reason, "output_confirmed");

  // A root over another type or shape than the program's can be opened as nothing: its provider falls silent.
  const [other] = [
    runProgram({
      trace: (leaf, { phaseIndex, step }) =>
        phaseIndex === 0 && step === STEP && leaf.node === 1 ? { ...leaf, outputs: [tensor("other")] } : leaf,
    }),
  ];
  const misshapen = submittedRun(other, { program: CHUNKED });
  misshapen.open();
  playUntil(misshapen, { provider: other, challenger: honest }, "open_tensor");
  while (misshapen.dispute().stage.kind !== "closed") misshapen.block();
  assertEquals(outcomeOf(misshapen.dispute()).reason, "provider_silent");
});

Deno.test("10,000 steps of 1,000 nodes with outputs of 16 MiB come down to a chunk in 11 rounds", () => {
  const phase = present(CHUNKED.phases[0]);
  const long = {
    ...phase,
    mode: "carry",
    nodes: 1000,
    outputs: 100,
    steps: 10_000,
    segmentSteps: 100,
  } as const;
  // 8 to the node, one for the output, 256 chunks in two.
  assertEquals(longestRounds({ ...CHUNKED, phases: [long] }, 256), 11);
  assertEquals(longestRounds({ ...CHUNKED, phases: [long] }), 13);
});

Deno.test("length and chunks of a tensor follow from type and shape, up to 4 GiB", () => {
  assertEquals(extentOf({ dtype: "float32", shape: [] }), { bytes: 4, chunks: 1 });
  assertEquals(extentOf({ dtype: "int64", shape: [2, 4096] }), { bytes: 65_536, chunks: 1 });
  assertEquals(extentOf({ dtype: "bool", shape: [65_537] }), { bytes: 65_537, chunks: 2 });
  assertEquals(extentOf({ dtype: "float32", shape: [5, 0] }), { bytes: 0, chunks: 0 });
  assertEquals(extentOf({ dtype: "uint8", shape: [65_536, 65_536] })?.chunks, MAX_TENSOR_CHUNKS);
  assertEquals(extentOf({ dtype: "uint8", shape: [65_536, 65_537] }), undefined);
  assertEquals(extentOf({ dtype: "float64", shape: new Array(8).fill(2 ** 32 - 1) }), undefined);
});
