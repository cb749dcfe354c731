/**
 * One arbitration: a node of a training step executed alone, as an arbiter does it, the program being loaded. Arguments: ENGINE TRAINING.
 * It is the node with the most to compute, by the time it takes.
 *
 * @module
 */
import { createEngine } from "../../../executor/engines/create_engine_ort.ts";
import { blobSource, buildTrainingProgram, createLocalExecutor, takeBlob } from "../../../executor/mod.ts";
import { ToolError } from "../../errors.ts";
import { TRAININGS } from "../executor/trainings.ts";
import { processorSeconds, secondsOf } from "../repeat.ts";
import { serveContender } from "../serve_contender.ts";

/** For one call on a slow machine. */
const LIMIT_MS = 60_000;

async function open([engineName = "", name = ""]: readonly string[]) {
  const training = TRAININGS[name]?.();
  if (training === undefined) throw new ToolError("failed", `There is no training "${name}".`);
  const engine = await createEngine(engineName);
  const { manifestId, blobs } = buildTrainingProgram({
    ...training,
    engine,
    loss: "cross_entropy",
    steps: 1,
    segmentSteps: 1,
    seed: 1n,
  });
  const executor = createLocalExecutor(engine), limit = () => ({ signal: AbortSignal.timeout(LIMIT_MS) });
  const manifest = takeBlob(blobSource(blobs), manifestId, "the manifest");
  const { id: program, phases: [phase] } = await executor.load({ manifest, blobs }, limit());
  const place = { program, segment: 0, step: 0 };
  const execute = async (node: number) => {
    const inputs = await executor.nodeInputs({ ...place, node }, limit());
    return () => executor.executeNode({ program, phase: 0, node, inputs }, limit());
  };
  let slowest = { seconds: 0, node: 0 };
  for (const node of (phase?.nodes ?? []).keys()) {
    const run = await execute(node);
    await run(); // the first time also compiles
    const start = processorSeconds();
    await run();
    const seconds = processorSeconds() - start;
    if (seconds > slowest.seconds) slowest = { seconds, node };
  }
  const run = await execute(slowest.node);
  return {
    sample: async () => 1000 * await secondsOf(run),
    close: () => executor.close(),
  };
}

if (import.meta.main) await serveContender(open);
