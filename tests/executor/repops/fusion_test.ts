/**
 * What the planner runs as one step has the bits of the operators one by one.
 *
 * @module
 */
import { assertEquals } from "@std/assert/equals.js";
import type { TypedGraph } from "../../../executor/graph.ts";
import type { Tensors } from "../../../executor/engine.ts";
import { GraphBuilder } from "../../../executor/onnx/mod.ts";
import { createRepopsEngine } from "../../../executor/repops/mod.ts";
import { fusePooling, makePlan } from "../../../executor/repops/plan/mod.ts";
import { fuseChains } from "../../../executor/repops/wasm/fuse_chains.ts";
import { floats } from "./random_values.ts";
import { firstDifference, runReference } from "./reference_run.ts";

async function assertReferenceBits(graph: TypedGraph, inputs: Tensors): Promise<void> {
  const engine = await createRepopsEngine();
  const session = await engine.load(graph);
  const got = await session.run(inputs), wanted = runReference(graph, inputs, "high");
  for (const { name } of graph.outputs) {
    const [a, b] = [got[name], wanted[name]];
    assertEquals(a && b ? firstDifference(a, b) : "missing", undefined, name);
  }
  await session.close();
  await engine.close();
}

Deno.test("elementwise operators on large tensors run tile by tile, with the bits of one after the other", async () => {
  const b = new GraphBuilder(), shape = [739, 711];
  const x = b.input("x", "float32", shape), y = b.input("y", "float32", shape);
  const scaled = b.add("Mul", [b.float(0.37), b.add("Add", [x, y])]);
  const positive = b.add("Greater", [scaled, b.float(0)]);
  const flat = b.add("Reshape", [b.add("Where", [positive, scaled, b.add("Neg", [y])]), b.ints([-1])]);
  const counted = b.add("Cast", [b.add("Not", [positive])], { to: 1 });
  const inner = b.add("Sub", [flat, b.add("Reshape", [counted, b.ints([-1])])]);
  b.output(b.add("Where", [positive, b.float(2), x]), "chosen");
  b.output(b.add("Tanh", [inner]), "bent");
  b.output(b.add("ReduceSum", [scaled, b.ints([0])]), "sum");
  b.output(inner, "inner");
  const graph = b.finish();
  const chains = fuseChains(makePlan(graph, "high")).steps.map(({ parts }) => parts?.length ?? 0);
  assertEquals(Math.max(...chains), 10);
  await assertReferenceBits(graph, { x: floats(shape, 1, "wide"), y: floats(shape, 2, "near") });
});

Deno.test("quantisation by one scale runs tile by tile, ties and a scale of 0 included, with the bits of one after the other", async () => {
  for (const scale of [0.5, 1 / 127, 0]) {
    const b = new GraphBuilder(), shape = [1030, 517];
    const x = b.input("x", "float32", shape), step = b.float(scale);
    const zero = b.constant({ dtype: "int8", shape: [], data: Int8Array.of(-3) });
    const quantised = b.add("QuantizeLinear", [b.add("Mul", [x, b.float(3)]), step, zero]);
    b.output(quantised, "there");
    b.output(b.add("DequantizeLinear", [quantised, step, zero]), "back");
    const unsigned = b.add("QuantizeLinear", [x, step]);
    b.output(b.add("Neg", [b.add("DequantizeLinear", [unsigned, step])]), "without");
    const graph = b.finish(), native = new Set(["QuantizeLinear", "DequantizeLinear"]);
    const chains = fuseChains(makePlan(graph, "high", native)).steps.map(({ parts }) => parts?.length);
    assertEquals(chains, [6]);
    const data = Float32Array.from({ length: 1030 * 517 }, (_, i) => ((i % 1201) - 600) / 8);
    data.set([0, 1e-30, -1e-30, 1e30, -1e30, NaN, Infinity]);
    await assertReferenceBits(graph, { x: { dtype: "float32", shape, data } });
  }
});

