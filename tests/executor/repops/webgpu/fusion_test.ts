/**
 * What runs as one dispatch on WebGPU has the bits of the operators one by one.
 *
 * @module
 */
import { assertEquals } from "@std/assert/equals.js";
import type { Tensors } from "../../../../executor/engine.ts";
import type { TypedGraph } from "../../../../executor/graph.ts";
import { floatValue, GraphBuilder } from "../../../../executor/onnx/mod.ts";
import { createRepopsEngine } from "../../../../executor/repops/mod.ts";
import { lower } from "../../../../executor/repops/webgpu/lower.ts";
import { floats } from "../random_values.ts";
import { firstDifference, runReference } from "../reference_run.ts";
import { gpu, testOnGpu } from "./adapter.ts";

/** A device that holds every graph of these tests. */
const AMPLE = { binding: 2 ** 27, buffer: 2 ** 28 };

const operatorsOf = (graph: TypedGraph) =>
  lower(graph, "high", AMPLE).steps.map(({ step }) => step.node.operator);

async function assertReferenceBits(graph: TypedGraph, inputs: Tensors): Promise<void> {
  const engine = await createRepopsEngine({ backend: "webgpu", gpu });
  const session = await engine.load(graph);
  const got = await session.run(inputs), wanted = runReference(graph, inputs, "high");
  await session.close();
  await engine.close();
  for (const { name } of graph.outputs) {
    const [a, b] = [got[name], wanted[name]];
    assertEquals(a && b ? firstDifference(a, b) : "missing", undefined, name);
  }
}

/** Attention of several heads, as exports have it: every operand of a product is transposed, each in another way. */
function attention(): TypedGraph {
  const b = new GraphBuilder(), [batch, time, heads, width] = [2, 9, 3, 8];
  const x = b.input("x", "float32", [batch, time, heads * width]);
  const linear = (name: string) => {
    const weights = b.input(`${name}.w`, "float32", [heads * width, heads * width]);
    const row = b.input(`${name}.b`, "float32", [heads * width]);
    const sum = b.add("Add", [row, b.add("MatMul", [x, b.add("Transpose", [weights], { perm: [1, 0] })])]);
    return b.add("Reshape", [sum, b.ints([batch, time, heads, width])]);
  };
  const query = b.add("Transpose", [linear("q")], { perm: [0, 2, 1, 3] });
  const key = b.add("Transpose", [linear("k")], { perm: [0, 2, 3, 1] });
  const value = b.add("Transpose", [linear("v")], { perm: [2, 0, 1, 3] });
  const mixed = b.add("MatMul", [
    b.add("Softmax", [b.add("MatMul", [query, key])], { axis: -1 }),
    b.add("Transpose", [value], { perm: [1, 0, 2, 3] }),
  ]);
  b.output(mixed, "y");
  // One matrix for all batches, and rows that are not equally far apart.
  const last = b.input("last", "float32", [batch, 5]);
  b.output(b.add("MatMul", [b.add("Transpose", [x], { perm: [2, 1, 0] }), last]), "z");
  return b.finish();
}

Deno.test("products read transposed operands as they lie, and add a row as they finish", () => {
  assertEquals(operatorsOf(attention()), [
    "MatMul",
    "MatMul",
    "MatMul",
    "Transpose",
    "MatMul",
    "Softmax",
    "MatMul",
    "MatMul",
  ]);
});

testOnGpu("products of transposed operands have the bits of transpositions and products", async () => {
  const graph = attention();
  const inputs = graph.inputs.map(({ name, shape }, i) =>
    [name, floats(shape.map(Number), i, i === 0 ? "wide" : "near")] as const
  );
  await assertReferenceBits(graph, Object.fromEntries(inputs));
});

/** An optimizer's step on a parameter, a broadcast, a choice, whole numbers, and a value that two chains read. */
function maps(): TypedGraph {
  const b = new GraphBuilder(), shape = [37, 41];
  const [w = "", g = "", m = "", v = ""] = ["w", "g", "m", "v"].map((name) =>
    b.input(name, "float32", shape)
  );
  const rate = b.input("rate", "float32", []), row = b.input("row", "float32", [41]);
  const times = (x: string, factor: number) => b.add("Mul", [x, b.float(factor)]);
  const mean = b.add("Add", [times(m, 0.9), times(g, 0.1)]);
  const square = b.add("Add", [times(v, 0.999), times(b.add("Pow", [g, b.float(2)]), 0.001)]);
  const root = b.add("Add", [b.add("Sqrt", [square]), b.float(1e-8)]);
  const step = b.add("Mul", [rate, b.add("Div", [mean, root])]);
  b.output(mean, "next.m");
  b.output(square, "next.v");
  b.output(b.add("Sub", [w, step]), "next.w");
  const isPositive = b.add("Greater", [
    b.add("Add", [b.add("ReduceSum", [w, b.ints([1])]), row]),
    b.float(0),
  ]);
  const kept = b.add("Where", [
    isPositive,
    b.add("LeakyRelu", [g], { alpha: floatValue(0.3) }),
    b.add("Tanh", [g]),
  ]);
  b.output(b.add("Clip", [kept, b.float(-2), b.float(3)]), "kept");
  b.output(b.add("Cast", [b.add("Cast", [b.add("Floor", [kept])], { to: 7 })], { to: 1 }), "whole");
  return b.finish();
}

Deno.test("maps that read each other's results run as one dispatch", () => {
  assertEquals(operatorsOf(maps()), ["Maps", "ReduceSum", "Maps"]);
});

testOnGpu("chains of maps have the bits of the operators one by one", async () => {
  for (const kind of ["near", "wide", "bits"] as const) {
    const graph = maps();
    const inputs = graph.inputs.map(({ name, shape }, i) =>
      [name, floats(shape.map(Number), i, kind)] as const
    );
    await assertReferenceBits(graph, Object.fromEntries(inputs));
  }
});
