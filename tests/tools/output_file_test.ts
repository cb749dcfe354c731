import { assertEquals } from "@std/assert/equals.js";
import { assertThrows } from "@std/assert/throws.js";
import type { Tensor } from "../../executor/mod.ts";
import { joinSteps, stateName } from "../../tools/api/output_file.ts";
import { ToolError } from "../../tools/errors.ts";

function floats(shape: readonly number[], ...values: readonly number[]): Tensor {
  return { dtype: "float32", shape, data: Float32Array.of(...values) };
}

Deno.test("outputs of batches are joined in row order, without the rows that filled up the last batch", () => {
  const batch = { size: 2, rows: 3 };
  const joined = joinSteps([floats([2, 2], 1, 2, 3, 4), floats([2, 2], 5, 6, 1, 2)], batch);
  assertEquals(joined, floats([3, 2], 1, 2, 3, 4, 5, 6));
});

Deno.test("an output with several rows for each row of the batch keeps them all", () => {
  const batch = { size: 1, rows: 2 };
  assertEquals(joinSteps([floats([2], 1, 2), floats([2], 3, 4)], batch), floats([4], 1, 2, 3, 4));
});

Deno.test("an output that has no rows is stacked, one for each step", () => {
  const batch = { size: 2, rows: 3 };
  assertEquals(joinSteps([floats([], 1), floats([], 2)], batch), floats([2], 1, 2));
  assertEquals(joinSteps([floats([3], 1, 2, 3)], null), floats([1, 3], 1, 2, 3));
});

Deno.test("outputs of different shapes are not joined", () => {
  assertThrows(() => joinSteps([floats([1], 1), floats([2], 1, 2)], null), ToolError, "different shapes");
  assertThrows(() => joinSteps([], null), ToolError, "no steps");
});

Deno.test("weights have the model's own names, and what else was carried cannot take them", () => {
  const names = new Set(["weight.fc.weight", "step", "weight.training.step", "weight.training.other"]);
  assertEquals([...names].map((name) => stateName(name, names)), [
    "fc.weight",
    "training.step",
    "weight.training.step",
    "training.other",
  ]);
});
