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
  GraphBuilder,
  rootOfTensor,
  takeBlob,
  type Tensor,
  type TypedGraph,
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

/** A product of 8-bit integers that is large enough to be screened. */
const ROWS = 128, INNER = 512, COLUMNS = 400;

/** A batch, and weights that are handed in by the model. */
function integerModel() {
  const bytes = (length: number) => Uint8Array.from({ length }, () => 256 * (draw() + 1) / 2);
  const builder = new GraphBuilder();
  const input = builder.input("x", "uint8", [ROWS, INNER]);
  const weights = builder.constant({ dtype: "uint8", shape: [INNER, COLUMNS], data: bytes(INNER * COLUMNS) });
  const zero = (value: number) => builder.constant({ dtype: "uint8", shape: [], data: Uint8Array.of(value) });
  builder.output(builder.add("MatMulInteger", [input, weights, zero(3), zero(131)]), "y");
  const data: Tensor = { dtype: "uint8", shape: [ROWS, INNER], data: bytes(ROWS * INNER) };
  return { model: builder.finish(), data };
}

Deno.test("a claimed integer product is screened and not computed again, and one wrong entry anywhere is found and put right", async () => {
  const engine = await createEngine("ort", { backend: "wasm" }), { recompute } = engine;
  if (recompute === undefined) throw new Error("the engine's bits do not depend on the device");
  let recomputed = 0;
  const load = (graph: TypedGraph) => {
    recomputed++;
    return recompute.load(graph);
  };
  const counting = { ...engine, recompute: { ...recompute, load } };
  const executor = createLocalExecutor(counting), { model, data } = integerModel();
  const built = buildInferenceProgram({
    engine,
    model,
    inputs: { x: "x" },
    data: [{ name: "x", tensor: data }],
    batchSize: ROWS,
    segmentSteps: 1,
  });
  const manifest = takeBlob(blobSource(built.blobs), built.manifestId, "the manifest");
  const { id: program, phases } = await executor.load({ manifest, blobs: built.blobs }, soon());
  const node = phases[0]?.labels.findIndex(({ operator }) => operator === "MatMulInteger") ?? -1;
  const step = { program, segment: 0, step: 0 };
  const inputs = await executor.nodeInputs({ ...step, node }, soon());
  const request = { program, phase: 0, node, inputs };
  const [honest] = await executor.executeNode(request, soon());
  if (!(honest?.data instanceof Int32Array)) throw new Error("the product is no tensor of int32");
  const { data: sums } = honest;
  const judged = async (claim: Tensor, secret?: Uint8Array) => {
    const before = recomputed;
    const claimed = { claimed: [claim], ...(secret === undefined ? {} : { secret }) };
    const [output] = await executor.executeNode({ ...request, ...claimed }, soon());
    return [String(output && rootOfTensor(output)), recomputed - before];
  };
  const right = String(rootOfTensor(honest)), secret = new Uint8Array(32).fill(5);
  assertEquals(await judged(honest, secret), [right, 0]);
  assertEquals(await judged(honest), [right, 1]);
  const another: Tensor = { ...honest, shape: [ROWS * COLUMNS] };
  assertEquals(await judged(another, secret), [right, 1]);
  for (let i = 0; i < 16; i++) {
    const at = Math.floor(sums.length * (draw() + 1) / 2) % sums.length;
    const more = (i % 2 === 0 ? 1 : -1) * 2 ** (i % 20);
    const wrong = { ...honest, data: sums.with(at, (sums[at] ?? 0) + more) };
    assertEquals([at, ...await judged(wrong, new Uint8Array(32).fill(i))], [at, right, 1]);
  }
  await executor.close();
});
