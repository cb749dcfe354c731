/**
 * The states that a run has passed, as many as fit: where re-execution starts from.
 *
 * @module
 */
import type { State } from "./phase_runner.ts";

/** A remembered state: the one after `segment`, or -1 for the initial one. */
export interface ArchivedState {
  readonly segment: number;
  readonly state: State;
}

/** States by the segment they come after. */
export interface StateArchive {
  keep(segment: number, state: State): void;
  /** The latest state at or before the end of `segment`. */
  latest(segment: number): ArchivedState;
}

/** Key of the initial state. */
export const INITIAL = -1;

/**
 * An archive that keeps the initial state and thins out the rest evenly when it exceeds its budget: every second state goes,
 * so that re-execution to any point stays about as long as the remaining spacing.
 *
 * @param budget Bytes of tensors, counted once for each state they stand in.
 */
export function createStateArchive(initial: State, budget: number): StateArchive {
  const states = new Map<number, State>();
  let used = 0;

  function thinOut(): void {
    const keys = [...states.keys()].sort((a, b) => a - b);
    keys.forEach((key, i) => {
      if (i % 2 === 1) return;
      used -= bytesOf(states.get(key) ?? []);
      states.delete(key);
    });
  }

  return {
    keep(segment, state) {
      if (segment <= INITIAL || states.has(segment)) return;
      states.set(segment, state);
      used += bytesOf(state);
      while (used > budget && states.size > 0) thinOut();
    },
    latest(segment) {
      let best: ArchivedState = { segment: INITIAL, state: initial };
      for (const [key, state] of states) {
        if (key <= segment && key > best.segment) best = { segment: key, state };
      }
      return best;
    },
  };
}

function bytesOf(state: State): number {
  return state.reduce((sum, { data }) => sum + data.byteLength, 0);
}
