/**
 * The shaders have the bits of the WebAssembly kernels: every operator in several forms, on ordinary and extreme values, and random
 * products and convolutions.
 *
 * @module
 */
import { assertEquals } from "@std/assert/equals.js";
import { createRepopsEngine, type RepopsEngine } from "../../../../executor/repops/mod.ts";
import { build, type Case, CASES, title } from "../kernel_cases.ts";
import { type FloatKind, randomNumbers } from "../random_values.ts";
import { firstDifference } from "../reference_run.ts";
import { claiming, gpu, testOnGpu } from "./adapter.ts";

/** Where the backends differ on a case, and what ran on the host. */
async function compare(
  onGpu: RepopsEngine,
  onWasm: RepopsEngine,
  each: Case,
  kind: FloatKind,
  seed: number,
): Promise<{ readonly difference: string | undefined; readonly withoutKernel: readonly string[] }> {
  const { graph, tensors } = build(each, kind, seed + 1);
  const [ours, theirs] = [await onGpu.load(graph), await onWasm.load(graph)];
  const [got, wanted] = [await ours.run(tensors), await theirs.run(tensors)];
  await ours.close();
  await theirs.close();
  const differences = graph.outputs.flatMap(({ name }) => {
    const [a, b] = [got[name], wanted[name]];
    const difference = a && b ? firstDifference(a, b) : "an output is missing";
    return difference ? [`${title(each)} on ${kind}: ${name}: ${difference}`] : [];
  });
  return { difference: differences[0], withoutKernel: ours.withoutKernel };
}

/** A convolution or product of random geometry. */
function randomCase(seed: number): Case {
  const random = randomNumbers(seed);
  const upTo = (most: number) => 1 + Math.floor(random() * most);
  if (seed % 2 === 0) {
    const [rows, inner, columns, transA, transB] = [upTo(40), upTo(2600), upTo(40), upTo(2) - 1, upTo(2) - 1];
    return {
      operator: "Gemm",
      inputs: [transA ? [inner, rows] : [rows, inner], transB ? [columns, inner] : [inner, columns], [
        columns,
      ]],
      attributes: { transA, transB },
    };
  }
  const [group, channels, out, height] = [upTo(3), upTo(3), upTo(3), 4 + upTo(8)];
  return {
    operator: seed % 4 === 1 ? "Conv" : "ConvTranspose",
    inputs: [
      [upTo(3), channels * group, height, height + 2],
      seed % 4 === 1 ? [out * group, channels, upTo(3), upTo(3)] : [channels * group, out, upTo(3), upTo(3)],
      [out * group],
    ],
    attributes: {
      group,
      strides: [upTo(3), upTo(3)],
      dilations: [upTo(2), upTo(2)],
      pads: seed % 4 === 1 ? [upTo(2), 0, 1, upTo(2)] : [0, 0, 0, 0],
    },
  };
}

/** What has no shader in any of its forms here. */
const LEFT_TO_HOST: readonly string[] = [];

const isProduct = ({ operator }: Case) => ["MatMul", "Gemm", "Conv", "ConvTranspose"].includes(operator);

for (const precision of ["high", "highest"] as const) {
  testOnGpu(`shaders have the bits of the kernels in every form, precision ${precision}`, async () => {
    const onGpu = await createRepopsEngine({ precision, backend: "webgpu", gpu });
    const onWasm = await createRepopsEngine({ precision });
    const failures: string[] = [];
    const onHost = new Set<string>();
    // Elementwise operators do not depend on the precision.
    const cases = precision === "high" ? CASES : CASES.filter(isProduct);
    for (const [index, each] of cases.entries()) {
      for (const kind of ["wide", "cancel"] as const) {
        const { difference, withoutKernel } = await compare(onGpu, onWasm, each, kind, index);
        if (difference) failures.push(difference);
        withoutKernel.forEach((operator) => onHost.add(operator));
      }
    }
    for (let seed = 0; seed < 24; seed++) {
      const { difference } = await compare(onGpu, onWasm, randomCase(seed), seed % 3 ? "wide" : "bits", seed);
      if (difference) failures.push(difference);
    }
    await onGpu.close();
    await onWasm.close();
    assertEquals(failures, []);
    if (precision === "high") assertEquals([...onHost].sort(), LEFT_TO_HOST);
  });
}

/** What is shaped by the kind of adapter: products, and what goes along rows. */
const isShaped = (each: Case) => isProduct(each) || /Reduce|oftmax|Norm|Global/.test(each.operator);

for (const isSoftware of [true, false]) {
  const kind = isSoftware ? "software" : "hardware";
  testOnGpu(`products and rows shaped for ${kind} have the bits of the kernels`, async () => {
    const onGpu = await createRepopsEngine({ backend: "webgpu", gpu: claiming({ isSoftware }) });
    const onWasm = await createRepopsEngine();
    const failures: string[] = [];
    const random = Array.from({ length: 24 }, (_, seed) => randomCase(seed));
    for (const [seed, each] of [...CASES.filter(isShaped), ...random].entries()) {
      const { difference } = await compare(onGpu, onWasm, each, seed % 2 ? "bits" : "cancel", seed);
      if (difference) failures.push(difference);
    }
    await onGpu.close();
    await onWasm.close();
    assertEquals(failures, []);
  });
}
