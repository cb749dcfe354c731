/**
 * Where each storage lies in one stretch of memory: storages whose lives do not overlap may share bytes.
 *
 * @module
 */
import type { Plan } from "./make_plan.ts";

/** Byte offset of each storage, and the length of the stretch. */
export interface Placement {
  readonly offsets: readonly number[];
  readonly bytes: number;
}

/** First and last step that touches a storage. */
export interface Life {
  readonly storage: number;
  readonly from: number;
  readonly to: number;
}

/**
 * Places the storages of a plan, the largest first, each at the lowest offset that is free throughout its life. Inputs, outputs
 * and constants live throughout. Takes time quadratic in the number of storages.
 *
 * @param bytesOf Bytes to set aside for so many elements, alignment and slack included.
 */
export function placeStorage(plan: Plan, bytesOf: (elements: number) => number): Placement {
  const sizes = plan.storages.map(bytesOf);
  const lives = livesOf(plan).sort((a, b) => (sizes[b.storage] ?? 0) - (sizes[a.storage] ?? 0));
  const offsets = new Array<number>(plan.storages.length).fill(0);
  const placed: Life[] = [];
  let bytes = 0;
  for (const life of lives) {
    const size = sizes[life.storage] ?? 0;
    const taken = placed
      .filter((other) => other.from <= life.to && life.from <= other.to)
      .map(({ storage }) => ({
        start: offsets[storage] ?? 0,
        end: (offsets[storage] ?? 0) + (sizes[storage] ?? 0),
      }))
      .sort((a, b) => a.start - b.start);
    let offset = 0;
    for (const { start, end } of taken) {
      if (start >= offset + size) break;
      offset = Math.max(offset, end);
    }
    offsets[life.storage] = offset;
    placed.push(life);
    bytes = Math.max(bytes, offset + size);
  }
  return { offsets, bytes };
}

/** The life of every storage. Inputs, outputs and constants live from before the first step until after the last. */
export function livesOf(plan: Plan): Life[] {
  const from = new Array<number>(plan.storages.length).fill(plan.steps.length);
  const to = new Array<number>(plan.storages.length).fill(-1);
  const touch = (storage: number, step: number) => {
    if (storage < 0) return;
    from[storage] = Math.min(from[storage] ?? step, step);
    to[storage] = Math.max(to[storage] ?? step, step);
  };
  plan.steps.forEach(({ inputs, outputs }, step) => {
    for (const value of [...inputs, ...outputs]) if (value) touch(value.storage, step);
  });
  const forever = [...plan.inputs, ...plan.outputs].map((name) => plan.values.get(name));
  const constants = [...plan.values.values()].filter((value) => value.constant);
  for (const value of [...forever, ...constants]) {
    if (!value) continue;
    touch(value.storage, -1);
    touch(value.storage, plan.steps.length);
  }
  return from.map((first, storage) => ({ storage, from: first, to: to[storage] ?? -1 }));
}
