/**
 * One judgement of a claimed integer product of 1024 x 1024 x 1024, as a challenger or an arbiter makes it of a program that is judged within a bound:
 * screened, or computed again by the engine. Argument: `screened` or `computed`. In milliseconds.
 *
 * @module
 */
import { createEngine } from "../../../executor/engines/create_engine_ort.ts";
import {
  blobSource,
  buildInferenceProgram,
  createLocalExecutor,
  GraphBuilder,
  takeBlob,
  type Tensor,
} from "../../../executor/mod.ts";
import { ToolError } from "../../errors.ts";
import { secondsOf } from "../repeat.ts";
import { serveContender } from "../serve_contender.ts";

/** Rows of a batch, terms of a sum, and columns. */
const SIZE = 1024;

/** For one call on a slow machine. */
const LIMIT_MS = 60_000;

/** Bytes without pattern: the high ones of a linear congruential generator. */
function matrix(seed: number): Tensor {
  let state = seed;
  const data = Uint8Array.from({ length: SIZE * SIZE }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 24;
  });
  return { dtype: "uint8", shape: [SIZE, SIZE], data };
}

async function open([how = ""]: readonly string[]) {
  const engine = await createEngine("ort", { backend: "wasm" });
  const executor = createLocalExecutor(engine), limit = () => ({ signal: AbortSignal.timeout(LIMIT_MS) });
  const builder = new GraphBuilder();
  const x = builder.input("x", "uint8", [SIZE, SIZE]);
  builder.output(builder.add("MatMulInteger", [x, builder.constant(matrix(1), "weights")]), "y");
  const { manifestId, blobs } = buildInferenceProgram({
    engine,
    model: builder.finish(),
    inputs: { x: "x" },
    data: [{ name: "x", tensor: matrix(2) }],
    batchSize: SIZE,
    segmentSteps: 1,
  });
  const manifest = takeBlob(blobSource(blobs), manifestId, "the manifest");
  const { id: program, phases: [phase] } = await executor.load({ manifest, blobs }, limit());
  const node = phase?.labels.findIndex(({ operator }) => operator === "MatMulInteger") ?? -1;
  const inputs = await executor.nodeInputs({ program, segment: 0, step: 0, node }, limit());
  const request = { program, phase: 0, node, inputs };
  const claimed = await executor.executeNode(request, limit());
  if (claimed.length !== 1) throw new ToolError("failed", "The program has no integer product.");
  const secret = how === "screened" ? { secret: new Uint8Array(32).fill(7) } : {};
  return {
    sample: async () =>
      1000 * await secondsOf(() => executor.executeNode({ ...request, claimed, ...secret }, limit())),
    close: () => executor.close(),
  };
}

if (import.meta.main) await serveContender(open);
