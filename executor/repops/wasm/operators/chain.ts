/**
 * A chain of operators along rows, run on some rows after others.
 *
 * @module
 */
import type { PlannedValue, Step } from "../../plan/mod.ts";
import type { Kernel } from "../kernel.ts";
import { allocationBytes, type Machine } from "../machine.ts";
import { SHORT } from "../source/mod.ts";
import { ELEMENT_COST, inParallel, shareOf } from "./parallel.ts";
import { type Span, type TileKernel, tileKernel } from "./tile_kernels.ts";
import { constantIntegers, type Place, vectorsOf, WORD, type Work } from "./work.ts";

/** Elements of a tile: three of them, the operands of one step, fit the nearest cache. */
const TILE = 4096;
const TILE_BYTES = allocationBytes(TILE * WORD);

/** The rows that all steps of a chain go through. */
export interface ChainRows {
  readonly rows: number;
  /** Elements of a row. */
  readonly count: number;
  /** Rows of one tile; the last may have fewer. */
  readonly tileRows: number;
}

/**
 * The rows of a chain of steps on so many elements; `undefined` if the steps' rows differ, or no tile of a fair size suits them.
 *
 * @param kernels Kernels of its steps. Those that have fewer elements map one value of each row.
 */
export function chainRows(elements: number, kernels: readonly TileKernel[]): ChainRows | undefined {
  const counts = new Set(kernels.flatMap(({ count }) => count ?? []));
  const [count = 1] = counts;
  const rows = elements / count;
  if (counts.size > 1 || kernels.some((each) => each.elements !== elements && !mapsRows(each, rows, count))) {
    return undefined;
  }
  const periods = kernels.flatMap(({ operands }) =>
    operands.flatMap((span) => span.kind === "block" && span.period > 1 ? [span.period] : [])
  );
  let tileRows = Math.max(1, Math.floor(TILE / count));
  while (periods.some((period) => period % tileRows !== 0)) tileRows--;
  return count <= TILE && tileRows * count * 4 >= TILE ? { rows, count, tileRows } : undefined;
}

function mapsRows({ elements, count }: TileKernel, rows: number, length: number): boolean {
  return length > 1 && count === undefined && elements === rows;
}

/** Where an operand lies, how far apart its rows are, and how many there are before it begins again: none if 0. */
interface Operand {
  readonly address: number;
  readonly inScratch: boolean;
  readonly row: number;
  readonly period: number;
}

/** One operator: its kernel, and its output followed by its inputs. */
interface Part {
  readonly kernel: Kernel;
  readonly kind: TileKernel["kind"] | "binary by rows";
  /** Elements that it computes for each row. */
  readonly each: number;
  readonly operands: readonly [Operand, Operand, Operand, Operand];
  /** How far apart, within a tile, the rows of the two operands are that a binary kernel takes row by row. */
  readonly rowA: number;
  readonly rowB: number;
  readonly divisor: number;
  readonly limits: readonly [number, number];
}

/**
 * Makes a chain ready.
 *
 * @param step A step with parts, as `fuseChains` makes it.
 * @param placeOf Where the values that it reads or leaves behind lie. What only its parts read lies nowhere: it lives in tiles.
 */
export function compileChain(machine: Machine, step: Step, placeOf: (value: PlannedValue) => Place): Work {
  const steps = step.parts ?? [];
  const kernels = steps.flatMap((each) => tileKernel(each) ?? []);
  const elements = Math.max(...kernels.map((kernel) => kernel.elements));
  const found = chainRows(elements, kernels);
  if (!found || kernels.length !== steps.length) throw new TypeError("these steps are no chain");
  const outside = new Set([...step.inputs, ...step.outputs].map((value) => value?.storage));
  const slots = slotsOf(steps, kernels, outside);
  const operandOf = (value: PlannedValue, row: number, period = 0): Operand => {
    const slot = slots.of.get(value.storage);
    return slot === undefined
      ? { address: placeOf(value).address, inScratch: false, row, period }
      : { address: slot * TILE_BYTES, inScratch: true, row: 0, period: 0 };
  };
  const { rows, count, tileRows } = found;
  const cost = kernels.reduce((sum, kernel) => sum + costOf(kernel), 0);
  // Kernels write whole vectors: what one thread writes beyond its last tile must not meet another's first.
  const isWhole = (kernels.some(({ kind }) => kind === "rows") ? count : tileRows * count) % 4 === 0;
  const shared = isWhole ? machine : { ...machine, crew: undefined };
  return inParallel(shared, elements * cost, (own, part, parts) => {
    const [first, last] = shareOf(rows, tileRows, part, parts);
    const links = steps.flatMap((each, i) => {
      const kernel = kernels[i];
      return kernel ? [partOf(own, each, kernel, found, operandOf)] : [];
    });
    return {
      scratch: slots.count * TILE_BYTES,
      run: (scratch) => {
        for (let row = first; row < last; row += tileRows) {
          runTile(links, scratch, row, Math.min(tileRows, last - row), count);
        }
      },
    };
  });
}

