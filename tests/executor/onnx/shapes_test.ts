/** Inferred shapes are those that ONNX Runtime finds; what cannot be inferred is refused by name. */
import { assertEquals } from "@std/assert/equals.js";
import { assertThrows } from "@std/assert/throws.js";
import { assertStringIncludes } from "@std/assert/string_includes.js";
import { ExecutorError } from "../../../executor/errors.ts";
import type { TypedGraph } from "../../../executor/graph.ts";
import {
  type AttributeInputs,
  bindShapes,
  buildModel,
  floatValue,
  GraphBuilder,
  parseModel,
} from "../../../executor/onnx/mod.ts";
import { cnn, languageModel, mlp } from "../models.ts";
import { runGraph } from "../ort.ts";
import { zeros } from "../../../executor/tensor.ts";

/** Every operator with a shape rule that ORT can run on zeros, in forms that stress the rule. */
function zoo(): TypedGraph {
  const builder = new GraphBuilder({ name: "zoo", opset: 18 });
  const x = builder.input("x", "float32", [2, 4, 6, 6]), row = builder.input("row", "float32", [3, 5]);
  const ids = builder.input("ids", "int64", [2, 3]);
  const w = builder.constant(zeros({ dtype: "float32", shape: [4, 2, 3, 3] }));
  const kernel = { kernel_shape: [3, 3] };
  builder.add("Conv", [x, w], { group: 2, strides: [2, 1], dilations: [1, 2], pads: [1, 2, 0, 2] });
  builder.add("Conv", [x, w], { group: 2, strides: [2, 2], auto_pad: "SAME_UPPER" });
  builder.add("ConvTranspose", [x, w], {
    group: 2,
    strides: [2, 3],
    output_padding: [1, 0],
    pads: [1, 1, 1, 1],
  });
  builder.addMany("MaxPool", [x], 2, { ...kernel, strides: [2, 2], ceil_mode: 1 });
  builder.add("AveragePool", [x], { ...kernel, strides: [2, 2], pads: [1, 1, 0, 1] });
  for (const name of ["GlobalAveragePool", "GlobalMaxPool", "Flatten", "Softmax", "Erf", "HardSwish"]) {
    builder.add(name, [x]);
  }
  builder.add("ReduceMean", [x, builder.ints([-1, 1])], { keepdims: 0 });
  builder.add("ReduceSum", [x]);
  builder.add("ReduceMax", [x, builder.ints([2])]);
  builder.add("ArgMax", [x], { axis: -1, keepdims: 0 });
  builder.addMany("TopK", [row, builder.ints([2])], 2);
  builder.add("Gather", [row, ids], { axis: 1 });
  builder.add("OneHot", [
    ids,
    builder.int(9),
    builder.constant({ dtype: "float32", shape: [2], data: Float32Array.of(0, 1) }),
  ], { axis: 1 });
  builder.add("Slice", [
    x,
    builder.ints([5, -3]),
    builder.ints([-100, 100]),
    builder.ints([3, 2]),
    builder.ints([-2, 1]),
  ]);
  builder.add("Pad", [row, builder.ints([0, 1, 2, 0])]);
  builder.add("Tile", [row, builder.ints([2, 3])]);
  builder.add("Expand", [row, builder.ints([4, 1, 5])]);
  builder.add("DepthToSpace", [x], { blocksize: 2 });
  builder.add("SpaceToDepth", [x], { blocksize: 3 });
  builder.add("Resize", [x, "", "", builder.ints([2, 4, 9, 3])], { mode: "nearest" });
  builder.add("Squeeze", [builder.add("Unsqueeze", [row, builder.ints([0, -1])]), builder.ints([0])]);
  builder.addMany("Split", [row], 2, { axis: 1, num_outputs: 2 });
  builder.add("Einsum", [row, row], { equation: "ij,kj->ik" });
  builder.add("Einsum", [x, x], { equation: "...ij,...kj" });
  builder.add("Gemm", [row, row], { transA: 1 });
  builder.add("MatMul", [x, builder.constant(zeros({ dtype: "float32", shape: [6] }))]);
  builder.addMany("LayerNormalization", [row, builder.constant(zeros({ dtype: "float32", shape: [5] }))], 3, {
    epsilon: floatValue(1e-3),
  });
  builder.add("Where", [builder.add("Greater", [row, builder.float(0)]), row, builder.float(1)]);
  builder.add("Cast", [row], { to: 6 });
  builder.add("GatherElements", [row, ids], { axis: 0 });
  builder.add("GatherND", [
    x,
    builder.constant({ dtype: "int64", shape: [2, 2], data: BigInt64Array.of(0n, 1n, 1n, 0n) }),
  ]);
  builder.addMany("DynamicQuantizeLinear", [row], 3);
  for (const node of builder.nodes) node.outputs.forEach((name) => builder.output(name));
  return builder.finish();
}

