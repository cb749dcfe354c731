/**
 * Parts on the kernels: a range of an output, computed from the named chunks alone by nodes on parts of the inputs, has the reference's bits.
 *
 * @module
 */
import { assert } from "@std/assert/assert.js";
import { assertEquals } from "@std/assert/equals.js";
import { assertRejects } from "@std/assert/rejects.js";
import { ExecutorError } from "../../../executor/errors.ts";
import {
  type KnownInputs,
  type NodeRange,
  recomputeRange,
  type RecomputeRequest,
  sparseTensor,
} from "../../../executor/repops/mod.ts";
import { computePart, coversOf, needsOfPlan, planPart } from "../../../executor/repops/parts/mod.ts";
import {
  compileKernels,
  createMachinePool,
  type MachinePool,
  startMachine,
} from "../../../executor/repops/wasm/mod.ts";
import { elementCount, tensorBytes } from "../../../executor/tensor.ts";
import { must } from "../must.ts";
import { ACCESS_CASES, formOf, hasNode, type NodeForm, OWN_FORMS } from "./access_cases.ts";
import { truths } from "./kernel_case.ts";
import { CASES, KINDS } from "./kernel_cases.ts";
import { randomNumbers } from "./random_values.ts";

/** Forms with several chunks in their inputs, several rows or batches in a range, and broadcasts on each side. */
const LARGE: readonly NodeForm[] = [
  formOf({ operator: "MatMul", inputs: [[300, 200], [200, 250]] }, "wide", 1),
  formOf({ operator: "MatMul", inputs: [[3, 1, 40, 30], [5, 30, 60]] }, "near", 2),
  formOf({ operator: "MatMul", inputs: [[2, 300], [300, 9000]] }, "near", 3),
  formOf(
    { operator: "Gemm", inputs: [[400, 90], [130, 400], [90, 1]], attributes: { transA: 1, transB: 1 } },
    "near",
    4,
  ),
  formOf({ operator: "Gemm", inputs: [[90, 400], [400, 130], [130]] }, "wide", 5),
  formOf(
    {
      operator: "Conv",
      inputs: [[3, 4, 40, 41], [6, 4, 3, 5], [6]],
      attributes: { pads: [1, 2, 1, 2], strides: [2, 1] },
    },
    "near",
    6,
  ),
  formOf(
    { operator: "Conv", inputs: [[2, 3, 50, 30], [4, 3, 3, 3]], attributes: { dilations: [3, 2] } },
    "near",
    7,
  ),
  formOf({ operator: "Add", inputs: [[20, 1, 70], [60, 1]] }, "wide", 8),
  formOf({ operator: "Mul", inputs: [[40, 700], [700]] }, "wide", 9),
  formOf({ operator: "Where", inputs: [truths([40, 1], 3), [40, 700], [700]] }, "near", 10),
  formOf({ operator: "Softmax", inputs: [[90, 400]], attributes: { axis: -1 } }, "near", 11),
  formOf({ operator: "LayerNormalization", inputs: [[9, 10, 400], [400], [400]] }, "near", 12),
  formOf(
    { operator: "ReduceSum", inputs: [[60, 50, 20]], attributes: { axes: [1], keepdims: 0 } },
    "wide",
    13,
  ),
  formOf({ operator: "ReduceMax", inputs: [[60, 50, 20]], attributes: { axes: [0, 2] } }, "wide", 14),
  formOf({ operator: "Transpose", inputs: [[30, 40, 50]], attributes: { perm: [2, 0, 1] } }, "wide", 15),
];

const FORMS: readonly NodeForm[] = [
  ...[...CASES, ...ACCESS_CASES].filter(hasNode).map((each, i) =>
    formOf(each, must(KINDS[i % KINDS.length]), i + 1)
  ),
  ...OWN_FORMS,
  ...LARGE,
];

/** Operators that arbiters meet at every step of a training: each must have a rule. */
const FAST = [
  "MatMul",
  "Gemm",
  "Conv",
  "Add",
  "Relu",
  "Softmax",
  "LayerNormalization",
  "ReduceSum",
  "Transpose",
  "EmbeddingGradient",
  "MatMulInteger",
  "QLinearMatMul",
];

async function machines(): Promise<MachinePool> {
  const module = await compileKernels(false);
  return createMachinePool(() => startMachine(module, undefined));
}

function typesOf({ node, opset, inputs, outputs }: NodeForm, precision: "high" | "highest") {
  const infos = inputs.map((tensor) => tensor && { dtype: tensor.dtype, shape: tensor.shape });
  return { node, opset, precision, inputs: infos, outputs };
}