/** What an element costs in a kernel, in multiplications. */
function costOf({ kind, kernel }: TileKernel): number {
  const isLong = kind === "rows" || (kind === "unary" && !SHORT.has(kernel.slice("u_".length)));
  return ELEMENT_COST[isLong ? "many" : "few"];
}

/** Called thousands of times a run: nothing is allocated, and each call site sees one kind of part. */
function runTile(
  parts: readonly Part[],
  scratch: number,
  first: number,
  rows: number,
  count: number,
): void {
  for (const { kernel, kind, each, operands, rowA, rowB, divisor, limits } of parts) {
    const out = at(operands[0], scratch, first), a = at(operands[1], scratch, first);
    const elements = rows * each;
    switch (kind) {
      case "unary":
        kernel(out, a, vectorsOf(elements));
        break;
      case "binary":
        kernel(out, a, at(operands[2], scratch, first), 1, elements, 0, 0);
        break;
      case "binary by rows":
        kernel(out, a, at(operands[2], scratch, first), rows, count, rowA, rowB);
        break;
      case "choice":
        kernel(out, a, at(operands[2], scratch, first), at(operands[3], scratch, first), vectorsOf(elements));
        break;
      case "scaling": {
        const [scale, zero] = [at(operands[2], scratch, first), at(operands[3], scratch, first)];
        kernel(out, a, scale, zero, 0, 1, elements, limits[0], limits[1]);
        break;
      }
      case "reduction":
        kernel(out, a, rows, count, divisor);
        break;
      case "rows":
        kernel(out, a, rows, count);
        break;
    }
  }
}

function at({ address, inScratch, row, period }: Operand, scratch: number, first: number): number {
  if (inScratch) return scratch + address;
  return address + (period === 0 ? first : first % period) * row;
}

/**
 * A tile of scratch memory for each storage that lives inside only; a tile is free again after the last part that reads it. What maps elements
 * may write where it reads; what goes along a row writes beyond the row's end, and reads more than once.
 */
function slotsOf(
  parts: readonly Step[],
  kernels: readonly TileKernel[],
  outside: ReadonlySet<number | undefined>,
) {
  const of = new Map<number, number>(), last = new Map<number, number>(), free: number[] = [];
  parts.forEach(({ inputs }, i) => inputs.forEach((value) => value && last.set(value.storage, i)));
  let count = 0;
  parts.forEach(({ inputs, outputs }, i) => {
    const kind = kernels[i]?.kind, read: number[] = [];
    for (const storage of new Set(inputs.map((value) => value?.storage ?? -1))) {
      const slot = of.get(storage);
      if (slot !== undefined && last.get(storage) === i) read.push(slot);
    }
    const isMap = kind !== "rows" && kind !== "reduction";
    if (isMap) free.push(...read);
    for (const { storage } of outputs) {
      if (!outside.has(storage)) of.set(storage, free.pop() ?? count++);
    }
    if (!isMap) free.push(...read);
  });
  return { of, count };
}

function partOf(
  machine: Machine,
  { inputs, outputs }: Step,
  kernel: TileKernel,
  { rows, count }: ChainRows,
  operandOf: (value: PlannedValue, row: number, period?: number) => Operand,
): Part {
  const [output] = outputs;
  const present = inputs.flatMap((value) => value ? [value] : []);
  if (!output) throw new TypeError(`${kernel.kernel} has no output`);
  const isPerRow = kernel.elements === rows && count > 1;
  const whole = (isPerRow ? 1 : count) * WORD;
  const rowOf = (span: Span | undefined) => {
    if (span?.kind === "whole") return whole;
    if (span?.kind === "perRow") return WORD;
    return span?.kind === "block" && span.period > 1 ? whole : 0;
  };
  const out = operandOf(output, kernel.kind === "reduction" ? WORD : whole);
  const [a = out, b = out, c = noneOf(machine, kernel) ?? out] = present.flatMap((value, i) => {
    const span = kernel.operands[i];
    return span ? [operandOf(value, rowOf(span), span.kind === "block" ? span.period : 0)] : [];
  });
  const [first, second] = kernel.operands;
  const byRows = kernel.kind === "binary" &&
    kernel.operands.some((span) => span.kind === "perRow" || (span.kind === "block" && span.period === 1));
  return {
    kernel: machine.kernel(kernel.kernel),
    kind: byRows ? "binary by rows" : kernel.kind,
    each: isPerRow ? 1 : count,
    operands: [out, a, b, c],
    rowA: rowOf(first),
    rowB: rowOf(second),
    divisor: kernel.divisor ?? 0,
    limits: kernel.limits ?? [0, 0],
  };
}

/** What stands for the zero point of a scaling that has none. */
function noneOf(machine: Machine, { kind, operands }: TileKernel): Operand | undefined {
  if (kind !== "scaling" || operands.length > 2) return undefined;
  return { address: constantIntegers(machine, new Int32Array(4)), inScratch: false, row: 0, period: 0 };
}