for (const graph of [zoo(), mlp(3), cnn(3), languageModel(2)]) {
  Deno.test(`every value of the ${graph.name} has the type and shape that it has when executed`, async () => {
    const all: TypedGraph = {
      ...graph,
      outputs: graph.nodes.flatMap((node) => node.outputs).map((name) => {
        const type = graph.types.get(name);
        if (type === undefined) throw new Error(`"${name}" has no type`);
        return { name, ...type };
      }),
    };
    const inputs = Object.fromEntries(
      graph.inputs.map(({ name, dtype, shape }) => [name, zeros({ dtype, shape: shape.map(Number) })]),
    );
    const results = await runGraph(all, inputs);
    for (const { name, dtype, shape } of all.outputs) {
      assertEquals({ name, dtype: results[name]?.dtype, shape: results[name]?.shape }, {
        name,
        dtype,
        shape: shape.map(Number),
      });
    }
  });
}

Deno.test("shape arithmetic becomes constants, and binding twice changes nothing", () => {
  const graph = languageModel(2);
  assertEquals(graph.nodes.filter(({ operator }) => ["Shape", "Unsqueeze", "Concat"].includes(operator)), []);
  const reread = bindShapes(parseModel(buildModel(graph)));
  assertEquals(reread, graph);
  assertEquals(bindShapes(reread), graph);
});

Deno.test("symbolic dimensions are bound by name; an unbound one is named", () => {
  const typed = languageModel(2);
  const symbolic = { ...typed, inputs: typed.inputs.map((value) => ({ ...value, shape: ["batch", 5] })) };
  const graph = parseModel(buildModel(symbolic));
  assertEquals(bindShapes(graph, { batch: 2 }).outputs[0]?.shape, [2, 5, 7]);
  const error = assertThrows(() => bindShapes(graph), ExecutorError) as ExecutorError;
  assertEquals(error.code, "bad_shape");
  assertStringIncludes(error.message, '"batch"');
});

Deno.test("an unknown operator is refused, naming node and operator", () => {
  const builder = new GraphBuilder();
  const x = builder.input("x", "float32", [2]);
  const error = assertThrows(
    () => builder.add("Frobnicate", [x], {}, "here"),
    ExecutorError,
  ) as ExecutorError;
  assertEquals(error.code, "unsupported_operator");
  assertStringIncludes(error.message, "Frobnicate");
  assertStringIncludes(error.message, "here");
});

Deno.test("shapes that do not fit are refused, naming the node", () => {
  const builder = new GraphBuilder();
  const a = builder.input("a", "float32", [2, 3]), b = builder.input("b", "float32", [4, 5]);
  for (
    const attempt of [
      () => builder.add("MatMul", [a, b], {}, "m"),
      () => builder.add("Add", [a, b], {}, "m"),
      () => builder.add("Concat", [a, b], { axis: 0 }, "m"),
      () => builder.add("Reshape", [a, builder.ints([4, -1])], {}, "m"),
      () => builder.add("Transpose", [a], { perm: [0, 0] }, "m"),
    ]
  ) {
    const error = assertThrows(attempt, ExecutorError) as ExecutorError;
    assertEquals(error.code, "bad_shape");
    assertStringIncludes(error.message, '"m"');
  }
});

/**
 * Operands of which kernels would read more than there is, or other bits than were meant: by operator, types and attributes. `f` are floats, `i` and `u`
 * integers of 32 and 8 bits, `d` is a depth.
 */
