import { assert } from "@std/assert/assert.js";
import { assertEquals } from "@std/assert/equals.js";
import { assertRejects } from "@std/assert/rejects.js";
import type { Executor, LoadedProgram, TensorChunks } from "../../../executor/executor.ts";
import { createLocalExecutor } from "../../../executor/local_executor.ts";
import { GraphBuilder } from "../../../executor/onnx/mod.ts";
import { buildProgram, encodeManifest } from "../../../executor/program/mod.ts";
import { createRepopsEngine } from "../../../executor/repops/mod.ts";
import { type Tensor, tensorBytes } from "../../../executor/tensor.ts";
import { CHUNK_BYTES, chunkRoot, equalBytes } from "../../../ledger/primitives/mod.ts";
import { createOrtStrict } from "../../../executor/engines/ort_strict_ort.ts";

const ROWS = 512, BATCH = 300, WIDTH = 200, OUT = 300;
const call = { signal: AbortSignal.timeout(60_000) };

function wave(shape: readonly number[], phase: number): Tensor {
  const count = shape.reduce((product, size) => product * size, 1);
  const data = Float32Array.from({ length: count }, (_, i) => ((i * 37 + phase * 11) % 117 - 58) / 16);
  // A dataset holds what it holds: a negative zero and a number below what the engine keeps are copied as they are.
  data[5] = -0;
  data[6] = 1e-40;
  return { dtype: "float32", shape, data };
}

/** A batch of rows, a product, a sum over its rows, and an update: outputs of 1 to 6 chunks. */
async function load(executor: Executor): Promise<LoadedProgram> {
  const graph = new GraphBuilder({ name: "wide" });
  const weights = graph.input("state.weights", "float32", [WIDTH, OUT]);
  const batch = graph.input("batch", "int64", [BATCH]);
  const rows = graph.add("Gather", [graph.input("data.inputs", "float32", [ROWS, WIDTH]), batch], {
    axis: 0,
  });
  const product = graph.add("Relu", [graph.add("MatMul", [rows, weights])]);
  const gradient = graph.add("MatMul", [graph.add("Transpose", [rows], { perm: [1, 0] }), product]);
  graph.output(graph.add("Sub", [weights, graph.add("Mul", [gradient, graph.float(1e-6)])]), "next.weights");
  const built = buildProgram({
    engine: await executor.engine(call),
    state: [{ name: "weights", tensor: wave([WIDTH, OUT], 1) }],
    data: [{ name: "inputs", tensor: wave([ROWS, WIDTH], 2) }],
    phases: [{
      step: { mode: "carry", graph: graph.finish() },
      steps: 2,
      segmentSteps: 2,
      batch: { rows: ROWS, size: BATCH, seed: 5n },
    }],
  });
  return await executor.load({ manifest: encodeManifest(built.manifest), blobs: built.blobs }, call);
}

function chunksOf(tensor: Tensor | null | undefined, positions: readonly number[]): TensorChunks {
  if (!tensor) throw new Error("a constant of the graph is asked for");
  const bytes = tensorBytes(tensor);
  return positions.map((position) => ({
    position,
    bytes: bytes.slice(position * CHUNK_BYTES, (position + 1) * CHUNK_BYTES),
  }));
}

Deno.test("every chunk of every output, executed alone from just the input chunks it takes, has the root it has in its step", async () => {
  const executor = createLocalExecutor(await createRepopsEngine());
  const { id: program, phases: [phase] } = await load(executor);
  const step = { program, segment: 0, step: 1 };
  let chunks = 0, spared = 0;
  for (const [node, descriptor] of (phase?.nodes ?? []).entries()) {
    const tensors = await executor.nodeInputs({ ...step, node }, call);
    const { chunkRoots } = await executor.nodeOutput({ ...step, node, output: 0 }, call);
    for (const [chunk, root] of chunkRoots.entries()) {
      const inputs: (TensorChunks | null)[] = descriptor.inputs.map(() => null);
      const place = { program, phase: 0, node, output: 0, chunk };
      for (let complete = false; !complete;) {
        const needs = await executor.chunkNeeds({ ...place, inputs }, call);
        for (const { input, positions } of needs.chunks) inputs[input] = chunksOf(tensors[input], positions);
        ({ complete } = needs);
      }
      const bytes = await executor.executeChunk({ ...place, inputs }, call);
      assert(equalBytes(chunkRoot(bytes), root), `chunk ${chunk} of ${phase?.labels[node]?.operator}`);
      chunks++;
      tensors.forEach((tensor, i) => {
        if (tensor !== null && (inputs[i]?.length ?? 0) < tensorBytes(tensor).length / CHUNK_BYTES) spared++;
      });
    }
  }
  assert(
    chunks > 20 && spared > 10,
    `${chunks} chunks, ${spared} inputs of which some chunks were not needed`,
  );
  await executor.close();
});

Deno.test("a chunk that was not handed in is missed, and what does not exist is refused", async () => {
  const executor = createLocalExecutor(await createRepopsEngine());
  const { id: program, phases: [phase] } = await load(executor);
  const node = phase?.labels.findIndex(({ operator }) => operator === "MatMul") ?? -1;
  const place = { program, phase: 0, node, output: 0, chunk: 0, inputs: [[], []] };
  const codeOf = async (work: Promise<unknown>) => {
    const thrown = await assertRejects(() => work);
    return thrown instanceof Error && "code" in thrown ? thrown.code : undefined;
  };
  assertEquals(await codeOf(executor.executeChunk(place, call)), "missing_chunk");
  for (const change of [{ chunk: 99 }, { output: 1 }, { node: 99 }, { inputs: [] }]) {
    assertEquals(await codeOf(executor.executeChunk({ ...place, ...change }, call)), "bad_request");
    assertEquals(await codeOf(executor.chunkNeeds({ ...place, ...change }, call)), "bad_request");
  }
  await executor.close();
  const whole = createLocalExecutor(await createOrtStrict());
  const other = await load(whole);
  assertEquals(await codeOf(whole.executeChunk({ ...place, program: other.id }, call)), "bad_request");
  await whole.close();
});
