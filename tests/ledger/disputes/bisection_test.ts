import { assert } from "@std/assert/assert.js";
import { assertEquals } from "@std/assert/equals.js";
import { descentRounds, longestRounds } from "../../../ledger/disputes/mod.ts";
import { type Phase, type Program, type TraceLeaf, ZERO_HASH } from "../../../ledger/primitives/mod.ts";
import { play } from "./play.ts";
import { submittedRun } from "./toy_chain.ts";
import { GRAPHS, PROGRAM, runProgram, tensor } from "./toy_program.ts";

interface Place {
  readonly phaseIndex: number;
  readonly step: number;
  readonly node: number;
}

/** A run that has one output of one node in one step wrong, and goes on from there. */
function wrongAt({ phaseIndex, step, node }: Place) {
  return runProgram({
    trace: (leaf: TraceLeaf, at) =>
      at.phaseIndex === phaseIndex && at.step === step && leaf.node === node
        ? { ...leaf, outputs: [tensor("wrong"), ...leaf.outputs.slice(1)] }
        : leaf,
  });
}

const everyNode: readonly Place[] = PROGRAM.phases.flatMap(({ steps, nodes }, phaseIndex) =>
  Array.from(
    { length: steps * nodes },
    (_, i) => ({ phaseIndex, step: Math.floor(i / nodes), node: i % nodes }),
  )
);

/** Segments of the phases begin at 0, 3 and 5. */
function segmentOf({ phaseIndex, step }: Place): number {
  return phaseIndex === 0 ? Math.floor(step / 3) : phaseIndex === 1 ? 3 + Math.floor(step / 2) : 5 + step;
}

Deno.test("a provider that cheats at any node of any step of any phase is pinned to exactly that node", () => {
  const honest = runProgram();
  for (const place of everyNode) {
    const cheating = wrongAt(place);
    const chain = submittedRun(cheating);
    chain.open();
    const outcome = play(chain, { provider: cheating, challenger: honest });
    assertEquals(
      {
        guilty: outcome.guilty,
        reason: outcome.reason,
        segment: outcome.segment,
        phase: outcome.phase,
        step: outcome.step,
        tree: outcome.tree,
        node: outcome.node,
      },
      {
        guilty: "provider",
        reason: "wrong_output",
        segment: segmentOf(place),
        phase: place.phaseIndex,
        step: place.step,
        tree: "nodes",
        node: place.node,
      },
    );
    assertEquals(chain.task().status, "open");
    assertEquals(chain.task().excluded, [chain.dispute().provider]);
  }
});

Deno.test("an honest provider is cleared wherever a false challenger points", () => {
  const honest = runProgram();
  for (const place of everyNode) {
    const chain = submittedRun(honest);
    chain.open();
    const outcome = play(chain, { provider: honest, challenger: wrongAt(place) });
    assertEquals([outcome.guilty, outcome.reason, outcome.step, outcome.node], [
      "challenger",
      "output_confirmed",
      place.step,
      place.node,
    ]);
    assertEquals(chain.task().status, "submitted");
  }
});

Deno.test("a state assembled from other tensors than the program's is caught without arbiters", () => {
  const honest = runProgram();
  for (const [phaseIndex, graph] of GRAPHS.entries()) {
    for (const [output, { name }] of graph.outputs.entries()) {
      for (const swap of [{ root: tensor("other") }, { name: `${name}?` }]) {
        const cheating = runProgram({
          output: (entries, at) =>
            at.phaseIndex === phaseIndex && at.step === 1
              ? entries.map((entry, i) => i === output ? { ...entry, ...swap } : entry)
              : entries,
        });
        const chain = submittedRun(cheating);
        chain.open();
        const outcome = play(chain, { provider: cheating, challenger: honest });
        assertEquals([outcome.reason, outcome.phase, outcome.step, outcome.tree, outcome.node], [
          "wrong_wiring",
          phaseIndex,
          1,
          "outputs",
          output,
        ]);
        assertEquals(outcome.arbiterFees, 0n);
        assert(!chain.events().some(({ kind }) => kind === "arbiter_drawn"));
      }
    }
  }
});

Deno.test("a challenger that disputes a rightly assembled output loses without arbiters", () => {
  const honest = runProgram();
  const claimed = runProgram({
    output: (entries, { phaseIndex, step }) =>
      phaseIndex === 0 && step === 4
        ? entries.map((entry) => entry.name === "b" ? { ...entry, root: tensor("claimed") } : entry)
        : entries,
  });
  const chain = submittedRun(honest);
  chain.open();
  const outcome = play(chain, { provider: honest, challenger: claimed });
  assertEquals([outcome.guilty, outcome.reason, outcome.node], ["challenger", "assembly_confirmed", 1]);
});

Deno.test("a node that arbiters confirmed is not judged again: the next challenger of it loses at once", () => {
  const honest = runProgram();
  const claimed = wrongAt({ phaseIndex: 0, step: 4, node: 1 });
  const chain = submittedRun(honest);
  chain.open();
  play(chain, { provider: honest, challenger: claimed });
  const drawn = chain.events().filter(({ kind }) => kind === "arbiter_drawn").length;
  chain.open();
  const again = play(chain, { provider: honest, challenger: claimed });
  assertEquals([again.guilty, again.reason, again.arbiterFees], ["challenger", "output_confirmed", 0n]);
  assertEquals(chain.events().filter(({ kind }) => kind === "arbiter_drawn").length, drawn);
  // Another node is not cleared by it.
  chain.open();
  const other = play(chain, { provider: honest, challenger: wrongAt({ phaseIndex: 0, step: 4, node: 2 }) });
  assert(other.arbiterFees > 0n);
});

Deno.test("a dispute over 10,000 steps of 1,000 nodes takes 8 rounds, and a million nodes 10", () => {
  const phase = (nodes: number): Phase => ({
    mode: "carry",
    graph: ZERO_HASH,
    nodes,
    nodesRoot: ZERO_HASH,
    outputs: 100,
    outputsRoot: ZERO_HASH,
    steps: 10_000,
    segmentSteps: 100,
    batch: null,
  });
  const program = (nodes: number): Program => ({ ...PROGRAM, phases: [phase(nodes)] });
  // 100 segments: 2 rounds of 16; 100 steps: 2; nodes or outputs: 1; 1,000 nodes: 3.
  assertEquals(longestRounds(program(1000)), 8);
  assertEquals(longestRounds(program(1_000_000)), 10);
  assertEquals([1, 2, 16, 17, 256, 257, 4096, 65_536].map(descentRounds), [0, 1, 1, 2, 2, 3, 3, 4]);
});
