/**
 * Fusion along rows: operators that map elements, or reduce or normalise rows, become one step where they go through the same rows. It runs
 * all of them on some rows after others, so that what one writes is still in the nearest cache when the next reads it. Every bit stays:
 * each operator computes each element as it would alone.
 *
 * @module
 */
import { FUSED_DOMAIN, type Plan, type Step } from "../plan/mod.ts";
import { chainRows, type TileKernel, tileKernel } from "./operators/mod.ts";

/** Smaller tensors stay in the nearest caches, and the calls for each tile would cost more. */
const LEAST_ELEMENTS = 2 ** 19;
/** A step is moved no further than this many steps ahead: the further, the longer its output takes up memory. */
const WINDOW = 48;
/** Steps of one chain: their tiles together fit the nearest cache. */
const MOST_PARTS = 24;

/** Steps that run together, where the first of them stood. */
interface Chain {
  readonly elements: number;
  readonly parts: Step[];
  readonly kernels: TileKernel[];
  /** Place of the last part among all steps. */
  last: number;
}

/** Gathers steps along rows into steps with `parts`. A part moves ahead only if what it reads is there by then. */
export function fuseChains(plan: Plan): Plan {
  const entries: (Step | Chain)[] = [];
  /** Place, among the entries, of the one that makes a storage. */
  const makers = new Map<number, number>();
  plan.steps.forEach((step, at) => {
    const kernel = tileKernel(step);
    const needed = Math.max(-1, ...step.inputs.map((value) => value ? makers.get(value.storage) ?? -1 : -1));
    let place = kernel
      ? entries.findLastIndex((entry, i) =>
        isChain(entry) && i >= needed && at - entry.last <= WINDOW && entry.parts.length < MOST_PARTS &&
        chainRows(entry.elements, [...entry.kernels, kernel]) !== undefined
      )
      : -1;
    const chain = entries[place];
    if (kernel && chain && isChain(chain)) {
      chain.parts.push(step);
      chain.kernels.push(kernel);
      chain.last = at;
    } else place = entries.push(begins(kernel) ? chainOf(step, kernel, at) : step) - 1;
    for (const { storage } of step.outputs) makers.set(storage, place);
  });
  const steps = entries.map((entry) => isChain(entry) ? stepOf(entry, plan) : entry);
  return { ...plan, steps };
}

const isChain = (entry: Step | Chain): entry is Chain => "elements" in entry;

/** Whether a chain begins with such a step. */
function begins(kernel: TileKernel | undefined): kernel is TileKernel {
  return kernel !== undefined && kernel.elements >= LEAST_ELEMENTS &&
    chainRows(kernel.elements, [kernel]) !== undefined;
}

function chainOf(step: Step, kernel: TileKernel, at: number): Chain {
  return { elements: kernel.elements, parts: [step], kernels: [kernel], last: at };
}

function stepOf({ parts }: Chain, plan: Plan): Step {
  const [first] = parts;
  if (first && parts.length === 1) return first;
  const inside = new Set(parts);
  const made = new Set(parts.flatMap(({ outputs }) => outputs.map(({ storage }) => storage)));
  const read = new Set<number>(plan.outputs.map((name) => plan.values.get(name)?.storage ?? -1));
  for (const step of plan.steps) {
    if (!inside.has(step)) step.inputs.forEach((value) => value && read.add(value.storage));
  }
  const node = {
    name: first?.node.name ?? "",
    domain: FUSED_DOMAIN,
    operator: "Chain",
    inputs: [],
    outputs: [],
    attributes: {},
  };
  return {
    node,
    inputs: parts.flatMap(({ inputs }) => inputs.filter((value) => value && !made.has(value.storage))),
    outputs: parts.flatMap(({ outputs }) => outputs.filter(({ storage }) => read.has(storage))),
    parts,
  };
}
