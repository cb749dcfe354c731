import { assert } from "@std/assert/assert.js";
import { assertEquals } from "@std/assert/equals.js";
import { MAX_TRANSACTION_BYTES, Operation } from "../../../ledger/chain/mod.ts";
import { nodeMoves } from "../../../ledger/disputes/mod.ts";
import {
  batchRoot,
  encode,
  hash,
  MAX_NODE_ARITY,
  MAX_RANK,
  type TraceLeaf,
  utf8,
  ZERO_HASH,
} from "../../../ledger/primitives/mod.ts";
import { findSource, type WiringContext } from "../../../ledger/disputes/wiring.ts";
import { play, playUntil } from "./play.ts";
import { PROVIDER, submittedRun } from "./toy_chain.ts";
import { knowledgeOf } from "./toy_party.ts";
import { execute, GRAPHS, PROGRAM, runProgram, stepsOf, tensor } from "./toy_program.ts";

/** A run in which one input of one node is another tensor, and the node's outputs follow from it as they should. */
function rewired(phaseIndex: number, step: number, node: number, input: number) {
  return runProgram({
    trace: (leaf: TraceLeaf, at) => {
      if (at.phaseIndex !== phaseIndex || at.step !== step || leaf.node !== node) return leaf;
      const inputs = leaf.inputs.with(input, tensor("smuggled in"));
      const descriptor = GRAPHS[phaseIndex]?.nodes[node];
      if (descriptor === undefined) throw new RangeError("no such node");
      return { ...leaf, inputs, outputs: execute(descriptor, inputs) };
    },
  });
}

const places: readonly (readonly [string, number, number, number, number])[] = [
  ["the state", 0, 4, 0, 0],
  ["the initial state", 0, 0, 0, 0],
  ["the data", 0, 4, 0, 1],
  ["the batch", 0, 4, 0, 2],
  ["the first output of a node", 0, 4, 1, 0],
  ["a constant", 0, 4, 1, 1],
  ["a left-out input", 0, 4, 1, 2],
  ["the second output of a node", 0, 4, 2, 2],
  ["the data of a map phase", 1, 2, 0, 0],
  ["the state of a map phase", 1, 2, 1, 1],
  ["the state of a phase after a map phase", 2, 0, 0, 0],
];

for (const [what, phaseIndex, step, node, input] of places) {
  Deno.test(`a node that reads something else than ${what} convicts without arbiters`, () => {
    const cheating = rewired(phaseIndex, step, node, input);
    const chain = submittedRun(cheating);
    chain.open();
    const outcome = play(chain, { provider: cheating, challenger: runProgram() });
    assertEquals([
      outcome.guilty,
      outcome.reason,
      outcome.phase,
      outcome.step,
      outcome.node,
      outcome.arbiterFees,
    ], [
      "provider",
      "wrong_wiring",
      phaseIndex,
      step,
      node,
      0n,
    ]);
  });
}

Deno.test("a trace leaf of another shape or another node's place convicts without arbiters", () => {
  const deform: readonly ((leaf: TraceLeaf) => TraceLeaf)[] = [
    (leaf) => ({ ...leaf, node: leaf.node + 1 }),
    (leaf) => ({ ...leaf, inputs: leaf.inputs.slice(1) }),
    (leaf) => ({ ...leaf, outputs: [...leaf.outputs, ZERO_HASH] }),
  ];
  for (const change of deform) {
    const cheating = runProgram({
      trace: (leaf, { phaseIndex, step }) =>
        phaseIndex === 0 && step === 2 && leaf.node === 1 ? change(leaf) : leaf,
      // The state shows the deviation, else nobody would look.
      output: (entries, { phaseIndex, step }) =>
        phaseIndex === 0 && step === 2
          ? entries.map((entry) => ({ ...entry, root: tensor(entry.name) }))
          : entries,
    });
    const chain = submittedRun(cheating);
    chain.open();
    const outcome = play(chain, { provider: cheating, challenger: runProgram() });
    assertEquals([outcome.reason, outcome.node], ["wrong_wiring", 1]);
  }
});

