/**
 * Threads: the bits do not depend on their number, and nothing is lost if they do not come up.
 *
 * @module
 */
import { assert } from "@std/assert/assert.js";
import { assertEquals } from "@std/assert/equals.js";
import { assertRejects } from "@std/assert/rejects.js";
import { delay } from "@std/async/delay.js";
import fc from "fast-check";
import type { Tensors } from "../../../executor/engine.ts";
import { ExecutorError } from "../../../executor/errors.ts";
import { type AttributeInputs, floatValue, GraphBuilder } from "../../../executor/onnx/mod.ts";
import { createRepopsEngine, type RepopsEngine } from "../../../executor/repops/mod.ts";
import {
  makeRing,
  MEMBER,
  type RingMemory,
  setState,
  stateOf,
} from "../../../executor/repops/wasm/threads/call_ring.ts";
import type { StartMember } from "../../../executor/repops/wasm/threads/crew.ts";
import { startMember } from "../../../executor/repops/wasm/threads/crew_worker.ts";
import { rootOfTensor, type Tensor } from "../../../executor/tensor.ts";
import { bytesToHex } from "../../../ledger/primitives/mod.ts";
import { floats } from "./random_values.ts";
import { cnnStep, languageModelStep, mlpStep, type Workload } from "./workloads.ts";

const STEPS = 200;

/** Large enough that threads share some products of each step. */
const WORKLOADS: readonly Workload[] = [
  mlpStep(64, [256, 128, 10]),
  cnnStep(16, 16, [8, 16]),
  languageModelStep({ batch: 8, time: 32, width: 32, heads: 2, layers: 1 }, 31),
];

/** Starts workers and keeps their rings. */
function watched(): { readonly rings: RingMemory[]; readonly start: StartMember } {
  const rings: RingMemory[] = [];
  return {
    rings,
    start: (work) => {
      const member = startMember(work);
      rings.push(member.ring);
      return member;
    },
  };
}

async function untilReady(rings: readonly RingMemory[]): Promise<void> {
  while (rings.length === 0 || rings.some((ring) => stateOf(ring) === MEMBER.starting)) await delay(5);
}

/** Whether a thread has made calls. */
const hasWorked = ({ control }: RingMemory) => control.some((word, i) => i < 2 && word !== 0);

function advance(inputs: Tensors, outputs: Tensors): Tensors {
  const moved = Object.entries(outputs).flatMap(([name, tensor]): [string, Tensor][] =>
    name.startsWith("next.") ? [[name.slice("next.".length), tensor]] : []
  );
  return { ...inputs, ...Object.fromEntries(moved) };
}

/** Roots of all state after many steps. */
async function trained(engine: RepopsEngine, { graph, inputs }: Workload, rings: readonly RingMemory[] = []) {
  const session = await engine.load(graph);
  if (rings.length > 0) await untilReady(rings);
  let state = inputs;
  for (let step = 0; step < STEPS; step++) state = advance(state, await session.run(state));
  await session.close();
  return Object.entries(state).map(([name, tensor]) => `${name} ${bytesToHex(rootOfTensor(tensor))}`);
}

for (const workload of WORKLOADS) {
  Deno.test(`${STEPS} steps of a ${workload.name} give the same weights on one thread and on two`, async () => {
    const { rings, start } = watched();
    const one = await createRepopsEngine(),
      two = await createRepopsEngine({ threads: 2, startMember: start });
    const first = await two.load(workload.graph); // a machine is started, which the next session has again
    await first.close();
    assertEquals(await trained(two, workload, rings), await trained(one, workload));
    assertEquals(rings.map(hasWorked), [true]);
    await one.close();
    await two.close();
  });
}

/** Runs one operator on float tensors of these shapes. */
async function run(
  engine: RepopsEngine,
  operator: string,
  shapes: readonly (readonly number[])[],
  attributes: AttributeInputs,
) {
  const builder = new GraphBuilder();
  const names = shapes.map((shape, i) => builder.input(`x${i}`, "float32", shape));
  builder.output(builder.add(operator, names, attributes), "y");
  const session = await engine.load(builder.finish());
  const inputs = Object.fromEntries(shapes.map((shape, i) => [`x${i}`, floats(shape, i + 1, "wide")]));
  await session.run(inputs);
  const { y } = await session.run(inputs);
  await session.close();
  return y && bytesToHex(rootOfTensor(y));
}