/** Ranges of the first output: its ends, an element, some, and most of it. */
function rangesOf({ outputs }: NodeForm, random: () => number): readonly NodeRange[] {
  const count = elementCount(must(outputs[0]).shape);
  const from = (length: number) => {
    const start = Math.floor(random() * (count - length + 1));
    return { output: 0, start, end: start + length };
  };
  const some = Math.min(count, 1 + Math.floor(random() * 400)),
    most = Math.ceil(Math.min(count * 0.7, 16384));
  return count === 0 ? [] : [{ output: 0, start: 0, end: 1 }, from(1), from(some), from(most)];
}

/** What the named chunks are; `undefined` where there is no rule. */
function neededOf(
  form: NodeForm,
  precision: "high" | "highest",
  range: NodeRange,
): RecomputeRequest | undefined {
  const types = typesOf(form, precision), known = new Map<number, ReturnType<typeof sparseTensor>>();
  // Constant shapes and axes are known from the start, as they are in programs.
  const constants: KnownInputs = new Map(
    [...form.inputs.entries()].flatMap(([i, tensor]) =>
      tensor && i > 0 && tensor.dtype === "int64" ? [[i, tensor]] : []
    ),
  );
  for (let round = 0; round < 3; round++) {
    const plan = planPart(types, range, new Map([...constants, ...known]));
    if (plan === undefined) return undefined;
    const { complete, chunks } = needsOfPlan(types, plan);
    for (const [position, wanted] of chunks) {
      known.set(position, sparseTensor(must(form.inputs[position]), wanted));
    }
    if (!complete) continue;
    const inputs = form.inputs.map((tensor, i) =>
      tensor && (constants.get(i) ?? known.get(i) ?? sparseTensor(tensor, []))
    );
    return { ...types, ...range, inputs };
  }
  throw new Error(`${form.title} goes on asking for inputs`);
}

for (const precision of ["high", "highest"] as const) {
  Deno.test(`a part on the kernels has the bits of the reference, from the chunks it named, precision ${precision}`, async () => {
    const pool = await machines(), failures: string[] = [], met = new Set<string>();
    for (const [i, form] of FORMS.entries()) {
      for (const range of rangesOf(form, randomNumbers((precision === "high" ? 1000 : 2000) + i))) {
        const request = neededOf(form, precision, range);
        if (request === undefined) continue;
        met.add(form.node.operator);
        const part = await computePart(pool, request);
        // The reference on the same chunks: it takes the place of the kernels where their memory is too short.
        const wanted = recomputeRange(request);
        if (part === undefined || String(tensorBytes(part)) !== String(tensorBytes(wanted))) {
          failures.push(`${form.title}, elements ${range.start} to ${range.end}`);
        }
      }
    }
    pool.close();
    assertEquals(failures, []);
    assertEquals(FAST.filter((operator) => !met.has(operator)), []);
  });
}

Deno.test("covers hold every element of a range once, in order, and at most half as many more", () => {
  const random = randomNumbers(7), below = (limit: number) => Math.floor(random() * limit);
  for (let round = 0; round < 500; round++) {
    const shape = Array.from({ length: 1 + below(4) }, () => 1 + below(9)), count = elementCount(shape);
    const start = below(count), end = start + 1 + below(count - start);
    let [next, held] = [start, 0];
    for (const { starts, sizes, from, count: wanted } of coversOf(shape, { start, end })) {
      const first = starts.reduce((sum, at, axis) => sum * must(shape[axis]) + at, 0);
      assertEquals(first + from, next);
      next += wanted;
      held += elementCount(sizes);
    }
    assertEquals(next, end);
    assert(held <= 1.5 * (end - start));
  }
});

Deno.test("a part refuses to be computed without a chunk that it named, or from one of another length", async () => {
  const form = must(LARGE[0]), pool = await machines();
  const request = must(neededOf(form, "high", { output: 0, start: 60_000, end: 61_000 }));
  const b = must(form.inputs[1]), chunk = new Map([[0, new Uint8Array(16)]]);
  const codeOf = async (right: RecomputeRequest["inputs"][number]) => {
    const attempt = () => computePart(pool, { ...request, inputs: [request.inputs[0], right] });
    return (await assertRejects(attempt, ExecutorError)).code;
  };
  assertEquals(await codeOf(sparseTensor(b, [0, 1])), "missing_chunk");
  assertEquals(await codeOf({ dtype: b.dtype, shape: b.shape, chunks: chunk }), "bad_tensor");
  pool.close();
});
