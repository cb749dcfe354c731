/**
 * Training on WebGPU: the state after 200 steps has the bits that are frozen, whether it goes through the host at every step or
 * stays on the GPU.
 *
 * @module
 */
import { assertEquals } from "@std/assert/equals.js";
import { createRepopsEngine } from "../../../../executor/repops/mod.ts";
import { advance, carryOf, FROZEN_TRAININGS, hashOf, STEPS } from "../frozen_training.ts";
import { gpu, testOnGpu } from "./adapter.ts";

/** Steps through the host before the state stays on the GPU. */
const THROUGH_HOST = 5;

/** Of `highest` the perceptron alone, since products are all that differs. */
const RUNS = [["high", FROZEN_TRAININGS], ["highest", FROZEN_TRAININGS.slice(0, 1)]] as const;

for (const [precision, trainings] of RUNS) {
  const models = trainings.map(({ name }) => name).join(", ");
  testOnGpu(`${STEPS} steps of ${models} have the frozen bits on WebGPU (${precision})`, async () => {
    const engine = await createRepopsEngine({ precision, backend: "webgpu", gpu });
    for (const { name, graph, inputs, hash } of trainings) {
      const session = await engine.load(graph, carryOf(graph));
      assertEquals(session.backend, "webgpu");
      assertEquals(session.withoutKernel, [], `every node of a ${name} has a shader`);
      const { step } = session;
      if (!step) throw new TypeError("a session on WebGPU has steps");
      let state = inputs;
      for (let i = 0; i < THROUGH_HOST; i++) state = advance(state, await session.run(state));

      const outputs = Object.values(carryOf(graph));
      for (let i = THROUGH_HOST; i < STEPS - 1; i++) {
        await step({ inputs: i === THROUGH_HOST ? state : {}, read: [] });
      }
      assertEquals(
        hashOf(advance(state, await step({ inputs: {}, read: outputs }))),
        hash[precision],
        name,
      );
      await session.close();
    }
    await engine.close();
  });
}
