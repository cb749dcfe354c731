import { assert } from "@std/assert/assert.js";
import { assertEquals } from "@std/assert/equals.js";
import { bytesToHex, type Hash } from "../../../ledger/primitives/mod.ts";
import { executeNode, phaseAt, runProgram, segmentTree, treeRoot } from "../../../executor/run/mod.ts";
import { rootOfTensor, type Tensor } from "../../../executor/tensor.ts";
import { noise } from "../engines/sample_graphs.ts";
import { cnn, languageModel, mlp } from "../models.ts";
import { must } from "../must.ts";
import { openBench } from "./sample_programs.ts";
import { type Examples, trainingProgram } from "./training_programs.ts";

function classes(shape: readonly number[], count: number): Tensor {
  const length = shape.reduce((product, size) => product * size, 1);
  return {
    dtype: "int64",
    shape,
    data: BigInt64Array.from({ length }, (_, i) => BigInt((i * i + 3 * i) % count)),
  };
}

const ROWS = 12;
const MODELS: readonly { model: ReturnType<typeof mlp>; examples: Examples }[] = [
  { model: mlp(4), examples: { inputs: noise([ROWS, 4], 21), labels: classes([ROWS], 3) } },
  { model: cnn(3), examples: { inputs: noise([ROWS, 1, 8, 8], 22), labels: classes([ROWS], 10) } },
  { model: languageModel(2), examples: { inputs: classes([ROWS, 5], 7), labels: classes([ROWS, 5], 7) } },
];

for (const { model, examples } of MODELS) {
  const build = (engine: Parameters<typeof trainingProgram>[0]) =>
    trainingProgram(engine, model, examples, { steps: 6, segmentSteps: 4, rate: 0.05 });

  Deno.test(`every node of a training step alone has the bits of the trace (${model.name})`, async () => {
    await using bench = await openBench(build);
    const state = await bench.runner.stateBefore({ segment: 0, step: 2 }, bench.runner.initialState);
    const trace = await bench.runner.traceStep({ segment: 0, step: 2 }, state);
    const phase = phaseAt(bench.opened, 0);
    for (const { node, outputs } of trace.leaves) {
      const alone = await executeNode(bench.engine, phase, node, trace.nodeInputs(node));
      assertEquals(alone.map(rootOfTensor), outputs, `node ${node}, ${phase.graph.nodes[node]?.operator}`);
    }
  });

  Deno.test(`a trace has the bits of the run, whose every step has a loss (${model.name})`, async () => {
    await using bench = await openBench(build);
    const losses: unknown[] = [];
    const { state } = await bench.runner.runSegment(0, bench.runner.initialState, {
      onStep: ({ outputs }) => losses.push(outputs.at(-1)?.data[0]),
    });
    const before = await bench.runner.stateBefore({ segment: 0, step: 3 }, bench.runner.initialState);
    const { outputs } = await bench.runner.traceStep({ segment: 0, step: 3 }, before);
    assertEquals(outputs.map(rootOfTensor), state.map(rootOfTensor));
    assert(losses.every((loss) => typeof loss === "number" && loss > 0), String(losses));
    assert(state.some((tensor, i) => tensor !== bench.runner.initialState[i]));
  });
}

/** Root of a run of the convolutional net's training: what a fresh process must find as well. */
async function trainedRoot(): Promise<Hash> {
  const { model, examples } = must(MODELS[1]);
  await using bench = await openBench((engine) =>
    trainingProgram(engine, model, examples, { steps: 6, segmentSteps: 4, rate: 0.05 })
  );
  const roots: Hash[] = [];
  for await (const { root } of runProgram(bench.runner)) roots.push(root);
  return treeRoot(segmentTree(roots));
}

Deno.test("a run has the same root in a fresh process", async () => {
  const main = decodeURIComponent(new URL(import.meta.url).pathname);
  const command = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--allow-read", main],
    stdout: "piped",
    stderr: "null",
  });
  const { success, stdout } = await command.output();
  assert(success);
  assertEquals(new TextDecoder().decode(stdout).trim(), bytesToHex(await trainedRoot()));
});

if (import.meta.main) console.log(bytesToHex(await trainedRoot()));
