import { assert } from "@std/assert/assert.js";
import { assertEquals } from "@std/assert/equals.js";
import { assertRejects } from "@std/assert/rejects.js";
import { createEngine } from "../../../executor/engines/create_engine_ort.ts";
import { type OrtBuild, prepareBuild } from "../../../executor/engines/ort_runtime_ort.ts";
import { createOrtStrict } from "../../../executor/engines/ort_strict_ort.ts";
import type { Tensors } from "../../../executor/engine.ts";
import { ExecutorError } from "../../../executor/errors.ts";
import type { TypedGraph } from "../../../executor/graph.ts";
import { GraphBuilder } from "../../../executor/onnx/mod.ts";
import { type Tensor, tensorBytes } from "../../../executor/tensor.ts";
import { attentionGraph, noise, oneNode, traced, visionGraph } from "./sample_graphs.ts";

async function compute(graph: TypedGraph, inputs: Tensors): Promise<Tensors> {
  const engine = await createOrtStrict();
  const session = await engine.load(graph);
  try {
    return await session.run(inputs);
  } finally {
    await session.close();
    await engine.close();
  }
}

function take(tensors: Tensors | ReadonlyMap<string, Tensor>, name: string): Tensor {
  const tensor = tensors instanceof Map ? tensors.get(name) : (tensors as Tensors)[name];
  assert(tensor !== undefined, `no tensor ${name}`);
  return tensor;
}

async function code(work: Promise<unknown>): Promise<ExecutorError> {
  return await assertRejects(() => work, ExecutorError) as ExecutorError;
}

const TOKENS: Tensor = {
  dtype: "int64",
  shape: [2, 8],
  data: BigInt64Array.from({ length: 16 }, (_, i) => BigInt((i * 7) % 16)),
};
const SAMPLES = [
  { graph: visionGraph(), inputs: { images: noise([4, 3, 12, 12], 99) } },
  { graph: attentionGraph(), inputs: { tokens: TOKENS } },
];

for (const { graph, inputs } of SAMPLES) {
  Deno.test(`making every value an output changes no bit (${graph.name})`, async () => {
    const plain = await compute(graph, inputs);
    const everything = await compute(traced(graph), inputs);
    for (const { name } of graph.outputs) {
      assertEquals(tensorBytes(take(everything, name)), tensorBytes(take(plain, name)), name);
    }
  });

  Deno.test(`a node alone has the bits it has within its graph (${graph.name})`, async () => {
    const values = new Map<string, Tensor>([...graph.initializers, ...Object.entries(inputs)]);
    for (const [name, tensor] of Object.entries(await compute(traced(graph), inputs))) {
      values.set(name, tensor);
    }
    for (const [index, node] of graph.nodes.entries()) {
      const alone = oneNode(graph, index);
      const fed = Object.fromEntries(alone.inputs.map(({ name }) => [name, take(values, name)]));
      const outputs = await compute(alone, fed);
      for (const { name } of alone.outputs) {
        assertEquals(
          tensorBytes(take(outputs, name)),
          tensorBytes(take(values, name)),
          `${node.operator} ${name}`,
        );
      }
    }
  });
}

Deno.test("a matrix product comes out as the sum of products", async () => {
  const builder = new GraphBuilder();
  builder.output(
    builder.add("MatMul", [builder.input("a", "float32", [1, 2]), builder.input("b", "float32", [2, 2])]),
    "c",
  );
  const a: Tensor = { dtype: "float32", shape: [1, 2], data: Float32Array.of(2, 3) };
  const b: Tensor = { dtype: "float32", shape: [2, 2], data: Float32Array.of(5, 7, 11, 13) };
  assertEquals(take(await compute(builder.finish(), { a, b }), "c"), {
    dtype: "float32",
    shape: [1, 2],
    data: Float32Array.of(2 * 5 + 3 * 11, 2 * 7 + 3 * 13),
  });
});

Deno.test("every NaN that leaves the engine has the same bits", async () => {
  const builder = new GraphBuilder();
  const x = builder.input("x", "float32", [3]);
  builder.output(builder.add("Sub", [x, x]), "difference");
  builder.output(builder.add("Sqrt", [x]), "root");
  const outputs = await compute(builder.finish(), {
    x: { dtype: "float32", shape: [3], data: Float32Array.of(Infinity, -1, 4) },
  });
  const bits = (name: string) => [...new Uint32Array(tensorBytes(take(outputs, name)).slice().buffer)];
  assertEquals(bits("difference"), [0x7fc00000, 0, 0]);
  assertEquals(bits("root"), [0x7f800000, 0x7fc00000, 0x40000000]);
});