const MISFITS: readonly (readonly [string, string, AttributeInputs?])[] = [
  ["LayerNormalization", "f3,4 f4,1"],
  ["LayerNormalization", "f3,4 f4 f8"],
  ["LayerNormalization", "f3,4 i4"],
  ["RMSNormalization", "f3,4 f3"],
  ["GroupNormalization", "f2,4,5 f4 f2", { num_groups: 2 }],
  ["GroupNormalization", "f2,4,5 f4 f4", { num_groups: 3 }],
  ["InstanceNormalization", "f2,4,5 f4 f1"],
  ["BatchNormalization", "f2,4,5 f4 f2 f4 f4"],
  ["BatchNormalization", "f2,4,5 f4 f4 f4 i4"],
  ["Conv", "f1,2,5,5 f3,2,3,3 f2"],
  ["Conv", "f1,2,5,5 f3,2,3,3 i3"],
  ["ConvTranspose", "f1,2,5,5 f2,3,3,3 f2"],
  ["ConvTranspose", "f1,3,5,5 f3,3,3,3", { group: 2 }],
  ["Gemm", "f3,4 f4,5 i5"],
  ["PRelu", "f3,4 f3"],
  ["PRelu", "f3,4 f2,3,4"],
  ["Clip", "f3,4 i"],
  ["Gather", "f5,4 f3"],
  ["ScatterElements", "f5,4 f5,4 f5,4"],
  ["GatherElements", "f5,4 i2,9"],
  ["GatherElements", "f5,4 i3"],
  ["OneHot", "i3 d f1"],
  ["MatMulInteger", "u3,5 u5,4 f u4"],
  ["QuantizeLinear", "f3,7 i u"],
  ["DequantizeLinear", "u3,7 f i"],
  ["QLinearMatMul", "u3,5 i u u5,4 f u f u"],
  ["ReduceSum", "f3,4", { axes: [-1, 1] }],
  ["MaxPool", "f1,2,5,5", { kernel_shape: [2, 2], pads: [2, 0, 0, 0] }],
  ["MaxPool", "f1,2,5,5", { kernel_shape: [2 ** 31, 2], pads: [2 ** 31 - 1, 0, 0, 0] }],
  ["Conv", "f1,2,5,5 f3,2,3,3", { kernel_shape: [1, 1] }],
  ["ConvTranspose", "f1,2,5,5 f2,3,3,3", { kernel_shape: [2, 2] }],
  ["MaxPool", "f1,2,1,5", { kernel_shape: [2, 2], pads: [1, 0, 1, 0], dilations: [2, 1] }],
];

/** Those nearest to them that fit. */
const FITS: typeof MISFITS = [
  ["LayerNormalization", "f3,4 f1,4 f1"],
  ["GroupNormalization", "f2,4,5 f2 f2", { num_groups: 2 }],
  ["BatchNormalization", "f2,4,5 f4 f4 f4 f4"],
  ["ConvTranspose", "f1,4,5,5 f4,3,3,3 f6", { group: 2 }],
  ["PRelu", "f3,4 f3,1"],
  ["Gather", "f5,4 i3"],
  ["GatherElements", "f5,4 i9,3"],
  ["OneHot", "i3 d f2"],
  ["QLinearMatMul", "u3,5 f u u5,4 f u f u"],
  ["MaxPool", "f1,2,5,5", { kernel_shape: [2, 2], pads: [1, 1, 1, 1] }],
  ["Conv", "f1,2,5,5 f3,2,3,3", { kernel_shape: [3, 3] }],
];

function addNode([operator, inputs, attributes = {}]: (typeof MISFITS)[number]): string {
  const types = { f: "float32", i: "int32", u: "uint8" } as const;
  const builder = new GraphBuilder({ opset: operator === "ReduceSum" ? 11 : 21 });
  const names = inputs.split(" ").map((given, i) => {
    const [type = "f"] = given, sizes = given.slice(1);
    if (type === "d") return builder.ints([4]);
    const shape = sizes === "" ? [] : sizes.split(",").map(Number);
    return builder.input(`x${i}`, types[type as keyof typeof types], shape);
  });
  return builder.add(operator, names, attributes);
}

Deno.test("operands that do not fit are refused, before a kernel reads past them or takes integers for floats", () => {
  const codes = MISFITS.map((misfit) => {
    try {
      return `${misfit}: ${addNode(misfit)}`;
    } catch (error) {
      return error instanceof ExecutorError ? error.code : `${misfit}: ${error}`;
    }
  });
  assertEquals(codes.filter((code) => code !== "bad_shape" && code !== "malformed_model"), []);
  for (const fit of FITS) addNode(fit);
});
