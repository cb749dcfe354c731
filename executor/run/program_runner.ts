/**
 * Runs an opened program on an engine, a segment at a time.
 *
 * @module
 */
import {
  type Hash,
  locateSegment,
  programSegments,
  type SegmentLocation,
  type StateEntry,
  stateRoot,
} from "../../ledger/primitives/mod.ts";
import type { Engine } from "../engine.ts";
import { ExecutorError } from "../errors.ts";
import type { OpenedPhase, OpenedProgram } from "../program/mod.ts";
import type { Tensor } from "../tensor.ts";
import { stepTree, treeRoot } from "./commitment_trees.ts";
import type { Claim } from "./fault.ts";
import { letEventsIn, throwIfAborted } from "./interruption.ts";
import { loadPhase, type PhaseRunner, type State } from "./phase_runner.ts";
import type { ProgramInputs } from "./program_inputs.ts";
import type { TensorRoots } from "./tensor_roots.ts";
import { type StepTrace, traceStep } from "./trace_step.ts";

/** What a step put out, told as it happens. */
export interface StepEvent {
  readonly segment: number;
  readonly phase: number;
  /** Position in the phase. */
  readonly step: number;
  readonly outputs: readonly Tensor[];
}

/** How a segment is run. */
export interface SegmentOptions {
  readonly signal?: AbortSignal;
  /** Called after each step, and waited for; what it throws ends the run. */
  readonly onStep?: (event: StepEvent) => unknown;
  /** Also commit to every step of a `carry` segment, which a run does not need and a dispute does. Default false. */
  readonly everyStep?: boolean;
}

/** A segment, executed. */
export interface SegmentResult {
  readonly segment: number;
  /** The segment's leaf in the run. */
  readonly root: Hash;
  /** The state afterwards; of a `map` segment the one it started from. */
  readonly state: State;
  /** Root of what each step put out. Empty for a `carry` segment that was run without `everyStep`. */
  readonly stepRoots: readonly Hash[];
  /** For `map`: the outputs of each step. */
  readonly outputs: readonly (readonly Tensor[])[];
}

/** A step: `step` is its position in the segment's phase. */
export interface SegmentStep {
  readonly segment: number;
  readonly step: number;
}

/** A program ready to run, with its sessions. */
export interface ProgramRunner {
  readonly opened: OpenedProgram;
  /** The state that the first phase starts from. */
  readonly initialState: State;
  readonly roots: TensorRoots;
  /**
   * Runs one segment from its input state.
   *
   * @throws {ExecutorError} `bad_request` for a segment that the program does not have, `cancelled`, `timed_out`, and as the
   * engine does.
   */
  runSegment(segment: number, state: State, options?: SegmentOptions): Promise<SegmentResult>;
  /**
   * Runs the first steps of a phase from the initial state, and keeps nothing.
   *
   * @param onStep Called after each step, and waited for; what it throws ends the rehearsal.
   * @throws {ExecutorError} as `runSegment` does.
   */
  rehearse(
    phase: number,
    steps: number,
    signal: AbortSignal,
    onStep: (step: number) => unknown,
  ): Promise<void>;
  /**
   * Runs a `carry` segment from its input state up to a step, and gives the state that the step starts from.
   *
   * @throws {ExecutorError} as `runSegment` does, and `bad_request` for a step outside the segment.
   */
  stateBefore(place: SegmentStep, state: State, signal?: AbortSignal): Promise<State>;
  /**
   * Traces one step from the state it starts from.
   *
   * @throws {ExecutorError} `bad_request` for a step outside the segment, and as the engine does.
   */
  traceStep(place: SegmentStep, state: State): Promise<StepTrace>;
  close(): Promise<void>;
}

/**
 * Prepares a program. Phases are loaded when they are first needed, and stay loaded until {@link ProgramRunner.close}.
 *
 * @param claim What this runner claims instead of what it computes: for tests and demonstrations of cheats only.
 */
