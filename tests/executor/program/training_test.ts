/** Training steps train; optimizers and schedules do what their papers say; evaluation counts right answers. */
import { assertEquals } from "@std/assert/equals.js";
import { assert } from "@std/assert/assert.js";
import { assertThrows } from "@std/assert/throws.js";
import { assertStringIncludes } from "@std/assert/string_includes.js";
import { ExecutorError } from "../../../executor/errors.ts";
import type { Tensors } from "../../../executor/engine.ts";
import { GraphBuilder } from "../../../executor/onnx/mod.ts";
import {
  buildEvaluationStep,
  buildInferenceStep,
  buildTrainingStep,
  learningRate,
  type NamedTensor,
  type Optimizer,
  type Schedule,
  type StepWithState,
} from "../../../executor/program/mod.ts";
import { elementCount, type Tensor } from "../../../executor/tensor.ts";
import { batchIndices } from "../../../ledger/primitives/mod.ts";
import { cnn, languageModel, mlp, uniform } from "../models.ts";
import { openOracle, runGraph } from "../ort.ts";

/** Runs a step again and again; returns the last state and the loss after each step. */
async function train(
  { step, state }: StepWithState,
  data: Tensors,
  rows: number,
  size: number,
  steps: number,
) {
  const session = await openOracle(step.graph);
  const losses: number[] = [];
  let now: Record<string, Tensor> = Object.fromEntries(state.map(({ name, tensor }) => [name, tensor]));
  try {
    for (let i = 0; i < steps; i++) {
      const batch = batchIndices({ rows, size, seed: 7n }, i);
      const out = await session.run({
        ...Object.fromEntries(Object.entries(now).map(([name, tensor]) => [`state.${name}`, tensor])),
        ...data,
        batch: { dtype: "int64", shape: [size], data: batch },
      });
      now = Object.fromEntries(
        Object.entries(now).map(([name, tensor]) => [name, out[`next.${name}`] ?? tensor]),
      );
      losses.push(Number(now["loss"]?.data[0]));
    }
  } finally {
    await session.release();
  }
  return { state: now, losses };
}

function floats(shape: readonly number[], seed: number): Tensor {
  const draw = uniform(seed);
  return { dtype: "float32", shape, data: Float32Array.from({ length: elementCount(shape) }, draw) };
}

const info = (name: string, { dtype, shape }: Tensor) => ({ name, dtype, shape });
const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

const ROWS = 48;
const points = floats([ROWS, 4], 3);
const pointLabels: Tensor = {
  dtype: "uint8",
  shape: [ROWS],
  data: Uint8Array.from(
    { length: ROWS },
    (_, i) => Number(points.data[4 * i]) + Number(points.data[4 * i + 1]) > 0 ? 1 : 0,
  ),
};
const images = floats([ROWS, 1, 8, 8], 4);
const imageLabels: Tensor = {
  dtype: "int64",
  shape: [ROWS],
  data: BigInt64Array.from({ length: ROWS }, (_, i) => Number(images.data[64 * i + 27]) > 0 ? 1n : 0n),
};
const tokens: Tensor = {
  dtype: "int64",
  shape: [ROWS, 5],
  data: BigInt64Array.from({ length: ROWS * 5 }, (_, i) => BigInt((Math.floor(i / 5) + (i % 5)) % 7)),
};
const nextTokens: Tensor = {
  ...tokens,
  data: BigInt64Array.from({ length: ROWS * 5 }, (_, i) => BigInt((Math.floor(i / 5) + (i % 5) + 1) % 7)),
};

