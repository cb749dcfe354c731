/**
 * Random access: any part of any operator's output, from the named chunks of its inputs alone, has the bits of the whole.
 *
 * @module
 */
import { assert } from "@std/assert/assert.js";
import { assertEquals } from "@std/assert/equals.js";
import { assertThrows } from "@std/assert/throws.js";
import { ExecutorError } from "../../../executor/errors.ts";
import type { TypedGraph } from "../../../executor/graph.ts";
import {
  combineBlocks,
  combineSubtrees,
  createRepopsEngine,
  finishElement,
  inputsFor,
  inputsForFinish,
  inputsForTerms,
  type NodeRange,
  operatorNames,
  type Precision,
  recomputeBlock,
  recomputeGroup,
  recomputeRange,
  type RepopsEngine,
  sparseTensor,
  subtreesOf,
  sumStructure,
} from "../../../executor/repops/mod.ts";
import { makePlan } from "../../../executor/repops/plan/mod.ts";
import { elementCount, type Tensor, tensorBytes } from "../../../executor/tensor.ts";
import { must } from "../must.ts";
import { ACCESS_CASES, formOf, hasNode, type NodeForm, OWN_FORMS } from "./access_cases.ts";
import { build, CASES, KINDS } from "./kernel_cases.ts";
import { floats, randomNumbers } from "./random_values.ts";

const FORMS: readonly NodeForm[] = [
  ...[...CASES, ...ACCESS_CASES].filter(hasNode).map((each, i) =>
    formOf(each, must(KINDS[i % KINDS.length]), i + 1)
  ),
  ...OWN_FORMS,
];

Deno.test("random access is tested on every operator", () => {
  const tested = new Set(FORMS.map(({ node }) => node.operator));
  // An operator without a form here: add one to access_cases.ts.
  assertEquals(operatorNames().filter((name) => !tested.has(name)), []);
});

for (const precision of ["high", "highest"] as const) {
  Deno.test(`a range computed from the named chunks alone has the bits of the whole, precision ${precision}`, async () => {
    const engine = await createRepopsEngine({ precision });
    const failures: string[] = [];
    const seed = precision === "high" ? 1 : 2;
    for (const [i, form] of FORMS.entries()) {
      const wholes = await wholeOutputs(engine, form);
      for (const range of rangesOf(form, randomNumbers(seed * 1000 + i))) {
        const part = recomputeFromNeeded(form, precision, range);
        const width = must(wholes[range.output]).data.BYTES_PER_ELEMENT;
        const wanted = tensorBytes(must(wholes[range.output])).slice(range.start * width, range.end * width);
        if (String(tensorBytes(part)) !== String(wanted)) {
          failures.push(`${form.title} output ${range.output}, elements ${range.start} to ${range.end}`);
        }
      }
    }
    await engine.close();
    assertEquals(failures, []);
  });
}

/** Every output of a form, by the engine. */
async function wholeOutputs(engine: RepopsEngine, form: NodeForm): Promise<readonly Tensor[]> {
  const names = form.inputs.map((tensor, i) => (tensor ? `in${i}` : ""));
  const outputs = form.outputs.map((info, i) => ({ name: must(form.node.outputs[i]), ...info }));
  const given = form.inputs.flatMap((tensor, i) => (tensor ? [[`in${i}`, tensor] as const] : []));
  const graph: TypedGraph = {
    name: form.title,
    opset: form.opset,
    nodes: [{ ...form.node, inputs: names }],
    inputs: given.map(([name, { dtype, shape }]) => ({ name, dtype, shape })),
    outputs,
    initializers: new Map(),
    types: new Map([...given, ...outputs.map(({ name, ...info }) => [name, info] as const)]),
  };
  const session = await engine.load(graph);
  const result = await session.run(Object.fromEntries(given));
  await session.close();
  return outputs.map(({ name }) => must(result[name]));
}

/** A few random ranges of each output: its ends, an element, and up to 400 elements. */
function rangesOf({ outputs }: NodeForm, random: () => number): readonly NodeRange[] {
  return outputs.flatMap(({ shape }, output) => {
    const count = elementCount(shape);
    if (count === 0) return [];
    const from = (length: number) => {
      const start = Math.floor(random() * (count - length + 1));
      return { output, start, end: start + length };
    };
    const span = Math.min(count, 1 + Math.floor(random() * 400));
    return [{ output, start: 0, end: 1 }, { output, start: count - 1, end: count }, from(1), from(span)];
  });
}

