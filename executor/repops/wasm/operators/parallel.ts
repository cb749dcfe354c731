/**
 * Work that threads share.
 *
 * @module
 */
import { allocationBytes, type Machine } from "../machine.ts";
import { type Work, work } from "./work.ts";

/** Multiplications below which waking a thread would cost more than it does: some fifty microseconds. Other work is counted in them, by its time. */
const LEAST_MULTIPLICATIONS = 2 ** 20;

/** Multiplications of a product that take as long as one element takes in a step or two, or in a function made of many. */
export const ELEMENT_COST = { few: 4, many: 32 } as const;

/** Vectors of four are shared between threads by the cache line. */
export const LINE_VECTORS = 4;

/** Makes the part `part` of `parts` of some work ready, on a machine whose kernels may belong to another thread. */
export type MakePart = (machine: Machine, part: number, parts: number) => Work;

/**
 * Makes work ready that threads share, or one alone if the machine has no more or the work is small. Parts must not touch what another
 * part writes, and do nothing but call kernels that return nothing: those of another thread are queued.
 */
export function inParallel(machine: Machine, multiplications: number, make: MakePart): Work {
  const { crew } = machine;
  if (!crew || multiplications < LEAST_MULTIPLICATIONS) return make(machine, 0, 1);
  const alone: Machine = { ...machine, crew: undefined };
  const parts = Array.from({ length: crew.threads }, (_, part) => {
    if (part === 0) return make(alone, part, crew.threads);
    const member: Machine = {
      ...alone,
      kernel: (name) => crew.kernel(part - 1, name, machine.kernel(name)),
    };
    return make(member, part, crew.threads);
  });
  const offsets: number[] = [];
  let scratchBytes = 0;
  for (const { scratch } of parts) {
    offsets.push(scratchBytes);
    scratchBytes += allocationBytes(scratch);
  }
  return {
    scratch: scratchBytes,
    run: (scratch) => {
      const runPart = (part: number) => parts[part]?.run(scratch + (offsets[part] ?? 0));
      for (let part = 1; part < parts.length; part++) runPart(part);
      crew.begin();
      runPart(0);
      crew.finish();
    },
  };
}

/**
 * Makes work on rows ready that threads share. Kernels along rows write whole vectors: rows that are none are left to one thread, lest what one
 * writes beyond its last row meets another's first.
 *
 * @param make Makes work on rows `first` up to `last` ready.
 */
export function rowsInParallel(
  machine: Machine,
  { rows, count, cost }: { readonly rows: number; readonly count: number; readonly cost: number },
  make: (machine: Machine, first: number, last: number) => Work,
): Work {
  if (count % 4 !== 0) return make({ ...machine, crew: undefined }, 0, rows);
  return inParallel(machine, rows * count * cost, (own, part, parts) => {
    const [first, last] = shareOf(rows, 1, part, parts);
    return first === last ? work(() => {}) : make(own, first, last);
  });
}

/** The share of a part: from and to, of `count` things cut at multiples of `unit`. The last shares may be empty. */
export function shareOf(count: number, unit: number, part: number, parts: number): readonly [number, number] {
  const size = Math.ceil(count / unit / parts) * unit;
  return [Math.min(count, part * size), Math.min(count, (part + 1) * size)];
}
