/**
 * Training steps of a perceptron, a convolutional net and a language model: the engine has the bits of the reference, and 200 steps
 * have bits that are frozen.
 *
 * @module
 */
import { assert } from "@std/assert/assert.js";
import { assertEquals } from "@std/assert/equals.js";
import { createRepopsEngine } from "../../../executor/repops/mod.ts";
import { advance, FROZEN_TRAININGS, hashOf, STEPS } from "./frozen_training.ts";
import { firstDifference, runReference } from "./reference_run.ts";

for (const training of FROZEN_TRAININGS) {
  for (const precision of ["high", "highest"] as const) {
    Deno.test(`a ${training.name} has the bits of the reference (${precision})`, async () => {
      const engine = await createRepopsEngine({ precision });
      const session = await engine.load(training.graph);
      const got = await session.run(training.inputs);
      const wanted = runReference(training.graph, training.inputs, precision);
      for (const { name } of training.graph.outputs) {
        const [a, b] = [got[name], wanted[name]];
        assertEquals(a && b ? firstDifference(a, b) : "missing", undefined, name);
      }
      await session.close();
      await engine.close();
    });

    Deno.test(`${STEPS} steps of a ${training.name} have frozen bits, and learn (${precision})`, async () => {
      const engine = await createRepopsEngine({ precision });
      const session = await engine.load(training.graph);
      let inputs = training.inputs;
      const losses: number[] = [];
      for (let step = 0; step < STEPS; step++) {
        const outputs = await session.run(inputs);
        losses.push(Number(outputs["loss"]?.data[0]));
        inputs = advance(inputs, outputs);
      }
      await session.close();
      await engine.close();
      const [first = 0, last = 0] = [losses[0], losses.at(-1)];
      assert(last < first * 0.7, `the loss went from ${first} to ${last}`);
      assertEquals(hashOf(inputs), training.hash[precision]);
    });
  }
}
