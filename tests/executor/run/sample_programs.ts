/** Programs small enough to reason about: a regression trained by hand-written gradients, then applied to its own data. */
import { createOrtStrict } from "../../../executor/engines/ort_strict_ort.ts";
import type { Engine } from "../../../executor/engine.ts";
import { GraphBuilder } from "../../../executor/onnx/mod.ts";
import {
  blobSource,
  buildProgram,
  type BuiltProgram,
  type OpenedProgram,
  openProgram,
  type StepGraph,
} from "../../../executor/program/mod.ts";
import {
  type Claim,
  createProgramRunner,
  programInputs,
  type ProgramRunner,
} from "../../../executor/run/mod.ts";
import type { Tensor } from "../../../executor/tensor.ts";
import { noise } from "../engines/sample_graphs.ts";

export const ROWS = 24, WIDTH = 5, BATCH = 4;

/** w' = w - 0.01 * x^T (x w - y), seen' = seen + 1; `frozen` passes unchanged. */
function trainingStep(): StepGraph {
  const builder = new GraphBuilder({ name: "regress" });
  const w = builder.input("state.w", "float32", [WIDTH, 1]);
  builder.input("state.frozen", "float32", [7]);
  const seen = builder.input("state.seen", "int64", []);
  builder.input("state.loss", "float32", []);
  const batch = builder.input("batch", "int64", [BATCH]);
  const x = builder.add(
    "Gather",
    [builder.input("data.x", "float32", [ROWS, WIDTH]), batch],
    { axis: 0 },
    "x",
  );
  const y = builder.add("Gather", [builder.input("data.y", "float32", [ROWS, 1]), batch], {}, "y");
  const error = builder.add("Sub", [builder.add("MatMul", [x, w]), y]);
  const gradient = builder.add("MatMul", [builder.add("Transpose", [x], { perm: [1, 0] }), error]);
  builder.output(builder.add("Sub", [w, builder.add("Mul", [gradient, builder.float(0.01)])]), "next.w");
  builder.output(builder.add("Add", [seen, builder.int(1)]), "next.seen");
  builder.output(
    builder.add("ReduceMean", [builder.add("Mul", [error, error])], { keepdims: 0 }),
    "next.loss",
  );
  return { mode: "carry", graph: builder.finish() };
}

/** The prediction of a batch of rows in order. */
function inferenceStep(): StepGraph {
  const builder = new GraphBuilder({ name: "predict" });
  const batch = builder.input("batch", "int64", [6]);
  const x = builder.add("Gather", [builder.input("data.x", "float32", [ROWS, WIDTH]), batch], { axis: 0 });
  builder.output(builder.add("MatMul", [x, builder.input("state.w", "float32", [WIDTH, 1])]), "output.y");
  return { mode: "map", graph: builder.finish() };
}

/** 10 steps of training in segments of 4, 4 and 2, then 4 batches of inference in segments of 3 and 1. */
export function regression(engine: Pick<Engine, "name" | "kernelHash">): BuiltProgram {
  const scalar = (value: number): Tensor => ({ dtype: "float32", shape: [], data: Float32Array.of(value) });
  return buildProgram({
    engine,
    state: [
      { name: "w", tensor: noise([WIDTH, 1], 1) },
      { name: "frozen", tensor: noise([7], 2) },
      { name: "seen", tensor: { dtype: "int64", shape: [], data: BigInt64Array.of(0n) } },
      { name: "loss", tensor: scalar(0) },
    ],
    data: [{ name: "x", tensor: scaled(noise([ROWS, WIDTH], 3), 0.1) }, {
      name: "y",
      tensor: noise([ROWS, 1], 4),
    }],
    phases: [
      { step: trainingStep(), steps: 10, segmentSteps: 4, batch: { rows: ROWS, size: BATCH, seed: 7n } },
      { step: inferenceStep(), steps: 4, segmentSteps: 3, batch: { rows: ROWS, size: 6, seed: null } },
    ],
    metric: { name: "steps", tensor: "seen", total: 10 },
  });
}

function scaled(tensor: Tensor, factor: number): Tensor {
  return { ...tensor, data: Float32Array.from(tensor.data as Float32Array, (value) => value * factor) };
}

/** An engine and a built program opened on it. Close both when done. */
export interface Bench extends AsyncDisposable {
  readonly engine: Engine;
  readonly built: BuiltProgram;
  readonly opened: OpenedProgram;
  readonly runner: ProgramRunner;
}

/** Opens a program as somebody does who was handed its blobs. */
export async function openBench(
  build: (engine: Engine) => BuiltProgram = regression,
  claim?: Claim,
): Promise<Bench> {
  const engine = await createOrtStrict();
  const built = build(engine);
  const blobs = blobSource(built.blobs);
  const opened = openProgram(built.manifest, blobs);
  const runner = createProgramRunner(engine, opened, programInputs(opened, blobs), claim);
  return {
    engine,
    built,
    opened,
    runner,
    async [Symbol.asyncDispose]() {
      await runner.close();
      await engine.close();
    },
  };
}
