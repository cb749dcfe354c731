/**
 * Work over windows: a dispatch on tensors larger than one binding becomes several, each on stretches of them.
 *
 * @module
 */
import { windowed } from "../shader/windowed.ts";
import type { Dispatch, Window } from "./node.ts";

/** Windows start at multiples of so many words: the strictest alignment that WebGPU allows (256 bytes). */
export const WINDOW_STEP = 64;

/** An axis that positions in a buffer walk along, outermost first. Distances are not negative. */
export interface Walk {
  readonly size: number;
  readonly stride: number;
}

/** How the positions in a buffer follow from a thread's number; `whole` if any thread may read all of it. */
export type Reach = { readonly walk: readonly Walk[]; readonly reach?: number } | "whole";

/** A buffer's words that are bound whole. */
export function whole(words: number): Window {
  return { first: 0, words };
}

/** The window that holds positions `low` to `high` (exclusive). */
export function windowAround(low: number, high: number): Window {
  const first = Math.floor(low / WINDOW_STEP) * WINDOW_STEP;
  return { first, words: high - first };
}

/** Stretches of a buffer that are short enough, one after the other. */
export function windowsOf(words: number, limit: number): readonly Window[] {
  const each = Math.floor(limit / WINDOW_STEP) * WINDOW_STEP;
  return Array.from(
    { length: Math.ceil(words / each) },
    (_, i) => ({ first: i * each, words: Math.min(each, words - i * each) }),
  );
}

/** The positions that numbers `from` to `to` (exclusive) reach: the lowest, and the one behind the highest. */
export function spanOf(
  walk: readonly Walk[],
  from: number,
  to: number,
): readonly [low: number, high: number] {
  const [axis, ...inner] = walk;
  if (!axis) return [0, 1];
  const each = inner.reduce((n, { size }) => n * size, 1);
  const [first, last] = [Math.floor(from / each), Math.floor((to - 1) / each)];
  if (first === last) {
    const [low, high] = spanOf(inner, from % each, (to - 1) % each + 1);
    return [first * axis.stride + low, first * axis.stride + high];
  }
  const [, high] = spanOf(inner, 0, each);
  return [first * axis.stride, last * axis.stride + high];
}

/**
 * A dispatch over ranges of its threads' numbers, each of which reaches windows that are short enough.
 *
 * @param count Numbers there are.
 * @param perGroup Numbers of a workgroup.
 * @param reaches How inputs, then outputs are reached, and their words.
 * @param limit Most words of a window.
 * @returns `undefined` if even one workgroup reaches further.
 */
export function splitByNumber(
  dispatch: Dispatch,
  count: number,
  perGroup: number,
  reaches: readonly { readonly words: number; readonly reach: Reach }[],
  limit: number,
): readonly Dispatch[] | undefined {
  const parts: Dispatch[] = [];
  const windowOf = (reach: Reach, words: number, from: number, to: number): Window => {
    if (reach === "whole") return whole(words);
    const [low, high] = spanOf(reach.walk, from, to);
    return windowAround(low, Math.min(words, high + (reach.reach ?? 0)));
  };
  for (let from = 0; from < count;) {
    let groups = Math.ceil((count - from) / perGroup), windows: readonly Window[] = [];
    for (;; groups = Math.ceil(groups / 2)) {
      const to = Math.min(count, from + groups * perGroup);
      windows = reaches.map(({ reach, words }) => windowOf(reach, words, from, to));
      if (windows.every(({ words }) => words <= limit)) break;
      if (groups === 1) return undefined;
    }
    const to = Math.min(count, from + groups * perGroup);
    const parameters = dispatch.parameters.slice();
    parameters[1] = to;
    parts.push({
      ...dispatch,
      shader: windowed(dispatch.shader),
      parameters,
      first: from / perGroup,
      workgroups: groups,
      windows,
    });
    from = to;
  }
  return parts;
}
