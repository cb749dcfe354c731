/**
 * Training on WebGPU: the state after many steps has the bits that it has on WebAssembly, whether it goes through the host at every step
 * or stays on the GPU.
 *
 * @module
 */
import { assertEquals } from "@std/assert/equals.js";
import type { Tensors } from "../../../../executor/engine.ts";
import { createRepopsEngine } from "../../../../executor/repops/mod.ts";
import { rootOfTensor, type Tensor } from "../../../../executor/tensor.ts";
import { bytesToHex } from "../../../../ledger/primitives/mod.ts";
import { cnnStep, mlpStep, type Workload } from "../workloads.ts";
import { gpu, testOnGpu } from "./adapter.ts";

/** Enough for a difference of one bit in any kernel to spread over the state. */
const STEPS = 20;

/** Every `next.x` of the outputs becomes the input `x` of the next step. */
const inputOf = (output: string) => output.slice("next.".length);

function advance(inputs: Tensors, outputs: Tensors): Tensors {
  const moved = Object.entries(outputs).flatMap(([name, tensor]): [string, Tensor][] =>
    name.startsWith("next.") ? [[inputOf(name), tensor]] : []
  );
  return { ...inputs, ...Object.fromEntries(moved) };
}

const rootsOf = (outputs: Tensors) =>
  Object.fromEntries(
    Object.entries(outputs).map(([name, tensor]) => [name, bytesToHex(rootOfTensor(tensor))]),
  );

/** Roots of all outputs of the last step on WebAssembly. */
async function expectedRoots({ graph, inputs }: Workload): Promise<Record<string, string>> {
  const engine = await createRepopsEngine();
  const session = await engine.load(graph);
  let outputs: Tensors = {};
  for (let step = 0, state = inputs; step < STEPS; step++) {
    outputs = await session.run(state);
    state = advance(state, outputs);
  }
  await session.close();
  await engine.close();
  return rootsOf(outputs);
}

for (const workload of [mlpStep(16, [64, 32, 10]), cnnStep(4, 8, [4, 8])]) {
  testOnGpu(`${STEPS} steps of a ${workload.name} have the same state hash on both backends`, async () => {
    const expected = await expectedRoots(workload);
    const engine = await createRepopsEngine({ backend: "webgpu", gpu });
    const session = await engine.load(workload.graph);
    assertEquals(session.backend, "webgpu");
    assertEquals(session.withoutKernel, [], "every node has a shader");
    let outputs: Tensors = {};
    for (let step = 0, state = workload.inputs; step < STEPS; step++) {
      outputs = await session.run(state);
      state = advance(state, outputs);
    }
    assertEquals(rootsOf(outputs), expected);

    const { step } = session;
    if (!step) throw new TypeError("a session on WebGPU has steps");
    const names = workload.graph.outputs.map(({ name }) => name);
    const states = names.filter((name) => name.startsWith("next."));
    const carry = Object.fromEntries(states.map((name) => [name, inputOf(name)]));
    for (let i = 0; i < STEPS - 1; i++) {
      await step({ inputs: i === 0 ? workload.inputs : {}, carry, read: [] });
    }
    assertEquals(rootsOf(await step({ inputs: {}, carry, read: names })), expected, "state kept on the GPU");
    await session.close();
    await engine.close();
  });
}
