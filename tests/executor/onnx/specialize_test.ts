/** A model is made static by the tensors it will be given, and tensors that do not fit are refused by name. */
import { assertEquals } from "@std/assert/equals.js";
import { assertThrows } from "@std/assert/throws.js";
import { ExecutorError } from "../../../executor/errors.ts";
import type { Graph, GraphNode, ValueInfo } from "../../../executor/graph.ts";
import { specialize } from "../../../executor/onnx/mod.ts";
import { type Tensor, zeros } from "../../../executor/tensor.ts";

function node(operator: string, inputs: readonly string[], output: string): GraphNode {
  return { name: output, operator, domain: "", inputs, outputs: [output], attributes: {} };
}

function graph(inputs: readonly ValueInfo[], nodes: readonly GraphNode[], output: string): Graph {
  const outputs = [{ name: output, dtype: "float32" as const, shape: ["*"] }];
  return { name: "g", opset: 17, nodes, inputs, outputs, initializers: new Map() };
}

const X: ValueInfo = { name: "x", dtype: "float32", shape: ["rows", 4] };

function ints(...values: number[]): Tensor {
  return { dtype: "int64", shape: [values.length], data: BigInt64Array.from(values, BigInt) };
}

Deno.test("symbolic dimensions take the sizes of the tensors", () => {
  const typed = specialize(graph([X], [node("Relu", ["x"], "y")], "y"), {
    x: zeros({ dtype: "float32", shape: [3, 4] }),
  });
  assertEquals(typed.types.get("y"), { dtype: "float32", shape: [3, 4] });
});

Deno.test("only inputs that a shape is computed from become constants", () => {
  const parts: ValueInfo[] = [X, { name: "a", dtype: "int64", shape: [1] }, {
    name: "b",
    dtype: "int64",
    shape: [1],
  }];
  const model = graph(
    [...parts, { name: "n", dtype: "int64", shape: [1] }],
    [
      node("Mul", ["a", "b"], "size"),
      node("Reshape", ["x", "size"], "flat"),
      node("Cast", ["n"], "scale"),
      node("Mul", ["flat", "scale"], "y"),
    ].map((n) => n.operator === "Cast" ? { ...n, attributes: { to: { type: "int", value: 1n } } } : n),
    "y",
  );
  const x = zeros({ dtype: "float32", shape: [3, 4] });
  const typed = specialize(model, { x, a: ints(3), b: ints(4), n: ints(7) });
  assertEquals(typed.inputs.map(({ name }) => name), ["x", "n"]);
  assertEquals(typed.types.get("y")?.shape, [12]);
});

Deno.test("a shape that no input decides beforehand stays refused", () => {
  const nodes = [node("Cast", ["x"], "size"), node("Reshape", ["x", "size"], "y")]
    .map((n) =>
      n.operator === "Cast" ? { ...n, attributes: { to: { type: "int" as const, value: 7n } } } : n
    );
  const x = zeros({ dtype: "float32", shape: [1, 4] });
  const error = assertThrows(() => specialize(graph([X], nodes, "y"), { x }), ExecutorError);
  assertEquals([error.code, error.fields["node"]], ["bad_shape", "y"]);
});

Deno.test("an input that is missing or not as declared is refused, naming it", () => {
  const model = graph([X, { ...X, name: "z" }], [node("Add", ["x", "z"], "y")], "y");
  const wrong = (inputs: Record<string, Tensor>) => {
    const error = assertThrows(() => specialize(model, inputs), ExecutorError);
    return [error.code, error.fields["input"]];
  };
  const x = zeros({ dtype: "float32", shape: [3, 4] });
  assertEquals(wrong({ x }), ["bad_tensor", "z"]);
  assertEquals(wrong({ x, z: zeros({ dtype: "float32", shape: [3, 5] }) }), ["bad_tensor", "z"]);
  assertEquals(wrong({ x, z: zeros({ dtype: "int64", shape: [3, 4] }) }), ["bad_tensor", "z"]);
  // "rows" was 3 for x.
  assertEquals(wrong({ x, z: zeros({ dtype: "float32", shape: [2, 4] }) }), ["bad_tensor", "z"]);
});
