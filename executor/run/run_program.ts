/**
 * A whole run, from its beginning or from a committed segment.
 *
 * @module
 */
import { type Hash, programSegments } from "../../ledger/primitives/mod.ts";
import type { State } from "./phase_runner.ts";
import type { ProgramRunner, SegmentOptions, SegmentResult } from "./program_runner.ts";

/** Where a run goes on: `state` is what segment `segment` starts from. */
export interface Checkpoint {
  readonly segment: number;
  readonly state: State;
}

/** How a program is run. */
export interface RunOptions extends SegmentOptions {
  /** Default: the first segment and the program's initial state. */
  readonly from?: Checkpoint;
}

/**
 * Runs a program's segments in order and hands over each as it is done. Stop consuming to stop the run.
 *
 * @throws {ExecutorError} as {@link ProgramRunner.runSegment} does.
 */
export async function* runProgram(
  runner: ProgramRunner,
  options: RunOptions = {},
): AsyncGenerator<SegmentResult, void, void> {
  const count = programSegments(runner.opened.program);
  let state = options.from?.state ?? runner.initialState;
  for (let segment = options.from?.segment ?? 0; segment < count; segment++) {
    const result = await runner.runSegment(segment, state, options);
    state = result.state;
    yield result;
  }
}

/** All segment roots of a run: the leaves of the run root. */
export async function segmentRoots(run: AsyncIterable<SegmentResult>): Promise<Hash[]> {
  const roots: Hash[] = [];
  for await (const { root } of run) roots.push(root);
  return roots;
}
