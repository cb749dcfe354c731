/**
 * A chain of elementwise operators, run tile by tile.
 *
 * @module
 */
import type { PlannedValue, Step } from "../../plan/mod.ts";
import { sizeOf } from "../../values.ts";
import type { Kernel } from "../kernel.ts";
import { allocationBytes, type Machine } from "../machine.ts";
import { type ElementKernel, elementKernel } from "./elementwise.ts";
import { type Place, vectorsOf, WORD, type Work } from "./work.ts";

/** Elements of a tile: three of them, the operands of one step, fit the nearest cache. */
const TILE = 4096;
const TILE_BYTES = allocationBytes(TILE * WORD);

/** Where an operand lies, and how far the one of the next tile does: nowhere else for what is in scratch memory or is one value. */
interface Operand {
  readonly address: number;
  readonly inScratch: boolean;
  readonly step: number;
}

/** One operator: its kernel, and its output followed by its inputs. */
interface Part {
  readonly kernel: Kernel;
  readonly kind: ElementKernel["kind"];
  readonly operands: readonly [Operand, Operand, Operand, Operand];
}

/**
 * Makes a chain ready.
 *
 * @param step A step with parts, as `fuseElementwise` makes it.
 * @param placeOf Where the values that it reads or leaves behind lie. What only its parts read lies nowhere: it lives in tiles.
 */
export function compileChain(machine: Machine, step: Step, placeOf: (value: PlannedValue) => Place): Work {
  const steps = step.parts ?? [];
  const outside = new Set([...step.inputs, ...step.outputs].map((value) => value?.storage));
  const slots = slotsOf(steps, outside);
  const output = steps[0]?.outputs[0];
  const count = output ? sizeOf(output.info) : 0;
  const operandOf = (value: PlannedValue): Operand => {
    const slot = slots.of.get(value.storage);
    if (slot !== undefined) return { address: slot * TILE_BYTES, inScratch: true, step: 0 };
    const step = sizeOf(value.info) === count ? WORD : 0;
    return { address: placeOf(value).address, inScratch: false, step };
  };
  const parts = steps.map((each) => partOf(machine, each, operandOf));
  return {
    scratch: slots.count * TILE_BYTES,
    run: (scratch) => {
      for (let start = 0; start < count; start += TILE) {
        runTile(parts, scratch, start, Math.min(TILE, count - start));
      }
    },
  };
}

/** Called thousands of times a run: nothing is allocated, and each call site sees one kind of part. */
function runTile(parts: readonly Part[], scratch: number, start: number, count: number): void {
  const vectors = vectorsOf(count);
  for (const { kernel, kind, operands } of parts) {
    const out = at(operands[0], scratch, start), a = at(operands[1], scratch, start);
    if (kind === "unary") kernel(out, a, vectors);
    else if (kind === "binary") kernel(out, a, at(operands[2], scratch, start), 1, count, 0, 0);
    else kernel(out, a, at(operands[2], scratch, start), at(operands[3], scratch, start), vectors);
  }
}

function at({ address, inScratch, step }: Operand, scratch: number, start: number): number {
  return inScratch ? scratch + address : address + start * step;
}

/** A tile of scratch memory for each storage that lives inside only; a tile is free again after the last part that reads it. */
function slotsOf(parts: readonly Step[], outside: ReadonlySet<number | undefined>) {
  const of = new Map<number, number>(), last = new Map<number, number>(), free: number[] = [];
  parts.forEach(({ inputs }, i) => inputs.forEach((value) => value && last.set(value.storage, i)));
  let count = 0;
  parts.forEach(({ inputs, outputs }, i) => {
    for (const storage of new Set(inputs.map((value) => value?.storage ?? -1))) {
      const slot = of.get(storage);
      if (slot !== undefined && last.get(storage) === i) free.push(slot);
    }
    for (const { storage } of outputs) {
      if (!outside.has(storage)) of.set(storage, free.pop() ?? count++);
    }
  });
  return { of, count };
}

function partOf(
  machine: Machine,
  { node, inputs, outputs }: Step,
  operandOf: (value: PlannedValue) => Operand,
): Part {
  const [output] = outputs;
  const present = inputs.flatMap((value) => value ? [value] : []);
  const found = output && elementKernel(node, present.map(({ info }) => info), output.info);
  if (!output || !found) throw new TypeError(`${node.operator} is no elementwise operator`);
  const out = operandOf(output);
  const [a = out, b = out, c = out] = present.map(operandOf);
  return { kernel: machine.kernel(found.kernel), kind: found.kind, operands: [out, a, b, c] };
}
