/**
 * What is remembered of one program between calls: states to start from, and recent traces. Everything in it can be made again.
 *
 * @module
 */
import { segmentInput } from "../../ledger/primitives/mod.ts";
import type { State } from "./phase_runner.ts";
import { locate, type ProgramRunner } from "./program_runner.ts";
import { createStateArchive, INITIAL } from "./state_archive.ts";
import type { StepTrace } from "./trace_step.ts";

/** Bounds on what is remembered of one program. */
export interface MemoryLimits {
  /** Bytes of archived states. */
  readonly stateBytes: number;
  /** Traces: each holds every value of one step. */
  readonly traces: number;
}

/** Enough for the checkpoints of models of some million parameters, on machines of 2 GiB. */
export const DEFAULT_MEMORY_LIMITS: MemoryLimits = { stateBytes: 256 * 1024 * 1024, traces: 4 };

/** A step by segment and position in its phase, with the state it starts from. */
export interface TracedStep {
  readonly input: State;
  readonly trace: StepTrace;
}

/** Answers from memory where it can, by re-execution where it must. */
export interface ProgramMemory {
  /** Remembers the state that `segment` starts from. */
  keepInput(segment: number, state: State): void;
  /** Remembers the state after `segment`. */
  keepAfter(segment: number, state: State): void;
  /** The state that a segment starts from; the number of segments stands for the end of the run. */
  inputOf(segment: number, signal: AbortSignal): Promise<State>;
  /** The state that a step starts from. */
  inputOfStep(segment: number, step: number, signal: AbortSignal): Promise<State>;
  /** A step's trace. */
  traceOf(segment: number, step: number, signal: AbortSignal): Promise<TracedStep>;
}

/** Memory for one program. */
export function createProgramMemory(runner: ProgramRunner, limits: MemoryLimits): ProgramMemory {
  const { opened } = runner;
  const archive = createStateArchive(runner.initialState, limits.stateBytes);
  const traces = new Map<string, TracedStep>();

  /** Key of the state that a segment starts from: the segment before, of those that change the state. */
  function keyOfInput(segment: number): number {
    const input = segmentInput(opened.program, segment);
    return input.kind === "initial" ? INITIAL : input.index;
  }

  async function inputOf(segment: number, signal: AbortSignal): Promise<State> {
    const wanted = keyOfInput(segment);
    let { segment: reached, state } = archive.latest(wanted);
    while (reached < wanted) {
      reached++;
      if (locate(opened, reached).phase.mode === "map") continue;
      ({ state } = await runner.runSegment(reached, state, { signal }));
      archive.keep(reached, state);
    }
    return state;
  }

  async function inputOfStep(segment: number, step: number, signal: AbortSignal): Promise<State> {
    const input = await inputOf(segment, signal);
    return locate(opened, segment).phase.mode === "map"
      ? input
      : await runner.stateBefore({ segment, step }, input, signal);
  }

  return {
    keepInput: (segment, state) => archive.keep(keyOfInput(segment), state),
    keepAfter: (segment, state) => archive.keep(segment, state),
    inputOf,
    inputOfStep,
    async traceOf(segment, step, signal) {
      const key = `${segment} ${step}`;
      const known = traces.get(key);
      traces.delete(key);
      const input = known?.input ?? await inputOfStep(segment, step, signal);
      const traced = known ?? { input, trace: await runner.traceStep({ segment, step }, input) };
      traces.set(key, traced); // last in the map is last used
      for (const oldest of traces.keys()) {
        if (traces.size <= limits.traces) break;
        traces.delete(oldest);
      }
      return traced;
    },
  };
}
