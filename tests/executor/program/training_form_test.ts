/** Models exported for training: what they drop, which statistics they keep, and what is left of that once they are trained. */
import { assert } from "@std/assert/assert.js";
import { assertEquals } from "@std/assert/equals.js";
import { assertStringIncludes } from "@std/assert/string_includes.js";
import { assertThrows } from "@std/assert/throws.js";
import { ExecutorError } from "../../../executor/errors.ts";
import type { Attribute, Graph, GraphNode } from "../../../executor/graph.ts";
import { bindShapes, parseModel } from "../../../executor/onnx/mod.ts";
import { buildTrainingProgram, trainedModel } from "../../../executor/program/mod.ts";
import { createRepopsEngine } from "../../../executor/repops/mod.ts";
import { runLocally } from "../../../executor/run_locally.ts";
import { elementCount, rootOfTensor, type Tensor } from "../../../executor/tensor.ts";
import { bytesToHex } from "../../../ledger/primitives/mod.ts";
import { uniform } from "../models.ts";
import { must } from "../must.ts";
import { runGraph } from "../ort.ts";

const ROWS = 24, FEATURES = 6, HIDDEN = 8, CLASSES = 3, BATCH = 8;

function floats(shape: readonly number[], seed: number, centre = 0): Tensor {
  const draw = uniform(seed);
  const data = Float32Array.from({ length: elementCount(shape) }, () => centre + draw());
  return { dtype: "float32", shape, data };
}

const filled = (size: number, value: number): Tensor => ({
  dtype: "float32",
  shape: [size],
  data: new Float32Array(size).fill(value),
});

/** Linear, batch normalization, Relu, dropout of 0.4, linear: as PyTorch writes a model in training mode. */
function model(): Graph {
  const int = (value: number): Attribute => ({ type: "int", value: BigInt(value) });
  const node = (operator: string, inputs: string[], outputs: string[], attributes = {}): GraphNode => ({
    name: operator.toLowerCase() + outputs[0],
    operator,
    domain: "",
    inputs,
    outputs,
    attributes,
  });
  return {
    name: "exported for training",
    opset: 17,
    inputs: [{ name: "x", dtype: "float32", shape: ["batch", FEATURES] }],
    outputs: [{ name: "logits", dtype: "float32", shape: ["batch", CLASSES] }],
    initializers: new Map<string, Tensor>([
      ["first.weight", floats([HIDDEN, FEATURES], 1)],
      ["norm.scale", filled(HIDDEN, 1)],
      ["norm.shift", filled(HIDDEN, 0)],
      ["norm.mean", filled(HIDDEN, 0)],
      ["norm.variance", filled(HIDDEN, 1)],
      ["ratio", { dtype: "float32", shape: [], data: Float32Array.of(0.4) }],
      ["training", { dtype: "bool", shape: [], data: Uint8Array.of(1) }],
      ["second.weight", floats([CLASSES, HIDDEN], 2)],
    ]),
    nodes: [
      node("Gemm", ["x", "first.weight"], ["a"], { transB: int(1) }),
      node("BatchNormalization", ["a", "norm.scale", "norm.shift", "norm.mean", "norm.variance"], [
        "n",
        "new mean",
        "new variance",
      ], { training_mode: int(1) }),
      node("Relu", ["n"], ["h"]),
      node("Dropout", ["h", "ratio", "training"], ["d"]),
      node("Gemm", ["d", "second.weight"], ["logits"], { transB: int(1) }),
    ],
  };
}

const points = floats([ROWS, FEATURES], 3, 0.5);
const labels: Tensor = {
  dtype: "int64",
  shape: [ROWS],
  data: BigInt64Array.from({ length: ROWS }, (_, i) => BigInt(i % CLASSES)),
};

/** Trains on repops and gives the state by name. */
async function train(steps: number, seed: bigint): Promise<ReadonlyMap<string, Tensor>> {
  const engine = await createRepopsEngine();
  const built = buildTrainingProgram({
    engine,
    model: model(),
    batchSize: BATCH,
    inputs: { x: "points" },
    data: [{ name: "points", tensor: points }, { name: "labels", tensor: labels }],
    labels: "labels",
    loss: "cross_entropy",
    optimizer: { kind: "sgd", learningRate: 0.1 },
    steps,
    segmentSteps: steps,
    seed,
    evaluation: { inputs: { x: "points" }, labels: "labels" },
  });
  let state: ReadonlyMap<string, Tensor> = new Map();
  for await (const { checkpoint } of runLocally(engine, built)) {
    state = new Map(checkpoint.state.map(({ name, tensor }) => [name, tensor]));
  }
  await engine.close();
  return state;
}

