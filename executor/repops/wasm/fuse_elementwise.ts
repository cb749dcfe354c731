/**
 * Fusion of elementwise operators: those that map tensors of equal size become one step, which runs all of them on one tile after
 * another, so that what one writes is still in the nearest cache when the next reads it. Every bit stays: each operator computes
 * each element as it would alone.
 *
 * @module
 */
import { FUSED_DOMAIN, type Plan, type Step } from "../plan/mod.ts";
import { sizeOf } from "../values.ts";
import { elementKernel } from "./operators/mod.ts";

/** Three smaller tensors stay in the second-level cache, which is fast enough that the calls for each tile would cost more. */
const LEAST_ELEMENTS = 2 ** 19;
/** A step is moved no further than this many steps ahead: the further, the longer its output takes up memory. */
const WINDOW = 48;
/** Steps of one chain: their tiles together fit the nearest cache. */
const MOST_PARTS = 24;

/** Elementwise steps that run together, where the first of them stood. */
interface Chain {
  readonly elements: number;
  readonly parts: Step[];
  /** Place of the last part among all steps. */
  last: number;
}

/** Gathers elementwise steps into steps with `parts`. A part moves ahead only if what it reads is there by then. */
export function fuseElementwise(plan: Plan): Plan {
  const entries: (Step | Chain)[] = [];
  /** Place, among the entries, of the one that makes a storage. */
  const makers = new Map<number, number>();
  plan.steps.forEach((step, at) => {
    const elements = mappedElements(step);
    const needed = Math.max(-1, ...step.inputs.map((value) => value ? makers.get(value.storage) ?? -1 : -1));
    let place = elements === undefined
      ? -1
      : entries.findLastIndex((entry, i) =>
        isChain(entry) && i >= needed && entry.elements === elements && at - entry.last <= WINDOW &&
        entry.parts.length < MOST_PARTS
      );
    const chain = entries[place];
    if (chain && isChain(chain)) {
      chain.parts.push(step);
      chain.last = at;
    } else place = entries.push(elements === undefined ? step : { elements, parts: [step], last: at }) - 1;
    for (const { storage } of step.outputs) makers.set(storage, place);
  });
  const steps = entries.map((entry) => isChain(entry) ? stepOf(entry, plan) : entry);
  return { ...plan, steps };
}

const isChain = (entry: Step | Chain): entry is Chain => "elements" in entry;

/** The elements that a step maps; `undefined` if it is no such step, or a small one. */
function mappedElements({ node, inputs, outputs }: Step): number | undefined {
  const [out] = outputs;
  if (!out || outputs.length !== 1 || out.storage < 0) return undefined;
  const elements = sizeOf(out.info);
  if (elements < LEAST_ELEMENTS || !elementKernel(node, inputs.map((value) => value?.info), out.info)) {
    return undefined;
  }
  return elements;
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