export function createProgramRunner(
  engine: Engine,
  opened: OpenedProgram,
  inputs: ProgramInputs,
  claim?: Claim,
): ProgramRunner {
  const { roots } = inputs;
  const loaded = new Map<string, Promise<PhaseRunner>>();

  function load(index: number, wanted: "outputs" | "everything"): Promise<PhaseRunner> {
    const key = `${wanted} ${index}`;
    let runner = loaded.get(key);
    if (runner === undefined) {
      runner = loadPhase(engine, phaseAt(opened, index), inputs.data, wanted);
      runner.catch(() => loaded.delete(key));
      loaded.set(key, runner);
    }
    return runner;
  }

  /** One step, as claimed. */
  async function runStep(
    segment: number,
    phaseIndex: number,
    step: number,
    state: State,
    options: SegmentOptions,
  ) {
    const runner = await load(phaseIndex, "outputs");
    const computed = await runner.step(state, step);
    const outputs = claim?.({ phase: phaseIndex, step }, computed.outputs) ?? computed.outputs;
    await options.onStep?.({ segment, phase: phaseIndex, step, outputs });
    await letEventsIn();
    throwIfAborted(options.signal);
    return outputs;
  }

  async function runSegment(
    segment: number,
    input: State,
    options: SegmentOptions = {},
  ): Promise<SegmentResult> {
    const { phaseIndex, firstStep, endStep, phase: { mode } } = locate(opened, segment);
    const phase = phaseAt(opened, phaseIndex);
    const stepRoots: Hash[] = [];
    const collected: (readonly Tensor[])[] = [];
    let state = input;
    throwIfAborted(options.signal);
    for (let step = firstStep; step < endStep; step++) {
      const outputs = await runStep(segment, phaseIndex, step, state, options);
      if (mode === "carry") state = outputs;
      else collected.push(outputs);
      if (mode === "map" || options.everyStep === true) stepRoots.push(outputsRoot(phase, outputs, roots));
    }
    const root = mode === "carry" ? outputsRoot(phase, state, roots) : treeRoot(stepTree(stepRoots));
    return { segment, root, state, stepRoots, outputs: collected };
  }

  return {
    opened,
    initialState: inputs.state,
    roots,
    runSegment,
    async rehearse(index, steps, signal, onStep) {
      const phase = phaseAt(opened, index);
      const { mode, segmentSteps } = phase.phase;
      let state = inputs.state;
      throwIfAborted(signal);
      const runner = await load(index, "outputs");
      for (let step = 0; step < steps; step++) {
        const { outputs } = await runner.step(state, step);
        if (mode === "carry") state = outputs;
        // Committing is part of what a run takes: where a run commits, so does its rehearsal.
        if (mode === "map" || (step + 1) % segmentSteps === 0) outputsRoot(phase, outputs, roots);
        await onStep(step);
        await letEventsIn();
        throwIfAborted(signal);
      }
    },
    async stateBefore(place, input, signal) {
      const { phaseIndex, firstStep } = locateStep(opened, place);
      const options = signal === undefined ? {} : { signal };
      let state = input;
      for (let step = firstStep; step < place.step; step++) {
        state = await runStep(place.segment, phaseIndex, step, state, options);
      }
      return state;
    },
    async traceStep(place, state) {
      const { phaseIndex } = locateStep(opened, place);
      const { step } = place;
      return await traceStep({
        phase: phaseAt(opened, phaseIndex),
        runner: await load(phaseIndex, "everything"),
        data: inputs.data,
        state,
        step,
        roots,
        ...(claim === undefined ? {} : { claim: (outputs) => claim({ phase: phaseIndex, step }, outputs) }),
      });
    },
    async close() {
      const runners = await Promise.allSettled(loaded.values());
      loaded.clear();
      for (const runner of runners) if (runner.status === "fulfilled") await runner.value.close();
    },
  };
}

function locateStep(opened: OpenedProgram, { segment, step }: SegmentStep): SegmentLocation {
  const location = locate(opened, segment);
  const { firstStep, endStep } = location;
  if (!Number.isInteger(step) || step < firstStep || step >= endStep) {
    throw new ExecutorError(
      "bad_request",
      `Segment ${segment} has the steps ${firstStep} to ${endStep - 1}: got ${step}.`,
    );
  }
  return location;
}

/** Entries of a state of the program. */
export function stateEntries(opened: OpenedProgram, state: State, roots: TensorRoots): readonly StateEntry[] {
  return namedEntries(opened.state.map(({ name }) => name), state, roots);
}

/** Entries of what a step of a phase put out, or of the state after it. */
export function outputEntries(
  phase: OpenedPhase,
  outputs: readonly Tensor[],
  roots: TensorRoots,
): readonly StateEntry[] {
  return namedEntries(phase.outputs.map(({ name }) => name), outputs, roots);
}

function namedEntries(
  names: readonly string[],
  tensors: readonly Tensor[],
  roots: TensorRoots,
): readonly StateEntry[] {
  if (names.length !== tensors.length) {
    throw new ExecutorError(
      "bad_request",
      `The program declares ${names.length} tensors here: got ${tensors.length}.`,
    );
  }
  return tensors.map((tensor, i) => ({ name: names[i] ?? "", root: roots(tensor) }));
}

function outputsRoot(phase: OpenedPhase, outputs: readonly Tensor[], roots: TensorRoots): Hash {
  return stateRoot(outputEntries(phase, outputs, roots));
}

/**
 * Phase `index` of a program.
 *
 * @throws {ExecutorError} `bad_request` beyond its end.
 */
export function phaseAt(opened: OpenedProgram, index: number): OpenedPhase {
  const phase = opened.phases[index];
  if (phase === undefined) {
    throw new ExecutorError(
      "bad_request",
      `The program has ${opened.phases.length} phases: there is no phase ${index}.`,
    );
  }
  return phase;
}

/**
 * Where segment `index` lies.
 *
 * @throws {ExecutorError} `bad_request` beyond the program's end.
 */
export function locate(opened: OpenedProgram, index: number): SegmentLocation {
  const location = locateSegment(opened.program, index);
  if (location === undefined) {
    throw new ExecutorError(
      "bad_request",
      `The program has ${programSegments(opened.program)} segments: there is no segment ${index}.`,
    );
  }
  return location;
}
