/**
 * A program, run by whoever built it: for training without a network. The same steps in the same order as a provider's run, and
 * so the same bits.
 *
 * @module
 */
import { blobSource, type BuiltProgram, type NamedTensor, openProgram } from "./program/mod.ts";
import {
  createProgramRunner,
  phaseAt,
  programInputs,
  runProgram,
  type SegmentResult,
  type State,
  type StepEvent,
} from "./run/mod.ts";
import type { Engine } from "./engine.ts";
import { ExecutorError } from "./errors.ts";
import type { Tensor } from "./tensor.ts";
import { type Hash, programSegments } from "../ledger/primitives/mod.ts";

/** Where a run stands after some segments: everything that the rest depends on. */
export interface LocalCheckpoint {
  /** Segments done. */
  readonly segments: number;
  /** The state's tensors, in the program's order. */
  readonly state: readonly NamedTensor[];
}

/** A step that is done. */
export interface LocalStep {
  readonly phase: number;
  /** Position in the phase, and how many the phase has. */
  readonly step: number;
  readonly steps: number;
  /** The step's scalar of that name, if it has one. */
  readonly loss: number | undefined;
}

/** How a program is run. */
export interface LocalRunOptions {
  /** A checkpoint of the same program. Default: its beginning. */
  readonly from?: LocalCheckpoint;
  readonly signal?: AbortSignal;
  /** Called after each step. */
  readonly onStep?: (step: LocalStep) => void;
}

/** A segment that is done. */
export interface LocalSegment {
  readonly checkpoint: LocalCheckpoint;
  /** The segment's leaf in the run: what a provider would commit to. */
  readonly root: Hash;
  /** For inference: the outputs of each step, in the order of the graph's outputs. */
  readonly outputs: readonly (readonly Tensor[])[];
  /** Segments of the program. */
  readonly total: number;
}

/**
 * Runs a program and hands over each segment as it is done.
 *
 * @param engine The one that the program was built for; it stays open.
 * @throws {ExecutorError} `bad_request` for a checkpoint of another program; `cancelled` if the signal fires; as the engine does.
 */
export async function* runLocally(
  engine: Engine,
  built: BuiltProgram,
  options: LocalRunOptions = {},
): AsyncGenerator<LocalSegment, void, void> {
  const blobs = blobSource(built.blobs), opened = openProgram(built.manifest, blobs);
  const names = opened.state.map(({ name }) => name), total = programSegments(opened.program);
  const runner = createProgramRunner(engine, opened, programInputs(opened, blobs));
  const { from, signal, onStep } = options;
  const tell = ({ phase, step, outputs }: StepEvent) => {
    const opening = phaseAt(opened, phase);
    const value = outputs[opening.outputs.findIndex(({ name }) => name === "loss")]?.data[0];
    const loss = typeof value === "number" ? value : undefined;
    onStep?.({ phase, step, steps: opening.phase.steps, loss });
  };
  try {
    const run = runProgram(runner, {
      ...(from === undefined
        ? {}
        : { from: { segment: from.segments, state: stateOf(from, runner.initialState, names) } }),
      ...(signal === undefined ? {} : { signal }),
      onStep: tell,
    });
    for await (const result of run) yield segmentOf(result, names, total);
  } finally {
    await runner.close();
  }
}

function segmentOf(result: SegmentResult, names: readonly string[], total: number): LocalSegment {
  const { segment, state, root, outputs } = result;
  const named = state.map((tensor, i) => ({ name: names[i] ?? "", tensor }));
  return { checkpoint: { segments: segment + 1, state: named }, root, outputs, total };
}

/** A checkpoint's tensors in the program's order, of the types that its first state has. */
function stateOf(checkpoint: LocalCheckpoint, initial: State, names: readonly string[]): State {
  const byName = new Map(checkpoint.state.map(({ name, tensor }) => [name, tensor]));
  return names.map((name, i) => {
    const tensor = byName.get(name), expected = initial[i];
    const fits = tensor !== undefined && expected !== undefined && tensor.dtype === expected.dtype &&
      String(tensor.shape) === String(expected.shape);
    if (fits) return tensor;
    throw new ExecutorError(
      "bad_request",
      `The checkpoint has no tensor "${name}" as the program needs it: it belongs to another job.`,
    );
  });
}
