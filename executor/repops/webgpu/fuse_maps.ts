/**
 * Fusion of maps: operators that compute each element from one element of each operand, and that read each other's results or the same tensor, become
 * one step, and so one dispatch. An optimizer's dozen operators on a parameter read it once and write it once.
 *
 * @module
 */
import { FUSED_DOMAIN, type Plan, type Step } from "../plan/mod.ts";
import { sizeOf } from "../values.ts";
import { chainOf, mapOf } from "./map_chain.ts";

/** A step is moved no further than this many steps ahead: the further, the longer its output takes up memory. */
const WINDOW = 64;
/** Parts of one chain: more take drivers long to compile. */
const MOST_PARTS = 24;
/** Steps that run together, where the first of them stood. */
interface Chain {
  /** The shape of all results. */
  readonly shape: string;
  readonly steps: readonly Step[];
  /** Place of the last part among all steps. */
  readonly last: number;
}

/**
 * Gathers maps into steps with `parts`, of {@link FUSED_DOMAIN}. A part moves ahead only if what it reads is there by then.
 *
 * @param bindings Most inputs and outputs of a step.
 */
export function fuseMaps(plan: Plan, opset: number, bindings: number): Plan {
  const isRead = readsOutside(plan);
  const entries: (Step | Chain)[] = [];
  /** Place, among the entries, of the one that makes a storage. */
  const makers = new Map<number, number>();
  plan.steps.forEach((step, at) => {
    const isMap = mapOf(step, opset) !== undefined;
    const needed = Math.max(-1, ...step.inputs.map((value) => value ? makers.get(value.storage) ?? -1 : -1));
    let place = isMap
      ? entries.findLastIndex((entry, i) =>
        isChain(entry) && i >= needed && at - entry.last <= WINDOW && entry.steps.length < MOST_PARTS &&
        entry.shape === shapeOf(step) && isConnected(entry, step) &&
        chainOf([...entry.steps, step], opset, bindings, isRead) !== undefined
      )
      : -1;
    const chain = entries[place];
    if (chain && isChain(chain)) {
      entries[place] = absorb({ ...chain, steps: [...chain.steps, step], last: at }, place, step);
    } else place = entries.push(isMap ? { shape: shapeOf(step), steps: [step], last: at } : step) - 1;
    for (const { storage } of step.outputs) makers.set(storage, place);
  });

  /** A chain with those before it that its last step reads too, if nothing between reads their results. */
  function absorb(chain: Chain, place: number, { inputs }: Step): Chain {
    let all = chain;
    for (const other of new Set(inputs.map((value) => makers.get(value?.storage ?? -1) ?? place))) {
      const before = entries[other];
      if (other === place || !before || !isChain(before) || before.shape !== chain.shape) continue;
      const made = new Set(before.steps.flatMap(({ outputs }) => outputs.map(({ storage }) => storage)));
      const steps = [...before.steps, ...all.steps];
      const isFree = entries.slice(other + 1, place).every((entry) => !reads(entry, made));
      if (!isFree || steps.length > MOST_PARTS || !chainOf(steps, opset, bindings, isRead)) continue;
      all = { ...all, steps };
      entries[other] = { shape: ABSORBED, steps: [], last: -1 };
      made.forEach((storage) => makers.set(storage, place));
    }
    return all;
  }

  const steps = entries.flatMap((entry) =>
    isChain(entry) ? stepsOf(entry, opset, bindings, isRead) : [entry]
  );
  return { ...plan, steps };
}

/** The shape of a chain that has become part of another. */
const ABSORBED = "absorbed";

function reads(entry: Step | Chain, storages: ReadonlySet<number>): boolean {
  const steps = isChain(entry) ? entry.steps : [entry];
  return steps.some(({ inputs }) => inputs.some((value) => value && storages.has(value.storage)));
}

const isChain = (entry: Step | Chain): entry is Chain => "steps" in entry;

function shapeOf({ outputs }: Step): string {
  return String(outputs[0]?.info.shape);
}

/** Tells whether a storage is put out, or read by any step but some. */
function readsOutside(plan: Plan): (storage: number, inside: ReadonlySet<Step>) => boolean {
  const readers = new Map<number, Step[]>();
  for (const step of plan.steps) {
    for (const value of step.inputs) {
      if (value) readers.set(value.storage, [...readers.get(value.storage) ?? [], step]);
    }
  }
  const putOut = new Set(plan.outputs.map((name) => plan.values.get(name)?.storage));
  return (storage, inside) =>
    putOut.has(storage) || (readers.get(storage) ?? []).some((step) => !inside.has(step));
}

/** Whether a step reads what a chain makes, or a tensor of full size that it reads. */
function isConnected({ steps }: Chain, { inputs, outputs }: Step): boolean {
  const size = Math.max(...outputs.map(({ info }) => sizeOf(info)));
  const touched = new Set(
    steps.flatMap((step) =>
      [...step.inputs, ...step.outputs].flatMap((value) =>
        value && sizeOf(value.info) === size ? [value.storage] : []
      )
    ),
  );
  return inputs.some((value) => value !== undefined && touched.has(value.storage));
}

function stepsOf(
  { steps }: Chain,
  opset: number,
  bindings: number,
  isRead: Parameters<typeof chainOf>[3],
): readonly Step[] {
  const [first] = steps, chain = chainOf(steps, opset, bindings, isRead);
  if (!first || steps.length === 1 || !chain) return steps;
  const node = {
    ...first.node,
    domain: FUSED_DOMAIN,
    operator: "Maps",
    inputs: [],
    outputs: [],
    attributes: {},
  };
  const outputs = chain.outputs.flatMap((part) => steps[part]?.outputs[0] ?? []);
  return [{ node, inputs: chain.inputs, outputs, parts: steps }];
}