const rootOf = (state: ReadonlyMap<string, Tensor>, name: string) =>
  bytesToHex(rootOfTensor(must(state.get(name))));

Deno.test("dropout in training depends on the job's seed and on nothing else", async () => {
  const [first, again, other] = [await train(3, 5n), await train(3, 5n), await train(3, 6n)];
  assertEquals(rootOf(first, "weight.second.weight"), rootOf(again, "weight.second.weight"));
  assert(rootOf(first, "weight.second.weight") !== rootOf(other, "weight.second.weight"));
});

Deno.test("running statistics are state: a step moves them a tenth of the way to the batch's", async () => {
  const [before, after] = [await train(1, 5n), await train(2, 5n)];
  // All rows are in three batches: after one step the mean is a tenth of one batch's.
  const mean = must(before.get("weight.norm.mean")).data as Float32Array;
  const weight = must(model().initializers.get("first.weight")).data as Float32Array;
  const activations = Array.from(
    { length: ROWS },
    (_, row) =>
      Array.from(
        { length: HIDDEN },
        (_, unit) =>
          Array.from({ length: FEATURES }, (_, k) =>
            Number(points.data[row * FEATURES + k]) * must(weight[unit * FEATURES + k]))
            .reduce((a, b) =>
              a + b, 0),
      ),
  );
  for (let unit = 0; unit < HIDDEN; unit++) {
    const values = activations.map((row) => must(row[unit]) / 10);
    assert(must(mean[unit]) >= Math.min(...values) && must(mean[unit]) <= Math.max(...values));
    assert(must(mean[unit]) !== 0);
  }
  assert(rootOf(before, "weight.norm.mean") !== rootOf(after, "weight.norm.mean"));
  assert(rootOf(before, "weight.norm.variance") !== rootOf(after, "weight.norm.variance"));
});

Deno.test("a trained model infers: it drops nothing, and normalizes by what training left", async () => {
  const state = await train(4, 5n);
  const bytes = trainedModel(model(), [...state].map(([name, tensor]) => ({ name, tensor })));
  const trained = parseModel(bytes);
  const normalization = must(trained.nodes.find(({ operator }) => operator === "BatchNormalization"));
  assertEquals([normalization.attributes["training_mode"], normalization.outputs.length], [undefined, 1]);
  const x: Tensor = { dtype: "float32", shape: [2, FEATURES], data: points.data.slice(0, 2 * FEATURES) };
  const { logits } = await runGraph(bindShapes(trained, { batch: 2 }), { x });
  const weightOf = (name: string) => must(state.get(`weight.${name}`)).data as Float32Array;
  for (let row = 0; row < 2; row++) {
    const hidden = Array.from({ length: HIDDEN }, (_, unit) => {
      let sum = 0;
      for (let k = 0; k < FEATURES; k++) {
        sum += Number(x.data[row * FEATURES + k]) * must(weightOf("first.weight")[unit * FEATURES + k]);
      }
      const centred = sum - must(weightOf("norm.mean")[unit]);
      const deviation = Math.sqrt(must(weightOf("norm.variance")[unit]) + 1e-5);
      return Math.max(
        0,
        centred / deviation * must(weightOf("norm.scale")[unit]) + must(weightOf("norm.shift")[unit]),
      );
    });
    for (let unit = 0; unit < CLASSES; unit++) {
      const expected = hidden.reduce(
        (sum, value, k) => sum + value * must(weightOf("second.weight")[unit * HIDDEN + k]),
        0,
      );
      const seen = Number(must(logits).data[row * CLASSES + unit]);
      assert(Math.abs(seen - expected) < 1e-4, `${seen} instead of ${expected}`);
    }
  }
});

Deno.test("an engine that cannot draw refuses to train with dropout, naming the node", () => {
  const error = assertThrows(() =>
    buildTrainingProgram({
      engine: { name: "ort-strict", kernelHash: new Uint8Array(32) },
      model: model(),
      batchSize: BATCH,
      inputs: { x: "points" },
      data: [{ name: "points", tensor: points }, { name: "labels", tensor: labels }],
      labels: "labels",
      loss: "cross_entropy",
      optimizer: { kind: "sgd", learningRate: 0.1 },
      steps: 1,
      segmentSteps: 1,
      seed: 0n,
    }), ExecutorError) as ExecutorError;
  assertEquals(error.code, "unsupported_operator");
  assertStringIncludes(error.message, '"dropoutd" (Dropout)');
});
