/**
 * A training job that takes milliseconds: fitting a line by gradient descent.
 *
 * @module
 */
import {
  buildProgram,
  type BuiltProgram,
  GraphBuilder,
  type ProgramEngine,
  type StepGraph,
  type Tensor,
} from "../../../executor/mod.ts";
import type { Dice } from "../random.ts";

const ROWS = 16, BATCH = 4, WIDTH = 3, SEGMENT_STEPS = 2;

/** Steps of the job. */
export const JOB_STEPS = 8;

function noise(shape: readonly number[], dice: Dice): Tensor {
  const count = shape.reduce((product, size) => product * size, 1);
  return {
    dtype: "float32",
    shape,
    data: Float32Array.from({ length: count }, () => dice.whole(-8, 8) / 16),
  };
}

function step(): StepGraph {
  const graph = new GraphBuilder({ name: "fit" });
  const weights = graph.input("state.weights", "float32", [WIDTH, 1]);
  const batch = graph.input("batch", "int64", [BATCH]);
  const rowsOf = (name: string, width: number) =>
    graph.add("Gather", [graph.input(name, "float32", [ROWS, width]), batch], { axis: 0 }, `rows of ${name}`);
  const inputs = rowsOf("data.inputs", WIDTH);
  const error = graph.add("Sub", [graph.add("MatMul", [inputs, weights]), rowsOf("data.targets", 1)]);
  const gradient = graph.add("MatMul", [graph.add("Transpose", [inputs], { perm: [1, 0] }), error]);
  graph.output(graph.add("Sub", [weights, graph.add("Mul", [gradient, graph.float(0.05)])]), "next.weights");
  return { mode: "carry", graph: graph.finish() };
}

/** A job over data of its own. */
export function smallJob(engine: ProgramEngine, dice: Dice): BuiltProgram {
  return buildProgram({
    engine,
    state: [{ name: "weights", tensor: noise([WIDTH, 1], dice) }],
    data: [
      { name: "inputs", tensor: noise([ROWS, WIDTH], dice) },
      { name: "targets", tensor: noise([ROWS, 1], dice) },
    ],
    phases: [{
      step: step(),
      steps: JOB_STEPS,
      segmentSteps: SEGMENT_STEPS,
      batch: { rows: ROWS, size: BATCH, seed: BigInt(dice.whole(0, 1_000)) },
    }],
  });
}
