/** Judging a node of an engine whose bits depend on the device: honest noise stands, an error does not. */
import { assert } from "@std/assert/assert.js";
import { assertEquals } from "@std/assert/equals.js";
import { assertRejects } from "@std/assert/rejects.js";
import { createEngine } from "../../../executor/engines/create_engine_ort.ts";
import {
  blobSource,
  buildInferenceProgram,
  buildTrainingProgram,
  createLocalExecutor,
  encodeManifest,
  ExecutorError,
  rootOfTensor,
  takeBlob,
  type Tensor,
} from "../../../executor/mod.ts";
import { mlp, uniform } from "../models.ts";

const draw = uniform(3);
const x: Tensor = { dtype: "float32", shape: [12, 8], data: Float32Array.from({ length: 96 }, draw) };
const y: Tensor = { dtype: "uint8", shape: [12], data: new Uint8Array(12) };
const soon = () => ({ signal: AbortSignal.timeout(60_000) });

/** Every element a little off, as another order of summation leaves it, relative to the greatest. */
function nudged(tensor: Tensor, relative: number): Tensor {
  const data = Float32Array.from(tensor.data as Float32Array);
  const greatest = data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return { ...tensor, data: data.map((value, i) => value + (i % 2 ? 1 : -1) * relative * greatest) };
}

Deno.test("an output within the bound comes back as it was claimed, any other as it is recomputed, on an arbiter without a GPU", async () => {
  const engine = await createEngine("ort", { backend: "wasm" });
  const executor = createLocalExecutor(engine);
  const built = buildInferenceProgram({
    engine,
    model: mlp(4, [8, 8, 3]),
    inputs: { x: "x" },
    data: [{ name: "x", tensor: x }],
    batchSize: 4,
    segmentSteps: 2,
  });
  const manifest = takeBlob(blobSource(built.blobs), built.manifestId, "the manifest");
  const { id: program, phases } = await executor.load({ manifest, blobs: built.blobs }, soon());
  const step = { program, segment: 0, step: 1 };
  const { nodes } = await executor.trace(step, soon());
  const tried: string[] = [];
  for (const { node } of nodes) {
    const inputs = await executor.nodeInputs({ ...step, node }, soon());
    const request = { program, phase: 0, node, inputs };
    const recomputed = await executor.executeNode(request, soon());
    const verdictOn = async (claimed: readonly Tensor[]) =>
      (await executor.executeNode({ ...request, claimed }, soon())).map(rootOfTensor);
    assertEquals(await verdictOn(recomputed), recomputed.map(rootOfTensor));
    const operator = phases[0]?.labels[node]?.operator ?? "";
    if (recomputed.some(({ dtype }) => dtype !== "float32")) continue;
    const wrong = recomputed.map((tensor) => nudged(tensor, 0.01));
    assertEquals(await verdictOn(wrong), recomputed.map(rootOfTensor), operator);
    if (operator !== "MatMul" && operator !== "Gemm") continue;
    const honest = recomputed.map((tensor) => nudged(tensor, 2 ** -24));
    assert(String(honest.map(rootOfTensor)) !== String(recomputed.map(rootOfTensor)));
    assertEquals(await verdictOn(honest), honest.map(rootOfTensor), operator);
    tried.push(operator);
  }
  assert(tried.length > 0);
  await executor.close();
});

Deno.test("a program that trains is refused by an engine whose bits depend on the device", async () => {
  const engine = await createEngine("ort", { backend: "wasm" });
  const executor = createLocalExecutor(engine);
  const built = buildTrainingProgram({
    engine,
    model: mlp(4, [8, 8, 3]),
    batchSize: 4,
    inputs: { x: "x" },
    labels: "y",
    data: [{ name: "x", tensor: x }, { name: "y", tensor: y }],
    loss: "cross_entropy",
    optimizer: { kind: "sgd", learningRate: 0.1 },
    steps: 2,
    segmentSteps: 2,
    seed: 1n,
  });
  const manifest = takeBlob(blobSource(built.blobs), built.manifestId, "the manifest");
  const error = await assertRejects(
    () => executor.load({ manifest, blobs: built.blobs }, soon()),
    ExecutorError,
  );
  assertEquals((error as ExecutorError).code, "bad_program");
  await executor.close();
});

Deno.test("a program that hides what a node computes is refused by an engine whose bits depend on the device: it could not be judged", async () => {
  const engine = await createEngine("ort", { backend: "wasm" });
  const executor = createLocalExecutor(engine);
  const options = {
    model: mlp(4, [8, 8, 3]),
    inputs: { x: "x" },
    data: [{ name: "x", tensor: x }],
    batchSize: 4,
    segmentSteps: 2,
  };
  const exposed = buildInferenceProgram({ engine, ...options });
  assertEquals(exposed.program.phases[0]?.outputs, exposed.program.phases[0]?.nodes);
  // Built for an engine that shows the model's outputs alone, and said to be for this one.
  const hiding = buildInferenceProgram({
    engine: { name: "ort-strict", kernelHash: engine.kernelHash },
    ...options,
  });
  const manifest = encodeManifest({
    ...hiding.manifest,
    program: { ...hiding.program, engine: engine.name },
  });
  const error = await assertRejects(
    () => executor.load({ manifest, blobs: hiding.blobs }, soon()),
    ExecutorError,
  );
  assertEquals((error as ExecutorError).code, "bad_program");
  await executor.close();
});
