/**
 * A whole training run through the executor, committed at the default interval, as a provider does it. Arguments: ENGINE TRAINING.
 *
 * @module
 */
import { createEngine } from "../../../executor/engines/create_engine_ort.ts";
import { blobSource, buildTrainingProgram, createLocalExecutor, takeBlob } from "../../../executor/mod.ts";
import { ToolError } from "../../errors.ts";
import { processorSeconds } from "../repeat.ts";
import { serveContender } from "../serve_contender.ts";
import { TRAININGS } from "./trainings.ts";

/** Steps of one run, and how many lie between two commitments by default. */
const STEPS = 40, DEFAULT_INTERVAL = 20;

/** For one run on a slow machine. */
const LIMIT_MS = 60_000;

async function open([engineName = "", name = ""]: readonly string[]) {
  const training = TRAININGS[name]?.();
  if (training === undefined) throw new ToolError("failed", `There is no training "${name}".`);
  const engine = await createEngine(engineName);
  const { manifestId, blobs } = buildTrainingProgram({
    ...training,
    engine,
    loss: "cross_entropy",
    steps: STEPS,
    segmentSteps: DEFAULT_INTERVAL,
    seed: 1n,
  });
  const executor = createLocalExecutor(engine);
  const limit = () => ({ signal: AbortSignal.timeout(LIMIT_MS) });
  const manifest = takeBlob(blobSource(blobs), manifestId, "the manifest");
  const { id } = await executor.load({ manifest, blobs }, limit());
  return {
    sample: async () => {
      const start = processorSeconds();
      await executor.run({ program: id }, limit());
      return STEPS / (processorSeconds() - start);
    },
    close: () => executor.close(),
  };
}

if (import.meta.main) await serveContender(open);
