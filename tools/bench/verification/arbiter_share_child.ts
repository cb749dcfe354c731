/**
 * What one arbiter does for a dispute, as a part of the disputed run: a 64 KiB chunk of a training step, against {@link STEPS} steps. In millionths.
 * Arguments: TRAINING, then `costliest` or `median`: which of all chunks of the step's nodes; or `execution`: the costliest without hashes.
 *
 * Counted is all that it computes: which input chunks the chunk takes, their hashes, by which they are checked, and the execution.
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
import { devParams } from "../../../ledger/chain/mod.ts";
import { descendsChunk } from "../../../ledger/disputes/mod.ts";
import { blobRoot, CHUNK_BYTES } from "../../../ledger/primitives/mod.ts";
import { ToolError } from "../../errors.ts";
import { TRAININGS } from "../executor/trainings.ts";
import { processorSeconds, secondsOf } from "../repeat.ts";
import { serveContender } from "../serve_contender.ts";
import { STEPS } from "./synthetic_run.ts";

/** For one call on a slow machine. */
const LIMIT_MS = 300_000;

/** Steps over which the time of one is measured. */
const MEASURED_STEPS = 2;

/** Of the chunks that took longest so many are timed again, as each was timed but once. */
const CANDIDATES = 5;

/** Times a chunk is executed before it is timed: the host compiles what runs often. */
const WARM_RUNS = 3;

/** One chunk of one output, and for how many of the step's nodes it stands. */
interface ChunkUnit {
  readonly seconds: number;
  readonly nodes: number;
  readonly arbitrate: () => Promise<unknown>;
}

async function open([name = "", which = ""]: readonly string[]) {
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

  /** The arbitration of an output's first chunk: no later one has more elements. */
  const arbitration = async (node: number, output: number) => {
    const tensors = await executor.nodeInputs({ program, segment: 0, step: 0, node }, limit());
    const request = { program, phase: 0, node, output, chunk: 0 };
    return async () => {
      const inputs: (TensorChunks | null)[] = tensors.map(() => null);
      for (let complete = false; !complete;) {
        const needs = await executor.chunkNeeds({ ...request, inputs }, limit());
        for (const { input, positions } of needs.chunks) {
          const tensor = tensors[input];
          if (!tensor) continue;
          const whole = tensorBytes(tensor);
          inputs[input] = positions.map((position) => {
            const bytes = whole.subarray(position * CHUNK_BYTES, (position + 1) * CHUNK_BYTES);
            if (which !== "execution") blobRoot(bytes);
            return { position, bytes };
          });
        }
        ({ complete } = needs);
      }
      return await executor.executeChunk({ ...request, inputs }, limit());
    };
  };

  const nodes = phase?.nodes ?? [], units = new Map<string, ChunkUnit>();
  for (const [node, descriptor] of nodes.entries()) {
    for (const [output, { shape }] of descriptor.outputs.entries()) {
      // Dearer ones are taken apart, down to a few hundred terms.
      if (shape.includes(0) || descendsChunk(descriptor, { output, chunk: 0 }, devParams())) continue;
      const shapes = descriptor.outputs.map((info) => info.shape);
      const key = JSON.stringify([phase?.labels[node]?.operator, shapes, output, descriptor.sum?.terms]);
      const known = units.get(key);
      if (known) {
        units.set(key, { ...known, nodes: known.nodes + 1 });
        continue;
      }
      const arbitrate = await arbitration(node, output);
      for (let i = 0; i < WARM_RUNS; i++) await arbitrate();
      const start = processorSeconds();
      await arbitrate();
      units.set(key, { seconds: processorSeconds() - start, nodes: 1, arbitrate });
    }
  }
  const ranked = [...units.values()].sort((a, b) => b.seconds - a.seconds);
  const train = () => executor.run({ program }, limit());
  await train();
  return {
    sample: async () => {
      const chosen = which === "median" ? [median(ranked)] : ranked.slice(0, CANDIDATES);
      const seconds: number[] = [];
      for (const { arbitrate } of chosen) seconds.push(await secondsOf(arbitrate));
      const start = processorSeconds();
      await train();
      const step = (processorSeconds() - start) / MEASURED_STEPS;
      return 1e6 * Math.max(...seconds) / (step * STEPS);
    },
    close: () => executor.close(),
  };
}

/** The unit that as many nodes' chunks are dearer as cheaper than. */
function median(ranked: readonly ChunkUnit[]): ChunkUnit {
  let left = ranked.reduce((sum, { nodes }) => sum + nodes, 0) / 2;
  for (const unit of ranked) {
    left -= unit.nodes;
    if (left <= 0) return unit;
  }
  throw new ToolError("failed", "The step has no chunks.");
}

if (import.meta.main) await serveContender(open);
