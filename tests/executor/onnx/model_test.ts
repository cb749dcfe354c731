/** Models survive writing and reading, and whatever bytes come in, the answer is a graph or a typed error. */
import { assertEquals } from "@std/assert/equals.js";
import { assert } from "@std/assert/assert.js";
import { assertThrows } from "@std/assert/throws.js";
import fc from "fast-check";
import onnxProto, { type onnx } from "onnx-proto";
import { ExecutorError, type ExecutorErrorCode } from "../../../executor/errors.ts";
import type { Graph } from "../../../executor/graph.ts";
import {
  bindShapes,
  buildModel,
  floatValue,
  GraphBuilder,
  operatorHash,
  parseModel,
  UNKNOWN_RANK,
} from "../../../executor/onnx/mod.ts";
import { bytesToHex } from "../../../ledger/primitives/mod.ts";
import { cnn, languageModel, mlp } from "../models.ts";

const FLOAT_INPUT = { name: "x", type: { tensorType: { elemType: 1, shape: { dim: [{ dimValue: 2 }] } } } };

/** A model of one Relu, changed by a test. */
function encodeModel(
  change: (model: onnx.IModelProto & { graph: onnx.IGraphProto }) => void = () => {},
): Uint8Array {
  const model = {
    irVersion: 8,
    opsetImport: [{ domain: "", version: 17 }],
    graph: {
      name: "g",
      node: [{ name: "n", opType: "Relu", input: ["x"], output: ["y"] }] as onnx.INodeProto[],
      input: [FLOAT_INPUT] as onnx.IValueInfoProto[],
      output: [{ ...FLOAT_INPUT, name: "y" }] as onnx.IValueInfoProto[],
      initializer: [] as onnx.ITensorProto[],
    },
  };
  change(model);
  return onnxProto.onnx.ModelProto.encode(model).finish();
}

for (const graph of [mlp(2), cnn(2), languageModel(2)]) {
  Deno.test(`the ${graph.name} survives being written and read`, () => {
    const { types: _, ...plain } = graph;
    const bytes = buildModel(graph);
    assertEquals(parseModel(bytes), plain);
    assertEquals(buildModel(parseModel(bytes)), bytes);
    assertEquals(bindShapes(parseModel(bytes)), graph);
  });
}

Deno.test("every kind of attribute survives, with all 64 bits of an integer", () => {
  const graph: Graph = {
    name: "g",
    opset: 17,
    inputs: [{ name: "x", dtype: "float32", shape: ["N", 3] }],
    outputs: [{ name: "y", dtype: "float32", shape: [UNKNOWN_RANK] }],
    initializers: new Map(),
    nodes: [{
      name: "n",
      operator: "Anything",
      domain: "some.domain",
      inputs: ["x", "", "x"],
      outputs: ["y"],
      attributes: {
        a: { type: "int", value: -(2n ** 63n) },
        b: { type: "ints", value: [2n ** 63n - 1n, -1n, 0n] },
        c: { type: "float", value: Math.fround(0.1) },
        d: { type: "floats", value: [1.5, -2] },
        e: { type: "string", value: "grün" },
        f: { type: "strings", value: ["", "b"] },
        g: { type: "tensor", value: { dtype: "bool", shape: [2], data: Uint8Array.of(0, 1) } },
      },
    }],
  };
  assertEquals(parseModel(buildModel(graph)), graph);
});

Deno.test("tensors are read from typed fields as from raw bytes", () => {
  const graph = parseModel(encodeModel(({ graph }) => {
    graph.initializer = [
      { name: "f", dataType: 1, dims: [2], floatData: [1.5, -2] },
      { name: "i", dataType: 7, dims: [2], int64Data: [-3, 4] },
      { name: "h", dataType: 10, dims: [1], int32Data: [15360] },
      { name: "b", dataType: 9, dims: [3], rawData: Uint8Array.of(0, 1, 7) },
      { name: "u", dataType: 12, dims: [], uint64Data: [9] },
    ];
  }));
  assertEquals(graph.initializers.get("f")?.data, Float32Array.of(1.5, -2));
  assertEquals(graph.initializers.get("i")?.data, BigInt64Array.of(-3n, 4n));
  assertEquals(graph.initializers.get("h"), { dtype: "float16", shape: [1], data: Uint16Array.of(15360) });
  assertEquals(graph.initializers.get("b")?.data, Uint8Array.of(0, 1, 1));
  assertEquals(graph.initializers.get("u"), { dtype: "uint32", shape: [], data: Uint32Array.of(9) });
});

Deno.test("nodes in any order are sorted, Constant nodes become initializers", () => {
  const graph = parseModel(encodeModel(({ graph }) => {
    graph.node = [
      { opType: "Add", input: ["h", "c"], output: ["y"] },
      { opType: "Relu", input: ["x"], output: ["h"] },
      { opType: "Constant", output: ["c"], attribute: [{ name: "value_float", type: 1, f: 2 }] },
    ];
  }));
  assertEquals(graph.nodes.map(({ operator }) => operator), ["Relu", "Add"]);
  assertEquals(graph.initializers.get("c")?.data, Float32Array.of(2));
});

