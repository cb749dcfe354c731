/**
 * The kernels have the bits of the reference: every operator in several forms, on ordinary and extreme values.
 *
 * @module
 */
import { assertEquals } from "@std/assert/equals.js";
import { assertStringIncludes } from "@std/assert/string_includes.js";
import { assertThrows } from "@std/assert/throws.js";
import fc from "fast-check";
import { ExecutorError } from "../../../executor/errors.ts";
import type { Tensors } from "../../../executor/engine.ts";
import { createRepopsEngine } from "../../../executor/repops/mod.ts";
import type { Precision } from "../../../executor/repops/numbers/mod.ts";
import { operatorNames, requireSupported } from "../../../executor/repops/reference/mod.ts";
import { build, type Case, CASES, KINDS, title } from "./kernel_cases.ts";
import type { FloatKind } from "./random_values.ts";
import { firstDifference, runReference } from "./reference_run.ts";

for (const precision of ["high", "highest"] as const) {
  Deno.test(`kernels have the bits of the reference in every form, precision ${precision}`, async () => {
    const engine = await createRepopsEngine({ precision });
    const failures: string[] = [];
    for (const [index, each] of CASES.entries()) {
      for (const kind of KINDS) {
        const difference = await compare(engine, each, kind, index, precision);
        if (difference) failures.push(`${title(each)} on ${kind}: ${difference}`);
      }
    }
    await engine.close();
    assertEquals(failures, []);
  });
}

async function compare(
  engine: Awaited<ReturnType<typeof createRepopsEngine>>,
  each: Case,
  kind: FloatKind,
  seed: number,
  precision: Precision,
): Promise<string | undefined> {
  const { graph, tensors } = build(each, kind, seed + 1);
  const session = await engine.load(graph);
  const usesKernel = session.withoutKernel.length === 0;
  await session.run(tensors);
  const got: Tensors = await session.run(tensors);
  await session.close();
  if (usesKernel === (each.reference === true)) return usesKernel ? "a kernel ran" : "no kernel ran";
  const wanted = runReference(graph, tensors, precision);
  for (const { name } of graph.outputs) {
    const [a, b] = [got[name], wanted[name]];
    const difference = a && b ? firstDifference(a, b) : "an output is missing";
    if (difference) return `${name}: ${difference}`;
  }
  return undefined;
}

Deno.test("a dropout whose ratio lies outside 0 to 1 has the bits of the reference: it keeps everything or nothing", async () => {
  const engine = await createRepopsEngine(), scalar = { shape: [] };
  for (const ratio of [-1e30, -2, -0.01, 1, 2, 300, 1e30]) {
    const each: Case = {
      operator: "CounterDropout",
      own: true,
      inputs: [
        [9],
        { tensor: { ...scalar, dtype: "float32", data: Float32Array.of(ratio) } },
        { tensor: { ...scalar, dtype: "int64", data: BigInt64Array.of(5n) } },
      ],
      attributes: { seed: 7, stream: 1 },
      outputs: 2,
    };
    assertEquals(await compare(engine, each, "near", 1, "high"), undefined, `${ratio}`);
  }
  await engine.close();
});

Deno.test("products of any shape have the bits of the reference", async () => {
  const engine = await createRepopsEngine();
  const dimension = fc.integer({ min: 1, max: 40 });
  const property = fc.asyncProperty(
    dimension,
    fc.integer({ min: 1, max: 700 }),
    dimension,
    fc.constantFrom(...KINDS),
    fc.boolean(),
    fc.boolean(),
    async (rows, inner, columns, kind, transA, transB) => {
      const each: Case = {
        operator: "Gemm",
        inputs: [transA ? [inner, rows] : [rows, inner], transB ? [columns, inner] : [inner, columns]],
        attributes: { transA: transA ? 1 : 0, transB: transB ? 1 : 0 },
      };
      assertEquals(await compare(engine, each, kind, inner, "high"), undefined);
    },
  );
  await fc.assert(property, { numRuns: 60, seed: 7 });
  await engine.close();
});

Deno.test("convolutions of any geometry have the bits of the reference", async () => {
  const engine = await createRepopsEngine({ precision: "highest" });
  const small = fc.integer({ min: 1, max: 3 });
  const padding = fc.integer({ min: 0, max: 2 });
  const property = fc.asyncProperty(
    fc.record({ images: small, channels: small, out: small, height: fc.integer({ min: 5, max: 12 }) }),
    fc.record({ group: small, kernelH: small, kernelW: small, strideH: small, strideW: small }),
    fc.record({ dilationH: fc.integer({ min: 1, max: 2 }), dilationW: fc.integer({ min: 1, max: 2 }) }),
    fc.tuple(padding, padding, padding, padding),
    async (size, window, dilation, pads) => {
      const each: Case = {
        operator: "Conv",
        inputs: [
          [size.images, size.channels * window.group, size.height, size.height + 2],
          [size.out * window.group, size.channels, window.kernelH, window.kernelW],
          [size.out * window.group],
        ],
        attributes: {
          group: window.group,
          strides: [window.strideH, window.strideW],
          dilations: [dilation.dilationH, dilation.dilationW],
          pads,
        },
      };
      assertEquals(await compare(engine, each, "wide", size.height, "highest"), undefined);
    },
  );
  await fc.assert(property, { numRuns: 60, seed: 11 });
  await engine.close();
});

Deno.test("the specification lists the operators of the reference, and no others", async () => {
  const text = await Deno.readTextFile(new URL("../../../executor/repops/SPEC.md", import.meta.url));
  const [, list = ""] = text.split("## 11. Operators");
  const listed = [...list.replaceAll(/^Of .*$/gm, "").matchAll(/[A-Z][A-Za-z0-9]+/g)].map(([name]) => name);
  const own = /`ai\.assay`: (.*)\./.exec(list)?.[1]?.split(", ") ?? [];
  assertEquals([...listed, ...own].sort(), [...operatorNames()].sort());
});

Deno.test("a sum longer than the specification allows is refused, naming the node", () => {
  const node = {
    name: "long",
    operator: "MatMul",
    domain: "",
    inputs: ["a", "b"],
    outputs: ["c"],
    attributes: {},
  };
  const matrix = (...shape: readonly number[]) => ({ dtype: "float32" as const, shape });
  const types = (inner: number) => ({
    node,
    opset: 17,
    inputs: [matrix(1, inner), matrix(inner, 1)],
    outputs: [matrix(1, 1)],
  });
  requireSupported(types(2 ** 26));
  const error = assertThrows(() => requireSupported(types(2 ** 26 + 1)), ExecutorError) as ExecutorError;
  assertEquals(error.code, "unsupported_operator");
  assertStringIncludes(error.message, "long");
});

Deno.test("every operator is tested, save Constant, which is none once a model is read", () => {
  const tested = new Set(CASES.map(({ operator }) => operator));
  assertEquals(operatorNames().filter((name) => !tested.has(name)), ["Constant"]);
});