Deno.test("the gradient of a MaxPool that tiles its input is one step, ties shared, with the bits of the five", async () => {
  for (const columns of [4, 5, 7, 8]) {
    const b = new GraphBuilder(), blocks = [6, 3, 2, columns, 2], single = [6, 3, 1, columns, 1];
    const x = b.input("x", "float32", [2, 3, 6, 2 * columns]);
    const dy = b.input("dy", "float32", [2, 3, 3, columns]);
    const y = b.add("MaxPool", [x], { kernel_shape: [2, 2], strides: [2, 2] });
    const each = (name: string, shape: readonly number[]) => b.add("Reshape", [name, b.ints(shape)]);
    const chosen = b.add("Cast", [b.add("Equal", [each(x, blocks), each(y, single)])], { to: 1 });
    const share = b.add("Div", [
      each(dy, single),
      b.add("ReduceSum", [chosen, b.ints([2, 4])], { keepdims: 1 }),
    ]);
    b.output(b.add("Mul", [chosen, share]), "dx");
    b.output(y, "y");
    const graph = b.finish();
    assertEquals(fusePooling(makePlan(graph, "high")).steps.map(({ node }) => node.operator), [
      "MaxPool",
      "MaxPoolGradient",
    ]);
    // Few different values, so that windows have ties.
    const data = floats([2, 3, 6, 2 * columns], columns, "near");
    const tied = { ...data, data: Float32Array.from(Array.from(data.data, Number), Math.round) };
    await assertReferenceBits(graph, { x: tied, dy: floats([2, 3, 3, columns], 9, "wide") });
  }
});

Deno.test("what goes along the same rows runs on some rows after others, with the bits of one after the other", async () => {
  const b = new GraphBuilder(), shape = [8, 256, 257];
  const x = b.input("x", "float32", shape), mask = b.input("mask", "float32", [256, 257]);
  const gain = b.input("gain", "float32", [257]), row = b.input("row", "float32", [8, 256, 1]);
  const probabilities = b.add("Softmax", [b.add("Add", [b.add("Mul", [x, b.float(0.2)]), mask])], {
    axis: -1,
  });
  const weighed = b.add("Mul", [gain, b.add("Sub", [probabilities, row])]);
  const mean = b.add("ReduceMean", [weighed], { axes: [2] });
  const scale = b.add("Sqrt", [b.add("Add", [b.add("Mul", [mean, mean]), b.float(1e-3)])]);
  b.output(b.add("Div", [b.add("Sub", [weighed, mean]), scale]), "y");
  b.output(mean, "mean");
  const graph = b.finish();
  assertEquals(fuseChains(makePlan(graph, "high")).steps.map(({ parts }) => parts?.length), [11]);
  await assertReferenceBits(graph, {
    x: floats(shape, 1, "wide"),
    mask: floats([256, 257], 2, "near"),
    gain: floats([257], 3, "near"),
    row: floats([8, 256, 1], 4, "near"),
  });
});

Deno.test("small products of attention run together, operands transposed or not, with the bits of one after the other", async () => {
  for (const [rows, inner, columns] of [[13, 20, 16], [6, 256, 8], [64, 3, 40], [7, 17, 24]] as const) {
    const b = new GraphBuilder(), turned = { perm: [0, 1, 3, 2] };
    const a = b.input("a", "float32", [2, 3, rows, inner]),
      c = b.input("c", "float32", [2, 3, inner, columns]);
    const at = b.input("at", "float32", [2, 3, inner, rows]),
      ct = b.input("ct", "float32", [2, 3, columns, inner]);
    b.output(b.add("MatMul", [a, c]), "plain");
    b.output(b.add("MatMul", [b.add("Transpose", [at], turned), c]), "left");
    b.output(b.add("MatMul", [a, b.add("Transpose", [ct], turned)]), "right");
    await assertReferenceBits(b.finish(), {
      a: floats([2, 3, rows, inner], 1, "wide"),
      c: floats([2, 3, inner, columns], 2, "near"),
      at: floats([2, 3, inner, rows], 3, "bits"),
      ct: floats([2, 3, columns, inner], 4, "wide"),
    });
  }
});