/** Asks what is needed, as often as it takes, and computes on just that: any other read throws. */
function recomputeFromNeeded(form: NodeForm, precision: Precision, range: NodeRange): Tensor {
  const types = typesOf(form, precision);
  const known = new Map<number, ReturnType<typeof sparseTensor>>();
  for (let round = 0; round < 3; round++) {
    const { complete, chunks } = inputsFor(types, range, known);
    for (const [position, wanted] of chunks) {
      known.set(position, sparseTensor(must(form.inputs[position]), wanted));
    }
    if (!complete) continue;
    const inputs = form.inputs.map((tensor, position) =>
      tensor && (known.get(position) ?? sparseTensor(tensor, []))
    );
    return recomputeRange({ ...types, ...range, inputs });
  }
  throw new Error(`${form.title} goes on asking for inputs`);
}

function typesOf({ node, opset, inputs, outputs }: NodeForm, precision: Precision) {
  const infos = inputs.map((tensor) => tensor && { dtype: tensor.dtype, shape: tensor.shape });
  return { node, opset, precision, inputs: infos, outputs };
}

/** A product of several groups, and a reduction of several blocks. */
const SUMS: readonly NodeForm[] = [
  formOf({ operator: "MatMul", inputs: [[3, 9000], [9000, 4]] }, "wide", 3),
  formOf({ operator: "Gemm", inputs: [[5000, 3], [5000, 4], [4]], attributes: { transA: 1 } }, "wide", 4),
  formOf({ operator: "Conv", inputs: [[2, 60, 9, 9], [3, 60, 7, 7], [3]] }, "near", 5),
  formOf({ operator: "ConvTranspose", inputs: [[2, 300, 3, 3], [300, 3, 3, 3], [3]] }, "near", 6),
  formOf(
    { operator: "Einsum", inputs: [[3, 50, 60], [50, 60]], attributes: { equation: "abc,bc->a" } },
    "near",
    7,
  ),
  formOf({ operator: "ReduceMean", inputs: [[9000, 3]], attributes: { axes: [0] } }, "wide", 8),
  formOf({ operator: "ReduceL2", inputs: [[3, 9000]], attributes: { axes: [1] } }, "near", 9),
];

Deno.test("an element is the tree over its groups, a group its blocks in order, each computed from the named chunks alone", () => {
  for (const form of SUMS) {
    for (const precision of ["high", "highest"] as const) {
      const types = typesOf(form, precision);
      const structure = must(sumStructure(types));
      const index = elementCount(must(form.outputs[0]).shape) - 2;
      const partOn = (from: number, to: number) => {
        const { chunks } = inputsForTerms({ ...types, index }, from, to);
        const inputs = form.inputs.map((tensor, i) => tensor && sparseTensor(tensor, chunks.get(i) ?? []));
        return { ...types, inputs, index };
      };
      const groups = Float32Array.from({ length: structure.groups }, (_, group) => {
        const first = group * structure.groupBlocks;
        const count = Math.min(structure.groupBlocks, structure.blocks - first);
        const blocks = Float32Array.from({ length: count }, (_, i) => {
          const from = (first + i) * structure.blockTerms;
          return recomputeBlock(
            partOn(from, Math.min(structure.terms, from + structure.blockTerms)),
            first + i,
          );
        });
        const [from, to] = [first * structure.blockTerms, (first + count) * structure.blockTerms];
        const whole = recomputeGroup(partOn(from, Math.min(structure.terms, to)), group);
        assertEquals(combineBlocks(blocks), whole, form.title);
        return whole;
      });
      assert(structure.groups > 1, form.title);
      const total = combineSubtrees({ first: 0, count: structure.groups }, groups);
      const { chunks } = inputsForFinish({ ...types, index });
      const inputs = form.inputs.map((tensor, i) => tensor && sparseTensor(tensor, chunks.get(i) ?? []));
      const element = finishElement({ ...types, inputs, index }, total);
      const range = { output: 0, start: index, end: index + 1 };
      assertEquals(element, recomputeRange({ ...types, ...range, inputs: form.inputs }).data[0], form.title);
    }
  }
});

