/**
 * What one arbiter computes for a dispute, as a part of the disputed run: the costliest 64 KiB chunk of a training step, executed alone from
 * the input chunks it takes, against {@link STEPS} steps. In millionths. Argument: TRAINING.
 *
 * @module
 */
import { createEngine } from "../../../executor/engines/create_engine_ort.ts";
import {
  blobSource,
  buildTrainingProgram,
  createLocalExecutor,
  takeBlob,
  tensorBytes,
  type TensorChunks,
} from "../../../executor/mod.ts";
import { CHUNK_BYTES } from "../../../ledger/primitives/mod.ts";
import { ToolError } from "../../errors.ts";
import { TRAININGS } from "../executor/trainings.ts";
import { processorSeconds, secondsOf } from "../repeat.ts";
import { serveContender } from "../serve_contender.ts";
import { STEPS } from "./synthetic_run.ts";

/** For one call on a slow machine. */
const LIMIT_MS = 60_000;

/** Steps over which the time of one is measured. */
const MEASURED_STEPS = 8;

async function open([name = ""]: readonly string[]) {
  const training = TRAININGS[name]?.();
  if (training === undefined) throw new ToolError("failed", `There is no training "${name}".`);
  const engine = await createEngine("repops");
  const { manifestId, blobs } = buildTrainingProgram({
    ...training,
    engine,
    loss: "cross_entropy",
    steps: MEASURED_STEPS,
    segmentSteps: MEASURED_STEPS,
    seed: 1n,
  });
  const executor = createLocalExecutor(engine), limit = () => ({ signal: AbortSignal.timeout(LIMIT_MS) });
  const manifest = takeBlob(blobSource(blobs), manifestId, "the manifest");
  const { id: program, phases: [phase] } = await executor.load({ manifest, blobs }, limit());

  /** The chunk's execution, with just the input chunks that it takes. */
  const chunkExecution = async (node: number, output: number, chunk: number) => {
    const tensors = await executor.nodeInputs({ program, segment: 0, step: 0, node }, limit());
    const inputs: (TensorChunks | null)[] = tensors.map(() => null);
    const request = { program, phase: 0, node, output, chunk };
    for (let complete = false; !complete;) {
      const needs = await executor.chunkNeeds({ ...request, inputs }, limit());
      for (const { input, positions } of needs.chunks) {
        const tensor = tensors[input];
        if (!tensor) continue;
        const bytes = tensorBytes(tensor);
        inputs[input] = positions.map((position) => ({
          position,
          bytes: bytes.slice(position * CHUNK_BYTES, (position + 1) * CHUNK_BYTES),
        }));
      }
      ({ complete } = needs);
    }
    return () => executor.executeChunk({ ...request, inputs }, limit());
  };

  let costliest = { seconds: 0, node: 0, output: 0 };
  for (const [node, { outputs }] of (phase?.nodes ?? []).entries()) {
    for (const output of outputs.keys()) {
      const run = await chunkExecution(node, output, 0); // no later chunk has more elements than the first
      await run(); // the first time also compiles
      const start = processorSeconds();
      await run();
      const seconds = processorSeconds() - start;
      if (seconds > costliest.seconds) costliest = { seconds, node, output };
    }
  }
  const execute = await chunkExecution(costliest.node, costliest.output, 0);
  const train = () => executor.run({ program }, limit());
  await train();
  return {
    sample: async () => {
      const chunk = await secondsOf(execute), step = await secondsOf(train) / MEASURED_STEPS;
      return 1e6 * chunk / (step * STEPS);
    },
    close: () => executor.close(),
  };
}

if (import.meta.main) await serveContender(open);