const adamw: Optimizer = { kind: "adamw", learningRate: 0.01 };
for (
  const { model, input, x, y, optimizer, steps } of [
    {
      model: mlp(16),
      input: "x",
      x: points,
      y: pointLabels,
      optimizer: { kind: "sgd", learningRate: 0.5 } as Optimizer,
      steps: 60,
    },
    {
      model: mlp(16),
      input: "x",
      x: points,
      y: pointLabels,
      optimizer: { kind: "momentum", learningRate: 0.1, nesterov: true } as Optimizer,
      steps: 60,
    },
    { model: cnn(16), input: "x", x: images, y: imageLabels, optimizer: adamw, steps: 60 },
    { model: languageModel(16), input: "ids", x: tokens, y: nextTokens, optimizer: adamw, steps: 60 },
  ]
) {
  Deno.test(`training the ${model.name} with ${optimizer.kind} lowers the loss by half`, async () => {
    const built = buildTrainingStep({
      model,
      batchSize: 16,
      inputs: { [input]: "x" },
      labels: "y",
      data: [info("x", x), info("y", y)],
      loss: "cross_entropy",
      optimizer,
    });
    const { losses, state } = await train(built, { "data.x": x, "data.y": y }, ROWS, 16, steps);
    assert(losses.every(Number.isFinite));
    assert(
      mean(losses.slice(-5)) < 0.5 * mean(losses.slice(0, 5)),
      `${losses.slice(0, 3)} ... ${losses.slice(-3)}`,
    );
    assertEquals(state["step"]?.data, BigInt64Array.of(BigInt(steps)));
  });
}

/** A model y = x W of one input and one output: its gradients are known by hand. */
function line(batch: number, weight: number) {
  const builder = new GraphBuilder({ name: "line" });
  const w = builder.constant(
    { dtype: "float32", shape: [2, 1], data: Float32Array.of(weight, -weight) },
    "w",
  );
  builder.output(builder.add("MatMul", [builder.input("x", "float32", [batch, 2]), w]), "y");
  return builder.finish();
}

Deno.test("AdamW, momentum and SGD follow their formulas", async () => {
  const x = floats([6, 2], 1), y = floats([6, 1], 2);
  const [rate, decay] = [0.05, 0.1];
  for (const kind of ["adamw", "momentum", "sgd"] as const) {
    const built = buildTrainingStep({
      model: line(6, 0.5),
      batchSize: 6,
      inputs: { x: "x" },
      labels: "y",
      data: [info("x", x), info("y", y)],
      loss: "mean_squared_error",
      optimizer: { kind, learningRate: rate, weightDecay: decay },
      lossScale: 2 ** 10,
    });
    const { state } = await train(built, { "data.x": x, "data.y": y }, 6, 6, 3);
    const w = [0.5, -0.5], m = [0, 0], v = [0, 0];
    for (let t = 1; t <= 3; t++) {
      const gradient = [0, 1].map((k) =>
        mean(Array.from({ length: 6 }, (_, i) => {
          const [a, b] = [Number(x.data[2 * i]), Number(x.data[2 * i + 1])];
          return 2 * (a * (w[0] ?? 0) + b * (w[1] ?? 0) - Number(y.data[i])) * (k === 0 ? a : b);
        }))
      );
      gradient.forEach((g, k) => {
        const old = w[k] ?? 0;
        if (kind === "sgd") w[k] = old - rate * (g + decay * old);
        if (kind === "momentum") {
          m[k] = 0.9 * (m[k] ?? 0) + g + decay * old;
          w[k] = old - rate * (m[k] ?? 0);
        }
        if (kind === "adamw") {
          m[k] = 0.9 * (m[k] ?? 0) + 0.1 * g;
          v[k] = 0.999 * (v[k] ?? 0) + 0.001 * g * g;
          const [mean, variance] = [(m[k] ?? 0) / (1 - 0.9 ** t), (v[k] ?? 0) / (1 - 0.999 ** t)];
          w[k] = old - rate * decay * old - rate * mean / (Math.sqrt(variance) + 1e-8);
        }
      });
    }
    const found = Array.from<number | bigint, number>(state["weight.w"]?.data ?? [], Number);
    assert(found.every((value, k) => Math.abs(value - (w[k] ?? 0)) < 2e-5), `${kind}: ${found} for ${w}`);
  }
});