Deno.test("products and convolutions of any shape have the same bits on three threads as on one", async () => {
  const { rings, start } = watched();
  const one = await createRepopsEngine(),
    three = await createRepopsEngine({ threads: 3, startMember: start });
  await run(three, "MatMul", [[2, 2], [2, 2]], {});
  await untilReady(rings);
  const side = fc.integer({ min: 1, max: 300 });
  const product = fc.asyncProperty(
    side,
    side,
    fc.integer({ min: 1, max: 4 }),
    async (rows, columns, batch) => {
      const inner = Math.ceil(2 ** 20 / rows / columns / batch);
      const shapes = [[batch, rows, inner], [batch, inner, columns]];
      assertEquals(await run(three, "MatMul", shapes, {}), await run(one, "MatMul", shapes, {}));
    },
  );
  await fc.assert(product, { numRuns: 25, seed: 3 });
  const small = fc.integer({ min: 1, max: 3 });
  const convolution = fc.asyncProperty(small, small, small, side, async (images, group, stride, size) => {
    const channels = Math.ceil(2 ** 20 / images / group / (size + 40) ** 2 / 9) + 2;
    const shapes = [[images, channels * group, size + 40, size + 40], [4 * group, channels, 3, 3], [
      4 * group,
    ]];
    const attributes = { group, strides: [stride, stride], pads: [1, 0, 1, 1] };
    assertEquals(await run(three, "Conv", shapes, attributes), await run(one, "Conv", shapes, attributes));
  });
  await fc.assert(convolution, { numRuns: 12, seed: 5 });
  // Fewer columns than threads share: the gradient of weights.
  for (const [channels, group] of [[23, 1], [14, 2], [5, 1]] as const) {
    const shapes = [[1, 40 * group, 20, 20], [channels * group, 40, 18, 18], [channels * group]];
    assertEquals(await run(three, "Conv", shapes, { group }), await run(one, "Conv", shapes, { group }));
  }
  assert(rings.length === 2 && rings.every(hasWorked));
  await one.close();
  await three.close();
});

/** Operators that map elements and go along rows, with operands that are whole, a row, a column and one value. */
function rowGraph(rows: number, count: number) {
  const b = new GraphBuilder();
  const x = b.input("x", "float32", [rows, count]), gain = b.input("gain", "float32", [count]);
  const column = b.input("column", "float32", [rows, 1]);
  const scaled = b.add("Mul", [b.add("Sub", [x, column]), gain]);
  const normal = b.add("LayerNormalization", [scaled, gain], { axis: -1, epsilon: floatValue(0.37) });
  const chosen = b.add("Where", [b.add("Greater", [normal, b.float(0)]), normal, b.add("Exp", [normal])]);
  b.output(b.add("Softmax", [chosen], { axis: -1 }), "softmax");
  b.output(b.add("ReduceMean", [b.add("Tanh", [chosen])], { axes: [1] }), "mean");
  b.output(b.add("Add", [b.add("Div", [chosen, column]), chosen]), "sum");
  return b.finish();
}

Deno.test("what maps elements or goes along rows has the same bits on three threads as on one, cut where rows are whole vectors", async () => {
  const { rings, start } = watched();
  const one = await createRepopsEngine(),
    three = await createRepopsEngine({ threads: 3, startMember: start });
  await run(three, "MatMul", [[2, 2], [2, 2]], {});
  await untilReady(rings);
  // Alone and in chains; rows that are whole vectors and rows that are none; fewer rows than threads.
  for (const [rows, count] of [[700, 512], [2050, 256], [1400, 375], [1, 300_000], [2, 200_000]] as const) {
    const graph = rowGraph(rows, count);
    const inputs = {
      x: floats([rows, count], 1, "near"),
      gain: floats([count], 2, "near"),
      column: floats([rows, 1], 3, "near"),
    };
    const roots = [];
    for (const engine of [one, three]) {
      const session = await engine.load(graph);
      await session.run(inputs);
      const outputs = await session.run(inputs);
      roots.push(
        Object.entries(outputs).map(([name, tensor]) => `${name} ${bytesToHex(rootOfTensor(tensor))}`),
      );
      await session.close();
    }
    assertEquals(roots[1], roots[0], `${rows} rows of ${count}`);
  }
  assert(rings.every(hasWorked));
  await one.close();
  await three.close();
});

const LARGE: readonly (readonly number[])[] = [[128, 128], [128, 128]];

Deno.test("threads that never come up leave their work to the caller, with the same bits", async () => {
  const alone = await createRepopsEngine();
  const waiting = await createRepopsEngine({
    threads: 4,
    startMember: () => ({ ring: makeRing(), dismiss: () => {} }),
  });
  assertEquals(await run(waiting, "MatMul", LARGE, {}), await run(alone, "MatMul", LARGE, {}));
  await alone.close();
  await waiting.close();
});

Deno.test("a thread that fails fails the run, and does not hang it", async () => {
  const engine = await createRepopsEngine({
    threads: 2,
    startMember: () => {
      const ring = makeRing();
      setState(ring, MEMBER.failed);
      return { ring, dismiss: () => {} };
    },
  });
  const error = await assertRejects(() => run(engine, "MatMul", LARGE, {}), ExecutorError);
  assertEquals(error.code, "engine_failed");
  await engine.close();
});

Deno.test("a number of threads that is none is refused", async () => {
  for (const threads of [0, 1.5, 65]) {
    const error = await assertRejects(() => createRepopsEngine({ threads }), ExecutorError);
    assertEquals(error.code, "bad_request");
  }
});
