/**
 * Random graphs have the bits of the reference on WebAssembly, and of WebAssembly on WebGPU.
 *
 * @module
 */
import { assertEquals } from "@std/assert/equals.js";
import type { Tensors } from "../../../executor/engine.ts";
import { createRepopsEngine, type RepopsEngine } from "../../../executor/repops/mod.ts";
import { type RandomGraph, randomGraph } from "./random_graphs.ts";
import type { FloatKind } from "./random_values.ts";
import { firstDifference, runReference } from "./reference_run.ts";
import { gpu, testOnGpu } from "./webgpu/adapter.ts";

const KINDS: readonly FloatKind[] = ["near", "wide", "bits", "cancel"];

/** Graphs of a run, and of one on WebGPU, where compiling pipelines takes its time. */
const GRAPHS = 150, GRAPHS_ON_GPU = 25;

async function run(engine: RepopsEngine, { graph, inputs }: RandomGraph): Promise<Tensors> {
  const session = await engine.load(graph);
  return await session.run(inputs).finally(() => session.close());
}

/** The first output that differs. */
function difference({ graph }: RandomGraph, seen: Tensors, wanted: Tensors): string | undefined {
  for (const { name } of graph.outputs) {
    const [a, b] = [seen[name], wanted[name]];
    const found = a && b ? firstDifference(a, b) : "missing";
    if (found) return `${graph.name}: ${name}: ${found}`;
  }
  return undefined;
}

for (const precision of ["high", "highest"] as const) {
  Deno.test(`random graphs have the bits of the reference (${precision})`, async () => {
    const engine = await createRepopsEngine({ precision });
    for (let seed = 0; seed < GRAPHS; seed++) {
      const each = randomGraph(seed, KINDS[seed % KINDS.length] ?? "near");
      const wanted = runReference(each.graph, each.inputs, precision);
      assertEquals(difference(each, await run(engine, each), wanted), undefined);
    }
    await engine.close();
  });
}

testOnGpu("random graphs have one set of bits on WebAssembly and WebGPU", async () => {
  const [onWasm, onGpu] = [await createRepopsEngine(), await createRepopsEngine({ backend: "webgpu", gpu })];
  for (let seed = 1000; seed < 1000 + GRAPHS_ON_GPU; seed++) {
    const each = randomGraph(seed, KINDS[seed % KINDS.length] ?? "near");
    assertEquals(difference(each, await run(onGpu, each), await run(onWasm, each)), undefined);
  }
  await onWasm.close();
  await onGpu.close();
});