Deno.test("schedules rise, fall and step as they say", async () => {
  const cases: readonly [Schedule, readonly [number, number][]][] = [
    [{ kind: "constant" }, [[0, 2], [99, 2]]],
    [{ kind: "linear", warmupSteps: 4, totalSteps: 14, finalFraction: 0.1 }, [
      [0, 0.5],
      [3, 2],
      [4, 2],
      [9, 1.1],
      [14, 0.2],
      [50, 0.2],
    ]],
    [{ kind: "linear", warmupSteps: 0, totalSteps: 10 }, [[0, 2], [5, 1], [10, 0]]],
    [{ kind: "milestones", milestones: [3, 6], factor: 0.5 }, [[2, 2], [3, 1], [5, 1], [6, 0.5], [9, 0.5]]],
  ];
  for (const [schedule, expected] of cases) {
    const builder = new GraphBuilder();
    builder.output(learningRate(builder, builder.input("step", "int64", []), 2, schedule), "rate");
    const graph = builder.finish();
    for (const [step, rate] of expected) {
      const found = await runGraph(graph, {
        step: { dtype: "int64", shape: [], data: BigInt64Array.of(BigInt(step)) },
      });
      assert(
        Math.abs(Number(found["rate"]?.data[0]) - rate) < 1e-5,
        `${schedule.kind} at ${step}: ${found["rate"]?.data[0]}`,
      );
    }
  }
});

Deno.test("evaluation adds up the right answers and leaves the weights alone", async () => {
  const model = mlp(16);
  const use = { model, batchSize: 16, inputs: { x: "x" }, data: [info("x", points), info("y", pointLabels)] };
  const { step, state, answersPerStep } = buildEvaluationStep({ ...use, labels: "y" });
  assertEquals(answersPerStep, 16);
  assertEquals(step.graph.outputs.map(({ name }) => name), ["next.correct"]);
  const weights = Object.fromEntries(state.map(({ name, tensor }: NamedTensor) => [`state.${name}`, tensor]));
  const batch: Tensor = {
    dtype: "int64",
    shape: [16],
    data: BigInt64Array.from({ length: 16 }, (_, i) => BigInt(i)),
  };
  const given = { ...weights, "data.x": points, "data.y": pointLabels, batch };
  const before = { dtype: "int64", shape: [], data: BigInt64Array.of(100n) } as const;
  const counted = await runGraph(step.graph, { ...given, "state.correct": before });
  const inference = buildInferenceStep({ ...use, data: [info("x", points)] });
  const own = Object.fromEntries(inference.state.map(({ name, tensor }) => [`state.${name}`, tensor]));
  const { "output.logits": logits } = await runGraph(inference.step.graph, {
    ...own,
    "data.x": points,
    batch,
  });
  const right = Array.from({ length: 16 }, (_, i) => {
    const row = Array.from<number | bigint, number>(logits?.data.slice(3 * i, 3 * i + 3) ?? [], Number);
    return row.indexOf(Math.max(...row)) === pointLabels.data[i];
  }).filter(Boolean).length;
  assertEquals(counted["next.correct"]?.data, BigInt64Array.of(100n + BigInt(right)));
});

Deno.test("data that does not fit the model is refused, naming both", () => {
  const base = { model: mlp(8), batchSize: 8, labels: "y", loss: "cross_entropy", optimizer: adamw } as const;
  const wrong = floats([10, 5], 1);
  const error = assertThrows(
    () =>
      buildTrainingStep({
        ...base,
        inputs: { x: "pixels" },
        data: [info("pixels", wrong), info("y", pointLabels)],
      }),
    ExecutorError,
  ) as ExecutorError;
  assertEquals(error.code, "bad_shape");
  assertStringIncludes(error.message, '"x"');
  assertStringIncludes(error.message, '"pixels"');
});
