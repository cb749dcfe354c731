/**
 * Steps whose state stays in the session have the bits of those whose state goes through the host, on every backend.
 *
 * @module
 */
import { assert } from "@std/assert/assert.js";
import { assertEquals } from "@std/assert/equals.js";
import { assertRejects } from "@std/assert/rejects.js";
import type { Carry, Session, Tensors } from "../../../executor/engine.ts";
import { ExecutorError } from "../../../executor/errors.ts";
import type { TypedGraph } from "../../../executor/graph.ts";
import { GraphBuilder } from "../../../executor/onnx/mod.ts";
import { createRepopsEngine, type RepopsOptions } from "../../../executor/repops/mod.ts";
import { carriagesOf, carryInPlace, makePlan } from "../../../executor/repops/plan/mod.ts";
import { mapsInPlace } from "../../../executor/repops/wasm/operators/mod.ts";
import type { Tensor } from "../../../executor/tensor.ts";
import { advance, carryOf, FROZEN_TRAININGS, hashOf, STEPS } from "./frozen_training.ts";
import { must } from "../must.ts";
import { gpu, testOnGpu } from "./webgpu/adapter.ts";

async function withSession(
  options: RepopsOptions,
  graph: TypedGraph,
  carry: Carry,
  use: (session: Session, step: NonNullable<Session["step"]>) => Promise<void>,
): Promise<void> {
  const engine = await createRepopsEngine(options), session = await engine.load(graph, carry);
  try {
    await use(session, must(session.step));
  } finally {
    await session.close();
    await engine.close();
  }
}

for (const { name, graph, inputs, hash } of FROZEN_TRAININGS) {
  Deno.test(`${STEPS} steps of a ${name} whose state stays in memory have the frozen bits`, async () => {
    await withSession({}, graph, carryOf(graph), async (_, step) => {
      for (let i = 0; i < STEPS - 1; i++) await step({ inputs: i === 0 ? inputs : {}, read: [] });
      const read = Object.values(carryOf(graph));
      assertEquals(hashOf(advance(inputs, await step({ inputs: {}, read }))), hash.high);
    });
  });
}

Deno.test("weights and moments of a training are changed where they lie", () => {
  for (const { name, graph } of FROZEN_TRAININGS) {
    const plan = makePlan(graph, "high");
    const { carriages } = carryInPlace(plan, carriagesOf(plan, carryOf(graph), name), mapsInPlace);
    const copied = carriages.filter(({ from, to }) => from.storage !== to.storage);
    assert(carriages.length > 4);
    assertEquals(copied.map(({ to }) => to.info.shape.length).filter((rank) => rank > 0), [], name);
  }
});

const vector = (...values: readonly number[]): Tensor => ({
  dtype: "float32",
  shape: [values.length],
  data: Float32Array.from(values),
});

/** a' = b, b' = a, c' = c + x read both before and after, d' = c, e' = the sum of all of e; puts out a as it was, too. */
function tradingGraph(): TypedGraph {
  const builder = new GraphBuilder({ name: "trade" });
  const [a = "", b = "", c = "", d = "", e = "", x = ""] = ["a", "b", "c", "d", "e", "x"].map((name) =>
    builder.input(name, "float32", [2])
  );
  builder.output(builder.add("Identity", [b]), "next.a");
  builder.output(builder.add("Identity", [a]), "next.b");
  const sum = builder.add("Add", [c, x]);
  builder.output(sum, "next.c");
  builder.output(builder.add("Mul", [sum, c]), "product");
  builder.output(builder.add("Identity", [c]), "next.d");
  builder.output(builder.add("Add", [builder.add("ReduceSum", [e], { keepdims: 1 }), d]), "next.e");
  return builder.finish();
}

const START: Tensors = {
  a: vector(1, 2),
  b: vector(3, 4),
  c: vector(5, 6),
  d: vector(7, 8),
  e: vector(9, 10),
  x: vector(0.5, 0.25),
};

/** Steps in ordinary numbers: all of them are exact. */
function expected(steps: number): Readonly<Record<string, readonly number[]>> {
  let s = Object.fromEntries(
    Object.entries(START).map(([name, { data }]) => [name, Array.from(data, Number)]),
  );
  let product: readonly number[] = [];
  for (let i = 0; i < steps; i++) {
    const { a = [], b = [], c = [], d = [], e = [], x = [] } = s, sum = c.map((v, k) => v + (x[k] ?? 0));
    product = sum.map((v, k) => v * (c[k] ?? 0));
    const total = e.reduce((all, v) => all + v, 0);
    s = { ...s, a: b, b: a, c: sum, d: c, e: d.map((v) => v + total) };
  }
  return { ...s, product };
}

async function tradingSteps(options: RepopsOptions): Promise<void> {
  const graph = tradingGraph();
  await withSession(options, graph, carryOf(graph), async (session, step) => {
    const read = graph.outputs.map(({ name }) => name);
    for (let i = 1; i <= 5; i++) {
      const outputs = await step({ inputs: i === 1 ? START : {}, read });
      const numbers = Object.fromEntries(
        Object.entries(outputs).map((
          [name, { data }],
        ) => [name.replace("next.", ""), Array.from(data, Number)]),
      );
      const { x: _, ...wanted } = expected(i);
      assertEquals(numbers, wanted);
    }
    // What a run leaves behind is nobody's state.
    await session.run(START);
    const error = await assertRejects(() => step({ inputs: { x: vector(1, 1) }, read: [] }), ExecutorError);
    assertEquals(error.code, "bad_request");
  });
}

Deno.test("state that trades places, or is put out unchanged, is carried right", async () => {
  await tradingSteps({});
});

testOnGpu("state that trades places, or is put out unchanged, is carried right on WebGPU", async () => {
  await tradingSteps({ backend: "webgpu", gpu });
});

Deno.test("what a graph does not have, or of another type, is not carried", async () => {
  const engine = await createRepopsEngine(), builder = new GraphBuilder();
  const x = builder.input("x", "float32", [2]);
  builder.output(builder.add("ReduceSum", [x], { keepdims: 0 }), "y");
  const graph = builder.finish(), carries: readonly Carry[] = [{ x: "y" }, { x: "z" }, { z: "y" }];
  for (const carry of carries) {
    const error = await assertRejects(() => engine.load(graph, carry), ExecutorError);
    assertEquals(error.code, "bad_request");
  }
  const plain = await engine.load(graph);
  assertEquals(plain.step, undefined);
  await plain.close();
  await engine.close();
});
