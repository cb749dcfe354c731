/** Computing without a network: models run on files, trainings that go on where they stopped, and sentences for what is wrong. */
import { assert } from "@std/assert/assert.js";
import { assertEquals } from "@std/assert/equals.js";
import { assertMatch } from "@std/assert/match.js";
import { assertRejects } from "@std/assert/rejects.js";
import {
  buildModel,
  parseModel,
  readNpy,
  readSafetensors,
  runModel,
  type Tensor,
  writeNpy,
  writeSafetensors,
} from "../../executor/mod.ts";
import { CodedError } from "../../ledger/primitives/mod.ts";
import { type Command, readArguments } from "../../tools/cli/command.ts";
import { readJob } from "../../tools/cli/read_job.ts";
import {
  engineNameOf,
  openEngine,
  runCommand,
  trainCommand,
  TRAINING_FILES,
  trainJob,
} from "../../tools/local/mod.ts";
import { mlp, uniform } from "../executor/models.ts";

const NEVER = new AbortController().signal;

/** Runs a command line as `assay` does, without its words on the terminal. */
async function command(which: Command, words: readonly string[], signal = NEVER): Promise<readonly string[]> {
  const { log } = console, lines: string[] = [];
  console.log = (line: string) => lines.push(line);
  try {
    assertEquals(await which.run(readArguments(which, words), signal), 0);
  } finally {
    console.log = log;
  }
  return lines;
}

/** Code and sentence of what a command line fails with. */
async function failure(which: Command, words: readonly string[]): Promise<string> {
  const thrown = await assertRejects(() => which.run(readArguments(which, words), NEVER), CodedError);
  return thrown instanceof CodedError ? `${thrown.code}: ${thrown.message}` : "";
}

