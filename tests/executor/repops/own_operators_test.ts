/**
 * The operators that ONNX does not have, and what ONNX leaves open: computed by hand here.
 *
 * @module
 */
import { assert } from "@std/assert/assert.js";
import { assertEquals } from "@std/assert/equals.js";
import type { GraphNode } from "../../../executor/graph.ts";
import { ASSAY_DOMAIN } from "../../../executor/onnx/mod.ts";
import { evaluateNode } from "../../../executor/repops/reference/mod.ts";
import { admit } from "../../../executor/repops/values.ts";
import type { Tensor } from "../../../executor/tensor.ts";
import type { TensorInfo } from "../../../ledger/primitives/mod.ts";

function evaluate(
  operator: string,
  inputs: readonly Tensor[],
  outputs: readonly TensorInfo[],
  attributes: GraphNode["attributes"] = {},
  domain = "",
): readonly (readonly number[])[] {
  const node: GraphNode = {
    name: "n",
    operator,
    domain,
    inputs: inputs.map((_, i) => `x${i}`),
    outputs: outputs.map((_, i) => `y${i}`),
    attributes,
  };
  return evaluateNode({ node, opset: 17, precision: "high", inputs: inputs.map(admit), outputs })
    .map(({ words }) => [...words]);
}

const float = (shape: readonly number[], ...data: readonly number[]): Tensor => ({
  dtype: "float32",
  shape,
  data: Float32Array.from(data),
});
const int64 = (shape: readonly number[], ...data: readonly number[]): Tensor => ({
  dtype: "int64",
  shape,
  data: BigInt64Array.from(data, BigInt),
});

Deno.test("the gradient of an embedding sums rows in ascending order of their positions", () => {
  const gradient = float([4, 1], 2 ** 24, 1, 1, 5);
  const [table] = evaluate(
    "EmbeddingGradient",
    [int64([4], 1, 1, -2, 0), gradient],
    [{ dtype: "float32", shape: [3, 1] }],
    {},
    ASSAY_DOMAIN,
  );
  // 2^24 + 1 rounds to 2^24, twice: another order would give 2^24 + 2. Index -2 of three rows is row 1.
  assertEquals(table, [5, 2 ** 24, 0]);
});

Deno.test("dropout depends on seed, stream, step and position alone, and keeps about what it should", () => {
  const count = 20_000;
  const mask = (seed: bigint, stream: bigint, step: number) => {
    const info = { dtype: "float32" as const, shape: [count] };
    const [values = [], kept = []] = evaluate(
      "CounterDropout",
      [float([count], ...new Float32Array(count).fill(1)), float([], 0.25), int64([], step)],
      [info, { dtype: "bool", shape: [count] }],
      { seed: { type: "int", value: seed }, stream: { type: "int", value: stream } },
      ASSAY_DOMAIN,
    );
    assert(values.every((value, i) => value === (kept[i] === 1 ? Math.fround(1 / 0.75) : 0)));
    return kept;
  };
  const first = mask(7n, 1n, 3);
  assertEquals(mask(7n, 1n, 3), first);
  for (const other of [mask(8n, 1n, 3), mask(7n, 2n, 3), mask(7n, 1n, 4), mask(7n + 2n ** 40n, 1n, 3)]) {
    assert(other.some((value, i) => value !== first[i]));
  }
  const share = first.reduce((sum, value) => sum + value, 0) / count;
  assert(Math.abs(share - 0.75) < 0.01, `${share}`);
});

Deno.test("a fully masked softmax row is uniform, and a masked element is 0", () => {
  const info = { dtype: "float32" as const, shape: [2, 4] };
  const [y] = evaluate("Softmax", [float([2, 4], ...new Array(4).fill(-Infinity), 0, 0, -Infinity, -1e9)], [
    info,
  ]);
  assertEquals(y, [0.25, 0.25, 0.25, 0.25, 0.5, 0.5, 0, 0]);
});

Deno.test("64-bit integers are limited on the way in and wrap in arithmetic", () => {
  const info = { dtype: "int64" as const, shape: [2] };
  const large: Tensor = { ...info, data: BigInt64Array.of(2n ** 63n - 1n, -(2n ** 63n)) };
  const [sum] = evaluate("Add", [large, int64([2], 1, -1)], [info]);
  assertEquals(sum, [-2147483648, 2147483647]);
});

Deno.test("integer division by zero is 0, and casts are limited", () => {
  const info = { dtype: "int32" as const, shape: [3] };
  const [quotient] = evaluate("Div", [int64([3], 7, -7, 1), int64([3], 2, 2, 0)], [{
    ...info,
    dtype: "int64",
  }]);
  assertEquals(quotient, [3, -3, 0]);
  const [cast] = evaluate("Cast", [float([3], 3e9, -2.9, NaN)], [info]);
  assertEquals(cast, [2147483647, -2, 0]);
});

Deno.test("labels that are no classes count from the end or are limited, as indices do", () => {
  const scores = float([4, 3], 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);
  const reduction = { reduction: { type: "string", value: "none" } } as const;
  const info = { dtype: "float32" as const, shape: [4] };
  const [losses] = evaluate(
    "NegativeLogLikelihoodLoss",
    [scores, int64([4], -1, 7, -9, 1)],
    [info],
    reduction,
  );
  assertEquals(losses, [-3, -6, -7, -11]);
});

Deno.test("an odd power of a negative number that vanishes is +0", () => {
  const [power] = evaluate("Pow", [float([1], -0.5), float([1], 1025)], [{ dtype: "float32", shape: [1] }]);
  assert(Object.is(power?.[0], 0));
});
