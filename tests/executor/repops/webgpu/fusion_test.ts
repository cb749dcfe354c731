/**
 * What runs as one dispatch on WebGPU has the bits of the operators one by one.
 *
 * @module
 */
import { assertEquals } from "@std/assert/equals.js";
import type { Tensors } from "../../../../executor/engine.ts";
import type { TypedGraph } from "../../../../executor/graph.ts";
import { GraphBuilder } from "../../../../executor/onnx/mod.ts";
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
