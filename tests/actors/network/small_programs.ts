/**
 * Two jobs that take milliseconds: fitting a line by gradient descent, and applying one to a table.
 *
 * @module
 */
import type { Engine } from "../../../executor/engine.ts";
import { GraphBuilder } from "../../../executor/onnx/mod.ts";
import { buildProgram, type BuiltProgram, type StepGraph } from "../../../executor/program/mod.ts";
import type { Tensor } from "../../../executor/tensor.ts";

const ROWS = 16, BATCH = 4, WIDTH = 3;

/** Steps of the training job. */
export const STEPS = 12;

function wave(shape: readonly number[], phase: number): Tensor {
  const count = shape.reduce((product, size) => product * size, 1);
  const data = Float32Array.from({ length: count }, (_, i) => ((i * 37 + phase * 11) % 17 - 8) / 16);
  return { dtype: "float32", shape, data };
}

/** Squared error of a linear model, one step of gradient descent, and a count of the steps. */
function fittingStep(width: number): StepGraph {
  const graph = new GraphBuilder({ name: "fit" });
  const weights = graph.input("state.weights", "float32", [width, 1]);
  const count = graph.input("state.count", "int64", []);
  const batch = graph.input("batch", "int64", [BATCH]);
  const rowsOf = (name: string, width: number) =>
    graph.add("Gather", [graph.input(name, "float32", [ROWS, width]), batch], { axis: 0 }, `rows of ${name}`);
  const inputs = rowsOf("data.inputs", width);
  const error = graph.add("Sub", [graph.add("MatMul", [inputs, weights]), rowsOf("data.targets", 1)]);
  const gradient = graph.add("MatMul", [graph.add("Transpose", [inputs], { perm: [1, 0] }), error]);
  const change = graph.add("Mul", [gradient, graph.float(0.05)]);
  graph.output(graph.add("Sub", [weights, change]), "next.weights");
  graph.output(graph.add("Add", [count, graph.int(1)]), "next.count");
  return { mode: "carry", graph: graph.finish() };
}

function applyingStep(): StepGraph {
  const graph = new GraphBuilder({ name: "apply" });
  const batch = graph.input("batch", "int64", [BATCH]);
  const inputs = graph.add("Gather", [graph.input("data.inputs", "float32", [ROWS, WIDTH]), batch], {
    axis: 0,
  });
  const weights = graph.input("state.weights", "float32", [WIDTH, 1]);
  graph.output(graph.add("MatMul", [inputs, weights]), "output.predictions");
  return { mode: "map", graph: graph.finish() };
}

/** {@link STEPS} steps in segments of 4; the metric counts them. `width`: weights to be fitted. */
export function fitting(engine: Pick<Engine, "name" | "kernelHash">, width = WIDTH): BuiltProgram {
  return buildProgram({
    engine,
    state: [
      { name: "weights", tensor: wave([width, 1], 1) },
      { name: "count", tensor: { dtype: "int64", shape: [], data: BigInt64Array.of(0n) } },
    ],
    data: [{ name: "inputs", tensor: wave([ROWS, width], 2) }, {
      name: "targets",
      tensor: wave([ROWS, 1], 3),
    }],
    phases: [{
      step: fittingStep(width),
      steps: STEPS,
      segmentSteps: 4,
      batch: { rows: ROWS, size: BATCH, seed: 5n },
    }],
    metric: { name: "steps", tensor: "count", total: STEPS },
  });
}

/** All rows in batches, two batches a segment. */
export function applying(engine: Pick<Engine, "name" | "kernelHash">): BuiltProgram {
  return buildProgram({
    engine,
    state: [{ name: "weights", tensor: wave([WIDTH, 1], 1) }],
    data: [{ name: "inputs", tensor: wave([ROWS, WIDTH], 2) }],
    phases: [{
      step: applyingStep(),
      steps: ROWS / BATCH,
      segmentSteps: 2,
      batch: { rows: ROWS, size: BATCH, seed: null },
    }],
  });
}

/** What {@link applying} puts out, by the definition of a matrix product. */
export const PREDICTIONS: readonly number[] = Array.from({ length: ROWS }, (_, row) => {
  const inputs = wave([ROWS, WIDTH], 2).data, weights = wave([WIDTH, 1], 1).data;
  return Array.from({ length: WIDTH }, (_, k) => Number(inputs[row * WIDTH + k]) * Number(weights[k]))
    .reduce((sum, term) => sum + term, 0);
});
