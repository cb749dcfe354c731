/**
 * What a program must satisfy to be posted, as far as its record shows. Whether its graph is what it says is checked where it
 * matters: by the provider before accepting, and in a dispute.
 *
 * @module
 */
import {
  isTolerant,
  MAX_BATCH_ROWS,
  MAX_DATASET_ROWS,
  type Phase,
  type Program,
  programSegments,
} from "../primitives/mod.ts";

/** Most segments of a program: a bisection over them takes four rounds of 16. */
export const MAX_SEGMENTS = 65_536;

/** Most nodes of a phase's graph, and most tensors of a state: a trace of them is held in memory. */
export const MAX_GRAPH_NODES = 1_000_000;

/** The first rule that a program breaks, as a sentence; `null` if it breaks none. */
export function programFault(program: Program): string | null {
  if (program.engine === "") return "A program names its engine, for example ort-strict.";
  if (program.phases.length === 0) return "A program has at least one phase.";
  if (program.stateTensors > MAX_GRAPH_NODES || program.dataTensors > MAX_GRAPH_NODES) {
    return `A program has at most ${MAX_GRAPH_NODES} state tensors and as many data tensors.`;
  }
  for (const [i, phase] of program.phases.entries()) {
    const fault = phaseFault(phase, program);
    if (fault !== null) return `Phase ${i}: ${fault}`;
  }
  const segments = programSegments(program);
  if (segments > MAX_SEGMENTS) {
    return `A program has at most ${MAX_SEGMENTS} segments: this one has ${segments}. Raise segmentSteps.`;
  }
  return metricFault(program);
}

function phaseFault(phase: Phase, program: Program): string | null {
  const { stateTensors } = program;
  if (phase.mode === "carry" && isTolerant(program)) {
    return `the bits of ${program.engine} depend on the device, so it infers only: train on repops or ort-strict.`;
  }
  if (phase.steps < 1) return "it needs at least one step.";
  if (phase.segmentSteps < 1 || phase.segmentSteps > phase.steps) {
    return `segmentSteps is in [1, ${phase.steps}]: got ${phase.segmentSteps}.`;
  }
  if (phase.nodes < 1 || phase.nodes > MAX_GRAPH_NODES) {
    return `its graph has 1 to ${MAX_GRAPH_NODES} nodes: got ${phase.nodes}.`;
  }
  if (phase.outputs < 1) return "it puts out at least one tensor.";
  if (phase.mode === "carry" && phase.outputs !== stateTensors) {
    return `a carry phase puts out the next state, ${stateTensors} tensors: got ${phase.outputs}.`;
  }
  const { batch } = phase;
  if (batch === null) return null;
  const { rows, size } = batch;
  if (rows > MAX_DATASET_ROWS) return `its data have at most ${MAX_DATASET_ROWS} rows: got ${rows}.`;
  const most = Math.min(rows, MAX_BATCH_ROWS);
  if (size < 1 || size > most) return `its batches take 1 to ${most} rows: got ${size}.`;
  return null;
}

function metricFault({ metric, stateTensors, phases }: Program): string | null {
  if (metric === null) return null;
  if (metric.index >= stateTensors) {
    return `The metric is one of ${stateTensors} state tensors: got index ${metric.index}.`;
  }
  if (metric.total < 1) return "The metric's total is at least 1.";
  if (phases.at(-1)?.mode !== "carry") {
    return "A metric is read from the final state: the last phase must be carry.";
  }
  return null;
}
