/**
 * Training steps of a perceptron, a convolutional net and a language model: the engine has the bits of the reference, and 200 steps
 * have bits that are frozen.
 *
 * @module
 */
import { assert } from "@std/assert/assert.js";
import { assertEquals } from "@std/assert/equals.js";
import type { Tensors } from "../../../executor/engine.ts";
import { createRepopsEngine } from "../../../executor/repops/mod.ts";
import { rootOfTensor, type Tensor } from "../../../executor/tensor.ts";
import { bytesToHex, sha256 } from "../../../ledger/primitives/mod.ts";
import { firstDifference, runReference } from "./reference_run.ts";
import { cnnStep, languageModelStep, mlpStep, type Workload } from "./workloads.ts";

const STEPS = 200;

/** Hash over all parameters after 200 steps, by precision: the same on every machine and backend. */
const FROZEN: Readonly<Record<string, Readonly<Record<"high" | "highest", string>>>> = {
  "MLP step": { high: "0f0f29c8b525b599", highest: "70f3f1eb6558424d" },
  "CNN step": { high: "4d8a1a6f61612472", highest: "8498ac590a8b2bd9" },
  "language model step": { high: "e980e8ed30c09dc0", highest: "28424a7685aa4117" },
};

const WORKLOADS: readonly Workload[] = [
  mlpStep(16, [64, 32, 10]),
  cnnStep(4, 8, [4, 8]),
  languageModelStep({ batch: 2, time: 8, width: 16, heads: 2, layers: 1 }, 11),
];

/** Every `next.x` of the outputs becomes the input `x` of the next step. */
function advance(inputs: Tensors, outputs: Tensors): Tensors {
  const moved = Object.entries(outputs).flatMap(([name, tensor]): [string, Tensor][] =>
    name.startsWith("next.") ? [[name.slice("next.".length), tensor]] : []
  );
  return { ...inputs, ...Object.fromEntries(moved) };
}

for (const workload of WORKLOADS) {
  for (const precision of ["high", "highest"] as const) {
    Deno.test(`a ${workload.name} has the bits of the reference (${precision})`, async () => {
      const engine = await createRepopsEngine({ precision });
      const session = await engine.load(workload.graph);
      const got = await session.run(workload.inputs);
      const wanted = runReference(workload.graph, workload.inputs, precision);
      for (const { name } of workload.graph.outputs) {
        const [a, b] = [got[name], wanted[name]];
        assertEquals(a && b ? firstDifference(a, b) : "missing", undefined, name);
      }
      await session.close();
      await engine.close();
    });

    Deno.test(`${STEPS} steps of a ${workload.name} have frozen bits, and learn (${precision})`, async () => {
      const engine = await createRepopsEngine({ precision });
      const session = await engine.load(workload.graph);
      let inputs = workload.inputs;
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
      const names = Object.keys(inputs).sort();
      const roots = names.flatMap((name) => (inputs[name] ? [rootOfTensor(inputs[name])] : []));
      assertEquals(bytesToHex(sha256(...roots)).slice(0, 16), FROZEN[workload.name]?.[precision]);
    });
  }
}
