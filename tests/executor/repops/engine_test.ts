/**
 * What the engine promises beside bits: refusals by name, independence of outputs.
 *
 * @module
 */
import { assertEquals } from "@std/assert/equals.js";
import { assertRejects } from "@std/assert/rejects.js";
import { assertStringIncludes } from "@std/assert/string_includes.js";
import { ExecutorError } from "../../../executor/errors.ts";
import type { TypedGraph } from "../../../executor/graph.ts";
import { GraphBuilder } from "../../../executor/onnx/mod.ts";
import { createRepopsEngine } from "../../../executor/repops/mod.ts";
import { firstDifference } from "./reference_run.ts";
import { cnnStep } from "./workloads.ts";

/** A graph of one node on one float vector. */
function oneNode(operator: string, domain = "", dtype: "float32" | "float64" = "float32"): TypedGraph {
  const info = { dtype, shape: [4] };
  return {
    name: "one",
    opset: 17,
    nodes: [{ name: "culprit", operator, domain, inputs: ["x"], outputs: ["y"], attributes: {} }],
    inputs: [{ name: "x", ...info }],
    outputs: [{ name: "y", ...info }],
    initializers: new Map(),
    types: new Map([["x", info], ["y", info]]),
  };
}

for (
  const [title, graph] of [
    ["an unknown operator", oneNode("Frobnicate")],
    ["an operator of another domain", oneNode("Relu", "com.example")],
    ["float64", oneNode("Relu", "", "float64")],
  ] as const
) {
  Deno.test(`${title} is refused at load, naming node and operator`, async () => {
    const engine = await createRepopsEngine();
    const error = await assertRejects(() => engine.load(graph), ExecutorError);
    assertEquals(error.code, "unsupported_operator");
    assertStringIncludes(error.message, "culprit");
    assertStringIncludes(error.message, graph.nodes[0]?.operator ?? "?");
    await engine.close();
  });
}

Deno.test("which values are outputs changes no bit of any", async () => {
  const { graph, inputs } = cnnStep(2, 8, [4, 4]);
  const engine = await createRepopsEngine();
  const few = await engine.load(graph);
  const every = graph.nodes.flatMap(({ outputs }) => outputs.filter((name) => name !== ""));
  const outputs = every.map((name) => ({
    name,
    dtype: "float32" as const,
    shape: [],
    ...graph.types.get(name),
  }));
  const all = await engine.load({ ...graph, outputs });
  const [some, whole] = [await few.run(inputs), await all.run(inputs)];
  for (const [name, tensor] of Object.entries(some)) {
    const other = whole[name];
    assertEquals(other ? firstDifference(tensor, other) : "missing", undefined, name);
  }
  await few.close();
  await all.close();
  await engine.close();
});

Deno.test("a run neither changes nor keeps its inputs", async () => {
  const builder = new GraphBuilder();
  const x = builder.input("x", "float32", [3]);
  builder.output(builder.add("Reshape", [x, builder.ints([3, 1])]), "y");
  const engine = await createRepopsEngine();
  const session = await engine.load(builder.finish());
  const data = Float32Array.of(1e-38, -0, NaN);
  const before = data.slice();
  const { y } = await session.run({ x: { dtype: "float32", shape: [3], data } });
  assertEquals(data, before);
  assertEquals(y?.data, new Float32Array(3));
  await session.run({ x: { dtype: "float32", shape: [3], data: Float32Array.of(1, 2, 3) } });
  assertEquals(y?.data, new Float32Array(3));
  await session.close();
  await engine.close();
});