const MALFORMED: readonly [string, ExecutorErrorCode, RegExp, Uint8Array][] = [
  ["no bytes", "malformed_model", /no ONNX graph/, new Uint8Array()],
  [
    "text",
    "malformed_model",
    /not an ONNX model|no ONNX graph/,
    new TextEncoder().encode("Hello, this is no model at all"),
  ],
  [
    "an operator set that never was",
    "malformed_model",
    /operator set 0/,
    encodeModel((m) => m.opsetImport = [{ version: 0 }]),
  ],
  ["no operator set", "malformed_model", /operator set/, encodeModel((m) => m.opsetImport = [])],
  [
    "a node without operator",
    "malformed_model",
    /names no operator/,
    encodeModel((m) => m.graph.node = [{ output: ["y"] }]),
  ],
  [
    "a value from nowhere",
    "malformed_model",
    /reads "z"/,
    encodeModel((m) => m.graph.node = [{ opType: "Relu", input: ["z"], output: ["y"] }]),
  ],
  [
    "an output from nowhere",
    "malformed_model",
    /output "q"/,
    encodeModel((m) => m.graph.output = [{ ...FLOAT_INPUT, name: "q" }]),
  ],
  ["no outputs", "malformed_model", /no outputs/, encodeModel((m) => m.graph.output = [])],
  [
    "a circle",
    "malformed_model",
    /its own output/,
    encodeModel((m) =>
      m.graph.node = [
        { opType: "Add", input: ["x", "b"], output: ["a"] },
        { opType: "Relu", input: ["a"], output: ["b"] },
        { opType: "Relu", input: ["b"], output: ["y"] },
      ]
    ),
  ],
  [
    "two producers",
    "malformed_model",
    /two producers/,
    encodeModel((m) => m.graph.node?.push({ opType: "Relu", input: ["x"], output: ["y"] })),
  ],
  [
    "a sub-graph",
    "unsupported_operator",
    /sub-graph/,
    encodeModel((m) =>
      m.graph.node = [{
        opType: "If",
        input: ["x"],
        output: ["y"],
        attribute: [{ name: "then_branch", type: 5, g: { name: "t" } }],
      }]
    ),
  ],
  [
    "external data",
    "malformed_model",
    /another file/,
    encodeModel((m) => m.graph.initializer = [{ name: "w", dataType: 1, dims: [1], dataLocation: 1 }]),
  ],
  [
    "a tensor of the wrong size",
    "malformed_model",
    /another size/,
    encodeModel((m) =>
      m.graph.initializer = [{ name: "w", dataType: 1, dims: [3], rawData: new Uint8Array(8) }]
    ),
  ],
  [
    "a tensor that is declared huge",
    "malformed_model",
    /holds 0/,
    encodeModel((m) => m.graph.initializer = [{ name: "w", dataType: 1, dims: [4e9, 4e9, 4e9] }]),
  ],
  [
    "a negative dimension",
    "malformed_model",
    /dimension of -1/,
    encodeModel((m) => m.graph.initializer = [{ name: "w", dataType: 1, dims: [-1] }]),
  ],
  [
    "strings",
    "malformed_model",
    /element type 8/,
    encodeModel((m) => m.graph.initializer = [{ name: "w", dataType: 8, dims: [0] }]),
  ],
  [
    "an input without a shape",
    "malformed_model",
    /no declared shape/,
    encodeModel((m) => m.graph.input = [{ name: "x", type: { tensorType: { elemType: 1 } } }]),
  ],
];

for (const [what, code, message, bytes] of MALFORMED) {
  Deno.test(`a model with ${what} is refused by name`, () => {
    const error = assertThrows(() => parseModel(bytes), ExecutorError);
    assertEquals((error as ExecutorError).code, code);
    assert(message.test((error as ExecutorError).message), (error as ExecutorError).message);
  });
}

Deno.test("mutated models give a graph or a typed error, never another one", () => {
  const seeds = [buildModel(mlp(1)), buildModel(cnn(1)), encodeModel()];
  fc.assert(
    fc.property(
      fc.constantFrom(...seeds),
      fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 8 }),
      fc.option(fc.nat(), { nil: undefined }),
      (seed, edits, cut) => {
        const bytes = seed.slice(0, cut === undefined ? seed.length : cut % seed.length);
        for (const [at, value] of edits) bytes[at % Math.max(1, bytes.length)] = value;
        try {
          bindShapes(parseModel(bytes));
        } catch (error) {
          assert(error instanceof ExecutorError, String(error));
        }
      },
    ),
    { numRuns: 1500 },
  );
});

Deno.test("an operator's hash depends on its meaning, not on names or the order of attributes", () => {
  const builder = new GraphBuilder();
  const x = builder.input("x", "float32", [2, 3]);
  builder.add("Softmax", [x], { axis: -1 });
  builder.add("Softmax", [x], { axis: 1 });
  builder.add("LayerNormalization", [x, builder.input("gain", "float32", [3])], {
    axis: -1,
    epsilon: floatValue(1e-5),
  });
  const hashes = builder.nodes.map((node) => bytesToHex(operatorHash(node, 17)));
  assertEquals(new Set(hashes).size, 3);
  const [softmax, , norm] = builder.nodes;
  if (softmax === undefined || norm === undefined) throw new Error("the builder keeps its nodes");
  assertEquals(
    bytesToHex(operatorHash({ ...softmax, name: "other", inputs: ["q"], outputs: ["r"] }, 17)),
    hashes[0],
  );
  assert(bytesToHex(operatorHash(softmax, 18)) !== hashes[0]);
  const reversed = Object.fromEntries(Object.entries(norm.attributes).reverse());
  assertEquals(bytesToHex(operatorHash({ ...norm, attributes: reversed }, 17)), hashes[2]);
});
