/**
 * A training run as a provider does it, from loading to its sealed commitment with the openings of some segments; or its bare steps, which nothing
 * commits to. Arguments: TRAINING, then `proven` or `bare`. Figures are milliseconds of a step.
 *
 * @module
 */
import { createEngine } from "../../../executor/engines/create_engine_ort.ts";
import { blobSource, buildTrainingProgram, createLocalExecutor, takeBlob } from "../../../executor/mod.ts";
import { openSegments, saltedRunRoot } from "../../../ledger/primitives/mod.ts";
import { ToolError } from "../../errors.ts";
import { TRAININGS } from "../executor/trainings.ts";
import { secondsOf } from "../repeat.ts";
import { serveContender } from "../serve_contender.ts";
import { SEED } from "./synthetic_run.ts";

/** Steps of one run, and how many lie between two commitments by default. */
const STEPS = 40, DEFAULT_INTERVAL = 20;

/** For one run on a slow machine. */
const LIMIT_MS = 60_000;

async function open([name = "", mode = ""]: readonly string[]) {
  const training = TRAININGS[name]?.();
  if (training === undefined) throw new ToolError("failed", `There is no training "${name}".`);
  const engine = await createEngine("repops");
  const { manifestId, blobs } = buildTrainingProgram({
    ...training,
    engine,
    loss: "cross_entropy",
    steps: STEPS,
    segmentSteps: DEFAULT_INTERVAL,
    seed: 1n,
  });
  const executor = createLocalExecutor(engine), limit = () => ({ signal: AbortSignal.timeout(LIMIT_MS) });
  const manifest = takeBlob(blobSource(blobs), manifestId, "the manifest");
  const { id: program } = await executor.load({ manifest, blobs }, limit());
  const proven = async () => {
    const { segmentRoots } = await executor.run({ program }, limit());
    saltedRunRoot(SEED, segmentRoots);
    openSegments(SEED, segmentRoots, [0, segmentRoots.length - 1]);
  };
  const run = mode === "proven" ? proven : () => executor.rehearse({ program, steps: STEPS }, limit());
  return {
    sample: async () => 1000 * await secondsOf(run) / STEPS,
    close: () => executor.close(),
  };
}

if (import.meta.main) await serveContender(open);
