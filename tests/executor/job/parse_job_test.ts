/** A job file is read as it was meant, or refused with the name of the field. */
import { assertEquals } from "@std/assert/equals.js";
import { assert } from "@std/assert/assert.js";
import { assertThrows } from "@std/assert/throws.js";
import fc from "fast-check";
import { ExecutorError } from "../../../executor/errors.ts";
import { parseJob } from "../../../executor/job/mod.ts";

const TRAIN = `
kind: train
model: digits.onnx
data:
  x: images.npy
  y: labels.npy
  x.test: { file: test.safetensors, tensor: images }
  y.test: { file: test.safetensors, tensor: labels }
inputs: { image: x }
labels: y
batch: 32
steps: 200
segment: 20
seed: 7
optimizer: { kind: adamw, learningRate: 0.003, weightDecay: 0.01 }
schedule: { kind: linear, warmupSteps: 10, totalSteps: 200 }
evaluation: { inputs: { image: x.test }, labels: y.test, threshold: 0.9 }
reward: 12.5
note: digits
`;

Deno.test("a training job is read with its defaults", () => {
  assertEquals(parseJob(TRAIN), {
    kind: "train",
    model: "digits.onnx",
    data: {
      x: { file: "images.npy" },
      y: { file: "labels.npy" },
      "x.test": { file: "test.safetensors", tensor: "images" },
      "y.test": { file: "test.safetensors", tensor: "labels" },
    },
    inputs: { image: "x" },
    bindings: {},
    batch: 32,
    segment: 20,
    note: "digits",
    reward: "12.5",
    labels: "y",
    loss: "cross_entropy",
    optimizer: { kind: "adamw", learningRate: 0.003, weightDecay: 0.01 },
    schedule: { kind: "linear", warmupSteps: 10, totalSteps: 200 },
    lossScale: 1,
    steps: 200,
    seed: 7n,
    evaluation: { inputs: { image: "x.test" }, labels: "y.test", threshold: 0.9 },
  });
});

Deno.test("a job may be JSON", () => {
  const job = parseJob(
    JSON.stringify({ kind: "infer", model: "m.onnx", data: { x: "x.npy" }, inputs: { a: "x" }, batch: 4 }),
  );
  assertEquals(job.kind === "infer" && job.outputs, undefined);
  assertEquals(job.batch, 4);
});

const BAD: readonly [string, string, RegExp][] = [
  ["kind: train", "kind: bake", /"kind".*one of train, infer: got "bake"/],
  ["model: digits.onnx", "", /"model".*text: got nothing/],
  ["batch: 32", "batch: 0", /"batch".*integer from 1/],
  ["batch: 32", "batch: many", /"batch".*got "many"/],
  ["steps: 200\n", "stesp: 200\n", /"steps".*got nothing/],
  ["note: digits", "nota: digits", /"nota" of the job is unknown/],
  ["learningRate: 0.003", "learningRate: -1", /"optimizer.learningRate"/],
  ["kind: adamw", "kind: lion", /"optimizer.kind"/],
  ["weightDecay: 0.01", "decay: 0.01", /"optimizer.decay" of the job is unknown/],
  ["labels: y\n", "labels: z\n", /"labels".*under "data"/],
  ["image: x.test", "image: q", /"evaluation.inputs.image"/],
  ["threshold: 0.9", "threshold: 90", /"evaluation.threshold"/],
  ["reward: 12.5", "reward: lots", /"reward".*tokens/],
  ["x: images.npy", "x: 5", /"data.x"/],
  ["inputs: { image: x }", "inputs: [x]", /"inputs".*object/],
];
for (const [from, to, message] of BAD) {
  Deno.test(`a job with ${to === "" ? "nothing" : to.trim()} for ${from.trim()} is refused by field`, () => {
    const error = assertThrows(() => parseJob(TRAIN.replace(from, to)), ExecutorError) as ExecutorError;
    assertEquals(error.code, "malformed_file");
    assert(message.test(error.message), error.message);
  });
}

Deno.test("any text gives a job or a typed error", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.json(),
        fc.tuple(fc.nat(), fc.string()).map(([at, s]) => TRAIN.slice(0, at % TRAIN.length) + s),
      ),
      (source) => {
        try {
          parseJob(source);
        } catch (error) {
          assert(error instanceof ExecutorError, String(error));
        }
      },
    ),
  );
});