Deno.test("half precision and booleans go in and come out as their bits", async () => {
  const builder = new GraphBuilder();
  const half = builder.input("half", "float16", [3]);
  builder.output(builder.add("Neg", [half]), "negated");
  builder.output(builder.add("Not", [builder.input("flags", "bool", [2])]), "flipped");
  const outputs = await compute(builder.finish(), {
    half: { dtype: "float16", shape: [3], data: Uint16Array.of(0x3c00, 0x4000, 0xb800) },
    flags: { dtype: "bool", shape: [2], data: Uint8Array.of(1, 0) },
  });
  assertEquals(take(outputs, "negated"), {
    dtype: "float16",
    shape: [3],
    data: Uint16Array.of(0xbc00, 0xc000, 0x3800),
  });
  assertEquals(take(outputs, "flipped"), { dtype: "bool", shape: [2], data: Uint8Array.of(0, 1) });
});

Deno.test("an output that is an input or a constant is passed through as the same tensor", async () => {
  const x = noise([2], 1), weight = noise([2], 2);
  const types = new Map([["x", x], ["weight", weight]]);
  const graph: TypedGraph = {
    name: "through",
    opset: 17,
    nodes: [],
    inputs: [{ name: "x", dtype: "float32", shape: [2] }],
    outputs: [{ name: "x", dtype: "float32", shape: [2] }, { name: "weight", dtype: "float32", shape: [2] }],
    initializers: new Map([["weight", weight]]),
    types,
  };
  const outputs = await compute(graph, { x });
  assert(outputs["x"] === x && outputs["weight"] === weight);
});

Deno.test("an unknown operator is refused by name and node", async () => {
  const shape = { dtype: "float32", shape: [2] } as const;
  const graph: TypedGraph = {
    name: "strange",
    opset: 17,
    nodes: [{
      name: "the odd one",
      operator: "Frobnicate",
      domain: "",
      inputs: ["x"],
      outputs: ["y"],
      attributes: {},
    }],
    inputs: [{ name: "x", ...shape }],
    outputs: [{ name: "y", ...shape }],
    initializers: new Map(),
    types: new Map([["x", shape], ["y", shape]]),
  };
  const error = await code(compute(graph, { x: noise([2], 1) }));
  assertEquals([error.code, error.fields["operator"], error.fields["node"]], [
    "unsupported_operator",
    "Frobnicate",
    "the odd one",
  ]);
});

Deno.test("an input that is missing, of another shape or too short is refused", async () => {
  const graph = visionGraph();
  const short: Tensor = { dtype: "float32", shape: [4, 3, 12, 12], data: new Float32Array(5) };
  for (const inputs of [{}, { images: noise([4, 3, 12, 11], 1) }, { images: short }]) {
    assertEquals((await code(compute(graph, inputs))).code, "bad_tensor");
  }
});

Deno.test("a failing computation is an error, and the engine goes on", async () => {
  const builder = new GraphBuilder();
  const rows = builder.add("Gather", [
    builder.input("table", "float32", [2, 2]),
    builder.input("rows", "int64", [1]),
  ], { axis: 0 });
  builder.output(rows, "picked");
  const graph = builder.finish();
  const row = (index: bigint): Tensor => ({ dtype: "int64", shape: [1], data: BigInt64Array.of(index) });
  const table = noise([2, 2], 3);
  assertEquals((await code(compute(graph, { table, rows: row(9n) }))).code, "engine_failed");
  const { picked } = await compute(graph, { table, rows: row(1n) });
  assertEquals(picked?.data, table.data.slice(2, 4));
});

Deno.test("starting the engine leaves the Worker constructor alone", async () => {
  const before = globalThis.Worker;
  await compute(visionGraph(), { images: noise([4, 3, 12, 12], 5) });
  assert(globalThis.Worker === before);
});

Deno.test("WebAssembly that is not the pinned build is refused", async () => {
  const runtime = await import("onnxruntime-web/wasm");
  const build: OrtBuild = {
    runtime,
    moduleUrl: "file:///nowhere/",
    wasmFile: "other.wasm",
    wasmSha256: "00",
  };
  assertEquals(
    (await code(prepareBuild(build, new Uint8Array([0, 97, 115, 109])))).code,
    "engine_unavailable",
  );
  assertEquals((await code(prepareBuild(build))).code, "engine_unavailable");
});

Deno.test("an engine nobody has is refused by name", async () => {
  const error = await code(createEngine("abacus"));
  assertEquals(error.code, "engine_unavailable");
  assert(error.message.includes("abacus"));
});