Deno.test("subtrees of any level combine to the sum over all groups", () => {
  for (const count of [1, 2, 3, 7, 16, 33, 100, 1025]) {
    const groups = Float32Array.from({ length: count }, (_, i) => Math.sin(i * 7) * 10 ** (i % 5));
    const whole = { first: 0, count };
    const total = combineSubtrees(whole, groups);
    for (const ways of [2, 4, 16]) {
      const parts = subtreesOf(whole, ways);
      assert(parts.length <= ways);
      assertEquals(parts.reduce((sum, part) => sum + part.count, 0), count);
      const sums = parts.map((part) =>
        combineSubtrees(part, groups.subarray(part.first, part.first + part.count))
      );
      assertEquals(combineSubtrees(whole, Float32Array.from(sums)), total);
    }
  }
});

Deno.test("a product names the chunks of its rows and columns and no others", () => {
  const form = formOf({ operator: "MatMul", inputs: [[40, 3000], [3000, 50]] }, "wide", 1);
  const needs = inputsFor(typesOf(form, "high"), { output: 0, start: 120, end: 130 });
  // Row 2 of A lies in elements 6000 to 9000: chunk 0 of 16384 elements. Columns 20 to 30 of B touch all of its chunks.
  assertEquals(needs.chunks, new Map([[0, [0]], [1, Array.from({ length: 10 }, (_, i) => i)]]));
  assertEquals(needs.multiplyAdds, 10 * 3000);
});

Deno.test("the indices of a Gather are asked for first, then the rows that they name", () => {
  const [table, indices] = [floats([9000, 64], 1, "near"), Int32Array.of(3, -1, 700)];
  const form = formOf(
    {
      operator: "Gather",
      inputs: [{ tensor: table }, { tensor: { dtype: "int32", shape: [3], data: indices } }],
    },
    "near",
    1,
  );
  const types = typesOf(form, "high");
  const range = { output: 0, start: 64, end: 192 };
  const first = inputsFor(types, range);
  assertEquals([first.complete, [...first.chunks]], [false, [[1, [0]]]]);
  const then = inputsFor(types, range, new Map([[1, must(form.inputs[1])]]));
  // 256 rows of 64 floats in a chunk: row 8999 lies in chunk 35, row 700 in chunk 2.
  assertEquals([then.complete, [...then.chunks]], [true, [[0, [2, 35]], [1, [0]]]]);
});

Deno.test("a plan knows the graph's constants, and says what a range of a node needs", () => {
  const slice = must(ACCESS_CASES.find(({ operator }) => operator === "Slice"));
  const { graph } = build(slice, "near", 1);
  const needs = makePlan(graph, "high").inputsFor(must(graph.nodes[0]), { output: 0, start: 0, end: 300 });
  // The slice takes every second row downward from row 150: the first is elements 45000 to 45300, of chunk 2.
  assertEquals([needs.complete, needs.chunks.get(0)], [true, [2]]);
});

Deno.test("a read outside the chunks given is an error that names the chunk", () => {
  const form = formOf({ operator: "MatMul", inputs: [[40, 3000], [3000, 50]] }, "wide", 1);
  const [a, b] = [must(form.inputs[0]), must(form.inputs[1])];
  const request = { ...typesOf(form, "high"), output: 0, start: 120, end: 130 };
  const attempt = () => recomputeRange({ ...request, inputs: [a, sparseTensor(b, [0, 1, 2, 4, 5])] });
  const error = assertThrows(attempt, ExecutorError, "Chunk 3 of input 1");
  assertEquals(error.code, "missing_chunk");
});

Deno.test("a chunk of the wrong length is refused", () => {
  const form = formOf({ operator: "Relu", inputs: [[50, 700]] }, "near", 1);
  const chunks = new Map([[0, new Uint8Array(64)]]);
  const request = { ...typesOf(form, "high"), output: 0, start: 0, end: 5 };
  const attempt = () =>
    recomputeRange({ ...request, inputs: [{ dtype: "float32", shape: [50, 700], chunks }] });
  assertEquals(assertThrows(attempt, ExecutorError).code, "bad_tensor");
});

Deno.test("a range outside the output is refused", () => {
  const form = formOf({ operator: "Relu", inputs: [[4]] }, "near", 1);
  const attempt = () => inputsFor(typesOf(form, "high"), { output: 0, start: 2, end: 5 });
  assertEquals(assertThrows(attempt, ExecutorError, "do not exist").code, "bad_request");
});
