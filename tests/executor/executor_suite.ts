/** What every executor promises, whichever process it runs in. */
import { assert } from "@std/assert/assert.js";
import { assertEquals } from "@std/assert/equals.js";
import { assertRejects } from "@std/assert/rejects.js";
import { equalBytes, type Hash, merkleRoot, stateRoot } from "../../ledger/primitives/mod.ts";
import { ExecutorError } from "../../executor/errors.ts";
import type { CallOptions, Executor, LoadedProgram, RunEvent } from "../../executor/executor.ts";
import { type BuiltProgram, encodeManifest } from "../../executor/program/mod.ts";
import {
  nodeDescriptorTree,
  outputDescriptorTree,
  segmentTree,
  stateTree,
  traceTree,
  treeRoot,
} from "../../executor/run/mod.ts";
import { rootOfTensor } from "../../executor/tensor.ts";
import { must } from "./must.ts";
import { regression } from "./run/sample_programs.ts";

/** A deadline that no call of a test should reach. */
export function soon(): CallOptions {
  return { signal: AbortSignal.timeout(60_000) };
}

/** A loaded sample program. */
export async function loadSample(
  executor: Executor,
): Promise<{ built: BuiltProgram; loaded: LoadedProgram; program: Hash }> {
  const built = regression(await executor.engine(soon()));
  const loaded = await executor.load(
    { manifest: encodeManifest(built.manifest), blobs: built.blobs },
    soon(),
  );
  return { built, loaded, program: loaded.id };
}

/** The code of the error that a call fails with. */
export async function codeOf(work: () => Promise<unknown>): Promise<string> {
  return (await assertRejects(work, ExecutorError) as ExecutorError).code;
}

