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
import { openEventGate, throwIfAborted } from "./interruption.ts";
import {
  completeState,
  loadPhase,
  type PhaseRunner,
  type State,
  type StepResult,
  type Wanted,
} from "./phase_runner.ts";
import type { ProgramInputs } from "./program_inputs.ts";
import type { TensorRoots } from "./tensor_roots.ts";
import { type StepTrace, traceStep } from "./trace_step.ts";

/** What a step put out, told as it happens. */
export interface StepEvent {
  readonly segment: number;
  readonly phase: number;
  /** Position in the phase. */
  readonly step: number;
  /** Of a `carry` phase, within a segment, scalars alone: the others, `undefined`, stay in the engine. */
  readonly outputs: readonly (Tensor | undefined)[];
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

/** Steps of a phase by their positions: `from`, up to but not including `to`. */
interface StepRange {
  readonly phase: number;
  readonly from: number;
  readonly to: number;
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

  /** Steps of one phase, with what each put out, as claimed. Stop consuming to stop. */
  async function* stepsFrom(
    { phase: index, from, to }: StepRange,
    start: State,
    wantedOf: (step: number) => Wanted,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<{ readonly step: number; readonly outputs: StepResult["outputs"] }, void, void> {
    throwIfAborted(signal);
    const runner = await load(index, "outputs"), isCarry = phaseAt(opened, index).phase.mode === "carry";
    let course = await runner.begin(start);
    const gate = openEventGate();
    try {
      for (let step = from; step < to; step++) {
        // A claim is about whole outputs.
        const { outputs } = await course.step(step, claim ? "all" : wantedOf(step));
        const claimed = claim?.({ phase: index, step }, completeState(outputs)) ?? outputs;
        if (isCarry && claimed.some((tensor, i) => tensor !== outputs[i])) {
          await course.end();
          course = await runner.begin(completeState(claimed));
        }
        yield { step, outputs: claimed };
        await gate.letIn();
        throwIfAborted(signal);
      }
    } finally {
      gate.close();
      await course.end();
    }
  }

  async function runSegment(
    segment: number,
    input: State,
    { signal, onStep, everyStep = false }: SegmentOptions = {},
  ): Promise<SegmentResult> {
    const { phaseIndex, firstStep, endStep, phase: { mode } } = locate(opened, segment);
    const phase = phaseAt(opened, phaseIndex), range = { phase: phaseIndex, from: firstStep, to: endStep };
    const commits = mode === "map" || everyStep;
    const wantedOf = (step: number) => commits || step + 1 === endStep ? "all" : "scalars";
    const stepRoots: Hash[] = [];
    const collected: (readonly Tensor[])[] = [];
    let state = input;
    for await (const { step, outputs } of stepsFrom(range, input, wantedOf, signal)) {
      await onStep?.({ segment, phase: phaseIndex, step, outputs });
      if (wantedOf(step) === "scalars") continue;
      const whole = completeState(outputs);
      if (mode === "carry") state = whole;
      else collected.push(whole);
      if (commits) stepRoots.push(outputsRoot(phase, whole, roots));
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
      const phase = phaseAt(opened, index), { mode, segmentSteps } = phase.phase;
      // Committing is part of what a run takes: where a run commits, so does its rehearsal.
      const wantedOf = (step: number) =>
        mode === "map" || (step + 1) % segmentSteps === 0 ? "all" : "scalars";
      const range = { phase: index, from: 0, to: steps };
      for await (const { step, outputs } of stepsFrom(range, inputs.state, wantedOf, signal)) {
        if (wantedOf(step) === "all") outputsRoot(phase, completeState(outputs), roots);
        await onStep(step);
      }
    },
    async stateBefore(place, input, signal) {
      const { phaseIndex, firstStep } = locateStep(opened, place);
      const range = { phase: phaseIndex, from: firstStep, to: place.step };
      const wantedOf = (step: number) => step + 1 === place.step ? "all" : "scalars";
      let state = input;
      for await (const { step, outputs } of stepsFrom(range, input, wantedOf, signal)) {
        if (wantedOf(step) === "all") state = completeState(outputs);
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