async function inFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await body(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function rows(count: number, width: number, seed: number): Tensor {
  const draw = uniform(seed);
  return {
    dtype: "float32",
    shape: [count, width],
    data: Float32Array.from({ length: count * width }, draw),
  };
}

/** A perceptron whose number of rows is open, as exporters leave it. */
function openModel(): Uint8Array {
  const graph = mlp(1);
  return buildModel({
    ...graph,
    inputs: graph.inputs.map((input) => ({ ...input, shape: ["rows", ...input.shape.slice(1)] })),
    outputs: graph.outputs.map((output) => ({ ...output, shape: ["rows", ...output.shape.slice(1)] })),
  });
}

/** What the perceptron computes, by its definition. */
function byHand(x: Tensor): readonly number[] {
  const { initializers } = mlp(1);
  const at = (name: string, i: number) => Number(initializers.get(name)?.data[i]);
  return Array.from({ length: x.shape[0] ?? 0 }, (_, row) => {
    const hidden = Array.from({ length: 8 }, (_, j) => {
      const terms = Array.from({ length: 4 }, (_, k) => Number(x.data[row * 4 + k]) * at("W0", k * 8 + j));
      return Math.max(0, terms.reduce((a, b) => a + b, at("b0", j)));
    });
    return Array.from(
      { length: 3 },
      (_, j) => hidden.reduce((sum, h, k) => sum + h * at("W1", k * 3 + j), at("b1", j)),
    );
  }).flat();
}

function assertClose(found: Tensor | undefined, expected: readonly number[]): void {
  assertEquals(found?.data.length, expected.length);
  expected.forEach((value, i) => assert(Math.abs(Number(found?.data[i]) - value) < 1e-5, `element ${i}`));
}

Deno.test("a model runs on a .npy file, with any number of rows, into .npy and .safetensors", async () => {
  await inFolder(async (folder) => {
    const x = rows(5, 4, 1), model = `${folder}/model.onnx`;
    await Deno.writeFile(model, openModel());
    await Deno.writeFile(`${folder}/x.npy`, writeNpy(x));
    await Deno.writeFile(`${folder}/x.safetensors`, writeSafetensors({ x }));
    const run = (...words: string[]) => command(runCommand, [model, "--precision", "highest", ...words]);
    await run("--input", `${folder}/x.npy`, "--out", `${folder}/y.npy`);
    assertClose(readNpy(await Deno.readFile(`${folder}/y.npy`)), byHand(x));
    await run("--input", `${folder}/x.safetensors`, "--out", `${folder}/y.safetensors`);
    assertClose(readSafetensors(await Deno.readFile(`${folder}/y.safetensors`))["logits"], byHand(x));
    await Deno.writeFile(`${folder}/two.safetensors`, writeSafetensors({ x: rows(1, 4, 2), other: x }));
    await run("--input", `x=${folder}/two.safetensors:other`, "--out", `${folder}/y.npy`);
    assertClose(readNpy(await Deno.readFile(`${folder}/y.npy`)), byHand(x));
    await run("--input", `${folder}/x.npy`, "--out", `${folder}/threads.npy`, "--threads", "2");
    assertEquals(await Deno.readFile(`${folder}/threads.npy`), await Deno.readFile(`${folder}/y.npy`));
    const [shown] = await run("--input", `x=${folder}/x.npy`);
    assertMatch(shown ?? "", /^logits: float32 \[5, 3\] -?0\.\d+/);
  });
});

Deno.test("wrong inputs of a run are answered with a sentence", async () => {
  await inFolder(async (folder) => {
    const model = `${folder}/model.onnx`, x = `${folder}/x.npy`, wide = `${folder}/wide.npy`;
    await Deno.writeFile(model, openModel());
    await Deno.writeFile(x, writeNpy(rows(2, 4, 1)));
    await Deno.writeFile(wide, writeNpy(rows(2, 5, 1)));
    const fails = async (expected: RegExp, ...words: string[]) =>
      assertMatch(await failure(runCommand, words), expected);
    await fails(/^bad_file: .*nowhere\.onnx cannot be read: it does not exist/, `${folder}/nowhere.onnx`);
    await fails(/^bad_file: .*x\.npy: .*not an ONNX model/, x);
    await fails(/^usage: The input "x" is missing: give --input\. It takes x: float32 \[rows, 4\]/, model);
    await fails(/^usage: .*the model has no input "z"/, model, "--input", `z=${x}`);
    await fails(/^usage: .*"x" is given twice/, model, "--input", `x=${x}`, "--input", `x=${x}`);
    await fails(/^usage: .*no input is left/, model, "--input", x, "--input", wide);
    await fails(/^bad_tensor: .*"x" takes float32 \[rows,4\]: got float32 \[2,5\]/, model, "--input", wide);
    await fails(/^bad_file: .*tensors are kept in/, model, "--input", model);
    await fails(/^bad_file: .*y\.txt: tensors are kept in/, model, "--input", x, "--out", "y.txt");
    await fails(/^bad_file: .*cannot be written/, model, "--input", x, "--out", `${folder}/none/y.npy`);
    await fails(
      /^usage: The model has no output "nope": it has logits/,
      model,
      "--input",
      x,
      "--output",
      "nope",
    );
    await fails(/^usage: --engine is one of/, model, "--input", x, "--engine", "abacus");
    await fails(/^usage: --threads is a whole number/, model, "--input", x, "--threads", "many");
    const strict = ["--engine", "ort-strict", "--threads", "2"];
    await fails(/^usage: --threads is for the engine repops/, model, "--input", x, ...strict);
  });
});

Deno.test("an engine, its precision and its backend must go together", () => {
  assertEquals(engineNameOf({}), "repops");
  assertEquals(engineNameOf({ precision: "highest" }), "repops-highest");
  assertEquals(engineNameOf({ engine: "ort-strict", backend: "wasm" }), "ort-strict");
  const sentence = (choice: Parameters<typeof engineNameOf>[0]) => {
    try {
      return engineNameOf(choice);
    } catch (thrown) {
      return String(thrown);
    }
  };
  assertMatch(sentence({ engine: "ort-strict", backend: "webgpu" }), /computes on wasm, not on webgpu/);
  assertMatch(sentence({ engine: "ort-strict", precision: "high" }), /has one precision/);
  assertMatch(sentence({ precision: "medium" }), /--precision is one of high, highest/);
  assertMatch(sentence({ backend: "abacus" }), /--backend is one of auto, wasm, webgpu/);
});

const JOB = `
kind: train
model: model.onnx
data:
  x: data.safetensors
  labels: data.safetensors
inputs: { x: x }
labels: labels
loss: cross_entropy
optimizer: { kind: adamw, learningRate: 0.02 }
steps: 30
batch: 8
segment: 4
seed: 3
evaluation: { inputs: { x: x }, labels: labels, threshold: 0.5 }
`;

/** Rows whose class is the largest of their first three columns. */
async function writeJob(folder: string, job = JOB): Promise<string> {
  const x = rows(64, 4, 9);
  const labels = Array.from({ length: 64 }, (_, row) => {
    const three = [0, 1, 2].map((column) => Number(x.data[row * 4 + column]));
    return three.indexOf(Math.max(...three));
  });
  const data = {
    x,
    labels: { dtype: "int64" as const, shape: [64], data: BigInt64Array.from(labels, BigInt) },
  };
  await Deno.writeFile(`${folder}/data.safetensors`, writeSafetensors(data));
  await Deno.writeFile(`${folder}/model.onnx`, openModel());
  await Deno.writeTextFile(`${folder}/job.yaml`, job);
  return `${folder}/job.yaml`;
}

Deno.test("a training that is stopped and started again writes the bits of one that was not", async () => {
  await inFolder(async (folder) => {
    const path = await writeJob(folder), job = await readJob(path), engine = await openEngine({});
    try {
      const whole = await trainJob({ path, job, engine, out: `${folder}/whole`, signal: NEVER });
      assertEquals(whole.losses.length, 30);
      assert((whole.losses.at(-1) ?? 9) < (whole.losses[0] ?? 0), "the loss falls");
      assertEquals(whole.accuracy?.total, 64);

      // Stopped twice in the midst of a segment: the second time by a signal that fires before the first step.
      const request = { path, job, engine, out: `${folder}/parts` };
      for (const stopAt of [6, 0, 17]) {
        const controller = new AbortController();
        const train = () =>
          trainJob({
            ...request,
            signal: controller.signal,
            onStart: () => {
              if (stopAt === 0) controller.abort();
            },
            onStep: (_, losses) => {
              if (losses.length === stopAt) controller.abort();
            },
          });
        const thrown = await assertRejects(train, CodedError);
        assertMatch(String(thrown), /goes on after segment [14] of/);
      }
      let done = -1;
      const parts = await trainJob({ ...request, signal: NEVER, onStart: (start) => done = start.done });
      assertEquals(done, 16); // four segments of four steps
      assertEquals(parts.losses, whole.losses);
      assertEquals(parts.accuracy, whole.accuracy);
      for (const file of Object.values(TRAINING_FILES)) {
        const [a, b] = await Promise.all(
          ["whole", "parts"].map((out) => Deno.readFile(`${folder}/${out}/${file}`)),
        );
        assertEquals(a, b, file);
      }
    } finally {
      await engine.close();
    }
  });
});

Deno.test("the trained model carries the trained weights, and runs with any number of rows", async () => {
  await inFolder(async (folder) => {
    const path = await writeJob(folder);
    await command(trainCommand, [path, "--local", "--precision", "highest"]);
    const out = `${folder}/job-trained`;
    const weights = readSafetensors(await Deno.readFile(`${out}/weights.safetensors`));
    const trained = parseModel(await Deno.readFile(`${out}/model.onnx`)), before = parseModel(openModel());
    assertEquals(Object.keys(weights).sort(), ["W0", "W1", "b0", "b1"]);
    for (const [name, tensor] of Object.entries(weights)) {
      assertEquals(trained.initializers.get(name), tensor);
      assert(String(before.initializers.get(name)?.data) !== String(tensor.data), `${name} was trained`);
    }
    const { x, labels } = readSafetensors(await Deno.readFile(`${folder}/data.safetensors`));
    const engine = await openEngine({ precision: "highest" });
    const { logits } = await runModel(engine, trained, { x: x ?? rows(0, 4, 0) });
    await engine.close();
    const right = Array.from({ length: 64 }, (_, row) => {
      const scores = [0, 1, 2].map((column) => Number(logits?.data[row * 3 + column]));
      return scores.indexOf(Math.max(...scores)) === Number(labels?.data[row]);
    }).filter(Boolean).length;
    assert(right > 32, `${right} of 64 right`);
  });
});

Deno.test("wrong jobs and foreign checkpoints are answered with a sentence", async () => {
  await inFolder(async (folder) => {
    const path = await writeJob(folder), out = `${folder}/out`;
    const fails = async (expected: RegExp, ...words: string[]) =>
      assertMatch(await failure(trainCommand, words), expected);
    await fails(/^usage: Say --local .*assay task post/, path);
    await fails(/^bad_file: There is no job file/, `${folder}/nothing.yaml`, "--local");
    await Deno.mkdir(out);
    await Deno.writeFile(`${out}/checkpoint.safetensors`, writeSafetensors({ w: rows(1, 1, 1) }));
    await fails(/^bad_file: .*is no checkpoint/, path, "--local", "--out", out);
    await Deno.remove(out, { recursive: true });
    await command(trainCommand, [path, "--local", "--out", out]);
    await Deno.writeTextFile(path, JOB.replace("seed: 3", "seed: 4"));
    await fails(/^bad_file: .*a checkpoint of another job/, path, "--local", "--out", out);
    await Deno.writeTextFile(
      path,
      "kind: infer\nmodel: model.onnx\ndata: { x: data.safetensors }\ninputs: { x: x }\nbatch: 8\n",
    );
    await fails(/^bad_file: .*"infer": training needs "kind: train"/, path, "--local", "--out", out);
  });
});