/** Registers the suite's tests. */
export function testExecutor(name: string, create: () => Promise<Executor>): void {
  const promise = (sentence: string, body: (executor: Executor) => Promise<void>) =>
    Deno.test(`${name}: ${sentence}`, async () => {
      const executor = await create();
      try {
        await body(executor);
      } finally {
        await executor.close();
      }
    });

  promise("a loaded program is described by what its roots commit to", async (executor) => {
    const { built, loaded } = await loadSample(executor);
    assertEquals(loaded.id, built.id);
    assertEquals(stateRoot(loaded.state), built.program.initialRoot);
    assertEquals(stateRoot(loaded.data), built.program.dataRoot);
    loaded.phases.forEach((phase, i) => {
      assertEquals(treeRoot(nodeDescriptorTree(phase.nodes)), built.program.phases[i]?.nodesRoot);
      assertEquals(treeRoot(outputDescriptorTree(phase.outputs)), built.program.phases[i]?.outputsRoot);
      assertEquals(phase.labels.length, phase.nodes.length);
    });
  });

  promise(
    "a run tells every step with its loss and every segment with its root, and gives the metric",
    async (executor) => {
      const { program } = await loadSample(executor);
      const events: RunEvent[] = [];
      const result = await executor.run({ program }, soon(), (event) => events.push(event));
      assertEquals(result.metric, 10n);
      assertEquals(result.segmentRoots.length, 5);
      const told = events.flatMap((event) => event.kind === "segment" ? [event.root] : []);
      assertEquals(told, [...result.segmentRoots]);
      const losses = events.flatMap((event) => event.kind === "step" ? [event.loss] : []);
      assertEquals(losses.length, 14);
      assert(losses.slice(0, 10).every((loss) => typeof loss === "number" && loss > 0));
      assertEquals(losses.slice(10), [null, null, null, null]);
      const final = await executor.state({ program, segment: 5 }, soon());
      assertEquals(stateRoot(final.entries), result.outputRoot);
      assertEquals(final.entries.map(({ root }) => root), final.tensors.map(rootOfTensor));
    },
  );

  promise(
    "a rehearsal takes the first steps of every phase, and whatever is asked afterwards is answered as without it",
    async (executor) => {
      const { program, loaded } = await loadSample(executor);
      const steps: (readonly [number, number])[] = [];
      await executor.rehearse({ program, steps: 2 }, soon(), (event) => {
        if (event.kind === "step") steps.push([event.segment, event.step]);
      });
      assertEquals(loaded.program.phases.map(({ steps, segmentSteps }) => [steps, segmentSteps]), [
        [10, 4],
        [4, 3],
      ]);
      assertEquals(steps, [[0, 0], [0, 1], [3, 0], [3, 1]]);
      const rehearsed = await executor.state({ program, segment: 3 }, soon());
      await executor.unload({ program }, soon());
      await loadSample(executor);
      assertEquals(rehearsed.entries, (await executor.state({ program, segment: 3 }, soon())).entries);
      const stopped = { signal: AbortSignal.abort() };
      assertEquals(await codeOf(() => executor.rehearse({ program, steps: 2 }, stopped)), "cancelled");
    },
  );

  promise(
    "segments, steps, nodes and a node's inputs hang together down to the arbiter's result",
    async (executor) => {
      const { program, loaded } = await loadSample(executor);
      const { segmentRoots } = await executor.run({ program }, soon());
      assertEquals(treeRoot(segmentTree(segmentRoots)), merkleRoot(segmentRoots));
      const steps = await executor.steps({ program, segment: 1 }, soon());
      assertEquals([steps.firstStep, steps.roots.length], [4, 4]);
      assertEquals(steps.roots.at(-1), segmentRoots[1]);
      const record = await executor.trace({ program, segment: 1, step: 6 }, soon());
      assertEquals(stateRoot(record.input), steps.roots[1]);
      assertEquals(stateRoot(record.outputs), steps.roots[2]);
      assertEquals(treeRoot(stateTree(record.outputs)), steps.roots[2]);
      assertEquals(traceTree(record.nodes).leaves.length, loaded.program.phases[0]?.nodes);
      for (const { node, inputs: roots, outputs } of record.nodes) {
        const inputs = await executor.nodeInputs({ program, segment: 1, step: 6, node }, soon());
        inputs.forEach((tensor, i) => tensor === null || assertEquals(rootOfTensor(tensor), roots[i]));
        const computed = await executor.executeNode({ program, phase: 0, node, inputs }, soon());
        assertEquals(computed.map(rootOfTensor), outputs);
      }
    },
  );

  promise("the outputs of a map step are what its segment commits to", async (executor) => {
    const { program } = await loadSample(executor);
    const { segmentRoots } = await executor.run({ program }, soon());
    const steps = await executor.steps({ program, segment: 3 }, soon());
    assertEquals(merkleRoot(steps.roots), segmentRoots[3]);
    const { entries, tensors } = await executor.output({ program, segment: 3, step: 2 }, soon());
    assertEquals(stateRoot(entries), steps.roots[2]);
    assertEquals(must(tensors[0]).shape, [6, 1]);
  });

  promise(
    "questions about a run can be answered without having run it, and from a state handed over",
    async (executor) => {
      const { program } = await loadSample(executor);
      const cold = await executor.steps({ program, segment: 2 }, soon());
      const { tensors } = await executor.state({ program, segment: 2 }, soon());
      await executor.unload({ program }, soon());
      assertEquals(await codeOf(() => executor.steps({ program, segment: 2 }, soon())), "bad_request");
      await loadSample(executor);
      await executor.restore({ program, segment: 2, state: tensors }, soon());
      assertEquals(await executor.steps({ program, segment: 2 }, soon()), cold);
      const rest = await executor.run({ program, from: { segment: 2, state: tensors } }, soon());
      assertEquals(rest.segmentRoots.length, 3);
      assertEquals(rest.segmentRoots[0], cold.roots.at(-1));
    },
  );

  promise(
    "a state that is handed in apart is not seen by others, and is forgotten apart",
    async (executor) => {
      const { program } = await loadSample(executor);
      const own = await executor.steps({ program, segment: 2 }, soon());
      const { tensors } = await executor.state({ program, segment: 1 }, soon());
      // The state of another place passes for what somebody claims of this one.
      const place = { program, segment: 2, apart: true };
      await executor.restore({ ...place, state: tensors }, soon());
      const claimed = await executor.steps(place, soon());
      assert(!equalBytes(must(claimed.roots[0]), must(own.roots[0])));
      assertEquals(await executor.steps({ program, segment: 2 }, soon()), own);
      await executor.unload({ program, apart: true }, soon());
      assertEquals(await executor.steps({ program, segment: 2 }, soon()), own, "the program is still loaded");
      assertEquals(await executor.steps(place, soon()), own, "nothing is left of the claim");
    },
  );

  promise(
    "an arbiter needs the graphs alone to execute a node, and is told what is missing for a run",
    async (executor) => {
      const built = regression(await executor.engine(soon()));
      const graphs = built.blobs.filter(({ id }) =>
        built.program.phases.some(({ graph }) => equalBytes(graph, id))
      );
      const { id: program } = await executor.load(
        { manifest: encodeManifest(built.manifest), blobs: graphs },
        soon(),
      );
      const x = { dtype: "float32", shape: [], data: Float32Array.of(1) } as const;
      assertEquals(await codeOf(() => executor.run({ program }, soon())), "bad_program");
      assertEquals(
        await codeOf(() => executor.executeNode({ program, phase: 0, node: 0, inputs: [x] }, soon())),
        "bad_request",
      );
      assertEquals(
        await codeOf(() => executor.executeNode({ program, phase: 9, node: 0, inputs: [] }, soon())),
        "bad_request",
      );
      await executor.load({ manifest: encodeManifest(built.manifest), blobs: built.blobs }, soon());
      assertEquals((await executor.run({ program }, soon())).segmentRoots.length, 5);
    },
  );

  promise("what cannot be loaded is refused with a reason", async (executor) => {
    const built = regression(await executor.engine(soon()));
    const other = regression({ name: "ort-strict", kernelHash: new Uint8Array(32) });
    const garbage = { manifest: new Uint8Array([1, 2, 3]), blobs: [] };
    assertEquals(await codeOf(() => executor.load(garbage, soon())), "bad_program");
    assertEquals(
      await codeOf(() => executor.load({ manifest: encodeManifest(built.manifest), blobs: [] }, soon())),
      "bad_program",
    );
    const wrongEngine = { manifest: encodeManifest(other.manifest), blobs: other.blobs };
    assertEquals(await codeOf(() => executor.load(wrongEngine, soon())), "engine_unavailable");
  });

  promise("a call ends at its signal, and the executor goes on", async (executor) => {
    const { program } = await loadSample(executor);
    const controller = new AbortController();
    const run = () =>
      executor.run(
        { program },
        { signal: controller.signal },
        (event) => event.kind === "step" && event.step === 1 && controller.abort(),
      );
    assertEquals(await codeOf(run), "cancelled");
    const passed = AbortSignal.abort(new DOMException("late", "TimeoutError"));
    assertEquals(await codeOf(() => executor.run({ program }, { signal: passed })), "timed_out");
    assertEquals((await executor.run({ program }, soon())).segmentRoots.length, 5);
  });

  promise("calls at the same time do not disturb each other", async (executor) => {
    const { program } = await loadSample(executor);
    const [a, b, c] = await Promise.all([
      executor.run({ program }, soon()),
      executor.run({ program }, soon()),
      executor.steps({ program, segment: 1 }, soon()),
    ]);
    assertEquals(a, b);
    assertEquals(c.roots.at(-1), a.segmentRoots[1]);
  });
}