Deno.test("evidence may come in several transactions, in order, within one window", () => {
  const honest = runProgram();
  const claimed = runProgram({
    trace: (leaf, { phaseIndex, step }) =>
      phaseIndex === 0 && step === 4 && leaf.node === 2 ? { ...leaf, outputs: [tensor("claimed")] } : leaf,
  });
  const chain = submittedRun(honest);
  chain.open();
  playUntil(chain, { provider: honest, challenger: claimed }, "open_node");
  const { id, deadline } = chain.dispute();
  const [step] = stepsOf(honest, 1).filter((each) => each.step === 4);
  if (step === undefined) throw new Error("no step 4");
  const [whole] = nodeMoves(id, knowledgeOf(step), 2);
  if (whole?.kind !== "dispute_open_node") throw new Error("no opening");
  const { inputs } = whole;
  assertEquals(chain.block([PROVIDER, { ...whole, inputs: [] }]), [null]);
  assertEquals(chain.block([PROVIDER, { kind: "dispute_open_inputs", dispute: id, inputs: [] }]), [
    "no_evidence",
  ]);
  assertEquals(chain.dispute().deadline, deadline);
  const rest = (from: number, to?: number) =>
    ({ kind: "dispute_open_inputs", dispute: id, inputs: inputs.slice(from, to) }) as const;
  assertEquals(chain.block([PROVIDER, rest(1, 2)]), ["wrong_evidence"]);
  assertEquals(chain.block([PROVIDER, rest(0, 2)], [PROVIDER, rest(2)]), [null, null]);
  assertEquals(chain.dispute().stage.kind, "draw");
  assertEquals(play(chain, { provider: honest, challenger: claimed }).reason, "output_confirmed");
});

Deno.test("the largest opening there is comes in moves that each fit a transaction", () => {
  const root = hash("test", utf8("root"));
  const roots = Array.from({ length: MAX_NODE_ARITY }, () => root);
  const trace = Array.from(
    { length: MAX_NODE_ARITY + 1 },
    (_, node) => ({ node, inputs: roots, outputs: roots }),
  );
  const info = { dtype: "float32", shape: Array.from({ length: MAX_RANK }, () => 2 ** 31) } as const;
  const descriptor = {
    operator: root,
    inputs: roots.map((_, node) => ({ kind: "node", node, output: 255 }) as const),
    outputs: roots.map(() => info),
    sum: { terms: 2 ** 32 - 1, blockTerms: 2 ** 32 - 1, groupBlocks: 2 ** 32 - 1 },
  };
  const nodes = trace.map(() => descriptor);
  const knowledge = { nodes, outputs: [], trace, input: [], data: [], output: [] };
  const moves = nodeMoves(root, knowledge, MAX_NODE_ARITY);
  assertEquals(moves.map(({ kind }) => kind).slice(0, 2), ["dispute_open_node", "dispute_open_inputs"]);
  assertEquals(
    moves.flatMap((move) => move.inputs.map((shown) => shown.kind === "node" ? shown.leaf.node : -1)),
    [
      ...roots.keys(),
    ],
  );
  // Chain, sender, nonce, expiry and signature of a transaction are below 256 bytes.
  const largest = Math.max(...moves.map((move) => encode(Operation, move).length)) + 256;
  assert(largest < MAX_TRANSACTION_BYTES, `${largest} bytes`);
});

Deno.test("a program whose sources cannot be is nobody's fault", () => {
  const honest = runProgram();
  const [step] = stepsOf(honest, 0);
  const [phase] = PROGRAM.phases;
  if (step === undefined || phase === undefined) throw new Error("no step");
  const roots = { root: ZERO_HASH, input: ZERO_HASH };
  const context: WiringContext = {
    program: PROGRAM,
    phase: { ...phase, batch: { rows: 10, size: 11, seed: null } },
    step: { within: { segment: 0, stepsRoot: ZERO_HASH, ...roots }, step: 0, traceRoot: ZERO_HASH, ...roots },
  };
  const none = { kind: "none" } as const;
  assertEquals(findSource(context, { kind: "batch" }, none), { kind: "malformed" });
  assertEquals(findSource(context, { kind: "state", index: 3 }, none), { kind: "malformed" });
  assertEquals(findSource(context, { kind: "data", index: 2 }, none), { kind: "malformed" });
  assertEquals(findSource(context, { kind: "node", node: 3, output: 0 }, none), { kind: "malformed" });
});

Deno.test("the batch of a step is computed once for all inputs that read it", () => {
  const [phase] = PROGRAM.phases, roots = { root: ZERO_HASH, input: ZERO_HASH };
  if (phase === undefined) throw new Error("the program has phases");
  let computed = 0;
  const schedule = {
    rows: 100,
    size: 8,
    get seed() {
      computed++;
      return 7n;
    },
  };
  const at = (step: number): WiringContext => ({
    program: PROGRAM,
    phase: { ...phase, batch: schedule },
    step: { within: { segment: 0, stepsRoot: ZERO_HASH, ...roots }, step, traceRoot: ZERO_HASH, ...roots },
  });
  const first = at(0), none = { kind: "none" } as const;
  const found = [first, first, at(1)].map((context) => findSource(context, { kind: "batch" }, none));
  assertEquals(computed, 2);
  const expected = [0, 0, 1].map((step) => batchRoot({ rows: 100, size: 8, seed: 7n }, step));
  assertEquals(found, expected.map((root) => ({ kind: "proven", root })));
});
