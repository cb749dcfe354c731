import { assert } from "@std/assert/assert.js";
import { assertEquals } from "@std/assert/equals.js";
import {
  combineTops,
  encode,
  equalBytes,
  type Hash,
  leafHash,
  splitRange,
  stateRoot,
  topOf,
  TraceLeaf,
  verifyLeaf,
} from "../../../ledger/primitives/mod.ts";
import {
  claimOfFault,
  executeNode,
  firstDifference,
  openRange,
  outputEntries,
  phaseAt,
  proveTreeLeaf,
  rememberRoots,
  stateTree,
  traceTree,
  treeRoot,
  treeTop,
} from "../../../executor/run/mod.ts";
import { rootOfTensor, tensorBytes } from "../../../executor/tensor.ts";
import { must } from "../must.ts";
import { openBench } from "./sample_programs.ts";

Deno.test("every node executed alone puts out what its trace leaf says", async () => {
  await using bench = await openBench();
  const inputs = [
    bench.runner.initialState,
    (await bench.runner.runSegment(0, bench.runner.initialState)).state,
  ];
  const places = [{ segment: 0, step: 0 }, { segment: 1, step: 4 }, { segment: 3, step: 1 }];
  for (const [i, place] of places.entries()) {
    const state = inputs[Math.min(i, 1)] ?? [];
    const trace = await bench.runner.traceStep(place, state);
    const phase = phaseAt(bench.opened, place.segment < 3 ? 0 : 1);
    assertEquals(trace.leaves.length, phase.nodes.length);
    for (const { node, outputs } of trace.leaves) {
      const alone = await executeNode(bench.engine, phase, node, trace.nodeInputs(node));
      assertEquals(alone.map(rootOfTensor), outputs, phase.graph.nodes[node]?.operator);
    }
  }
});

Deno.test("a trace's wiring holds: every input root is its producer's output root", async () => {
  await using bench = await openBench();
  const { leaves } = await bench.runner.traceStep({ segment: 0, step: 2 }, bench.runner.initialState);
  for (const { node, inputs } of leaves) {
    phaseAt(bench.opened, 0).nodes[node]?.inputs.forEach((source, i) => {
      if (source.kind === "node") assertEquals(inputs[i], leaves[source.node]?.outputs[source.output]);
      if (source.kind === "constant") assertEquals(inputs[i], source.root);
    });
  }
});

Deno.test("a trace leads to the state that the run commits to", async () => {
  await using bench = await openBench();
  const state = bench.runner.initialState;
  const { stepRoots } = await bench.runner.runSegment(0, state, { everyStep: true });
  const { outputs } = await bench.runner.traceStep({ segment: 0, step: 0 }, state);
  assertEquals(stateRoot(outputEntries(phaseAt(bench.opened, 0), outputs, rememberRoots())), stepRoots[0]);
});

Deno.test("a cheat stands by its lie: its trace leads to its claim, and differs first in the node that it falsified", async () => {
  const fault = { phase: 0, step: 1, tensor: 0 };
  await using honest = await openBench();
  await using cheat = await openBench(undefined, claimOfFault(fault));
  const state = await honest.runner.stateBefore({ segment: 0, step: 1 }, honest.runner.initialState);
  const [ours, theirs] = [
    await honest.runner.traceStep({ segment: 0, step: 1 }, state),
    await cheat.runner.traceStep({ segment: 0, step: 1 }, state),
  ];
  const phase = phaseAt(honest.opened, 0);
  const differing = ours.leaves.flatMap((leaf, i) => {
    const other = theirs.leaves[i];
    return other !== undefined && equalBytes(encode(TraceLeaf, leaf), encode(TraceLeaf, other))
      ? []
      : [leaf.node];
  });
  const source = must(phase.outputs[0]).source;
  if (source.kind !== "node") throw new TypeError("w comes out of a node");
  assertEquals(differing, [source.node]);
  assertEquals(firstDifference(traceTree(ours.leaves).leaves, traceTree(theirs.leaves).leaves), source.node);
  const committed =
    (await cheat.runner.runSegment(0, cheat.runner.initialState, { everyStep: true })).stepRoots[1];
  assertEquals(stateRoot(outputEntries(phase, theirs.outputs, rememberRoots())), committed);
  // An arbiter who executes the node from the claimed inputs refutes it.
  const verdict = await executeNode(honest.engine, phase, source.node, theirs.nodeInputs(source.node));
  assert(
    !equalBytes(
      rootOfTensor(must(verdict[0])),
      must(theirs.leaves[source.node]?.outputs[0]),
    ),
  );
});

Deno.test("changing one bit of one tensor changes its own leaf and no other", async () => {
  await using bench = await openBench();
  const state = bench.runner.initialState;
  const names = ["w", "frozen", "seen", "loss"];
  const treeOf = (tensors: typeof state) =>
    stateTree(tensors.map((tensor, i) => ({ name: names[i] ?? "", root: rootOfTensor(tensor) })));
  const original = treeOf(state);
  state.forEach((tensor, changed) => {
    const data = tensor.data.slice();
    const bytes = tensorBytes({ ...tensor, data });
    bytes[0] = must(bytes[0]) ^ 1;
    const other = treeOf(state.with(changed, { ...tensor, data }));
    assertEquals(
      original.leaves.map((leaf, i) => equalBytes(leaf, must(other.leaves[i]))),
      names.map((_, i) => i !== changed),
    );
    assert(!equalBytes(treeRoot(original), treeRoot(other)));
  });
});

Deno.test("opening ranges round by round descends to the one leaf that differs, and the leaf can be proven", () => {
  const leaves = (changed?: number): TraceLeaf[] =>
    Array.from(
      { length: 300 },
      (_, node) => ({
        node,
        inputs: [],
        outputs: [new Uint8Array(32).fill(node === changed ? 255 : node % 200)],
      }),
    );
  const ours = traceTree(leaves()), theirs = traceTree(leaves(171));
  let range = { from: 0, to: 300 }, agreed: Hash = treeTop(theirs), rounds = 0;
  while (range.to - range.from > 1) {
    const posted = openRange(theirs, range);
    assertEquals(combineTops(range, posted), agreed);
    const mine = openRange(ours, range);
    const index = must(firstDifference(mine, posted));
    range = must(splitRange(range)[index]);
    agreed = must(posted[index]);
    rounds++;
  }
  assertEquals([range.from, rounds], [171, 3]);
  assertEquals(agreed, topOf(theirs.leaves.slice(171, 172)));
  const leaf = leafHash(encode(TraceLeaf, must(leaves(171)[171])));
  assert(verifyLeaf(treeRoot(theirs), leaf, proveTreeLeaf(theirs, 171)));
  assert(!verifyLeaf(treeRoot(ours), leaf, proveTreeLeaf(theirs, 171)));
});
