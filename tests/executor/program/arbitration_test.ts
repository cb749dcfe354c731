/** What an arbiter does: every node of a training step, executed alone from its inputs, has the bits that it had within the step. */
import { assertEquals } from "@std/assert/equals.js";
import { createOrtStrict } from "../../../executor/engines/ort_strict_ort.ts";
import {
  buildTrainingProgram,
  createLocalExecutor,
  type NamedTensor,
  rootOfTensor,
  type TypedGraph,
} from "../../../executor/mod.ts";
import { bytesToHex } from "../../../ledger/primitives/mod.ts";
import { cnn, languageModel, uniform } from "../models.ts";

const ROWS = 8;
const draw = uniform(5);
const CASES: readonly { model: TypedGraph; input: string; data: readonly NamedTensor[] }[] = [
  {
    model: cnn(4),
    input: "x",
    data: [
      {
        name: "x",
        tensor: {
          dtype: "float32",
          shape: [ROWS, 1, 8, 8],
          data: Float32Array.from({ length: ROWS * 64 }, draw),
        },
      },
      {
        name: "y",
        tensor: { dtype: "uint8", shape: [ROWS], data: Uint8Array.from({ length: ROWS }, (_, i) => i % 10) },
      },
    ],
  },
  {
    model: languageModel(4),
    input: "ids",
    data: ["x", "y"].map((name, k) => ({
      name,
      tensor: {
        dtype: "int64",
        shape: [ROWS, 5],
        data: BigInt64Array.from({ length: ROWS * 5 }, (_, i) => BigInt((i * 3 + k) % 7)),
      },
    })),
  },
];

for (const { model, input, data } of CASES) {
  Deno.test(`every node of a training step of the ${model.name} can be arbitrated alone`, async () => {
    const engine = await createOrtStrict();
    const executor = createLocalExecutor(engine);
    const options = { signal: AbortSignal.timeout(60_000) };
    try {
      const built = buildTrainingProgram({
        engine,
        model,
        batchSize: 4,
        inputs: { [input]: "x" },
        labels: "y",
        data,
        loss: "cross_entropy",
        optimizer: { kind: "adamw", learningRate: 0.01 },
        schedule: { kind: "linear", warmupSteps: 1, totalSteps: 4 },
        steps: 2,
        segmentSteps: 2,
        seed: 1n,
      });
      const manifest = built.blobs.find(({ id }) => bytesToHex(id) === bytesToHex(built.manifestId))?.bytes ??
        new Uint8Array();
      const { id: program } = await executor.load({ manifest, blobs: built.blobs }, options);
      await executor.run({ program }, options);
      const step = { program, segment: 0, step: 1 };
      const { nodes } = await executor.trace(step, options);
      const differing: number[] = [];
      for (const { node, outputs } of nodes) {
        const inputs = await executor.nodeInputs({ ...step, node }, options);
        const alone = await executor.executeNode({ program, phase: 0, node, inputs }, options);
        if (String(alone.map(rootOfTensor)) !== String(outputs)) differing.push(node);
      }
      assertEquals(differing, []);
      assertEquals(nodes.length, built.program.phases[0]?.nodes);
    } finally {
      await executor.close();
      await engine.close();
    }
  });
}
