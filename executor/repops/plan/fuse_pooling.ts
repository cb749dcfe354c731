/**
 * Fusion of MaxPool's gradient where windows of 2 by 2 tile the planes: the comparison with the maxima, their count, the division
 * and the product are one node. Every bit stays: the count is exact, and a product by 0 or 1 changes nothing.
 *
 * @module
 */
import { intAttribute } from "../reference/mod.ts";
import { isFloat } from "../values.ts";
import { FUSED_DOMAIN } from "./fuse_products.ts";
import type { Plan, PlannedValue, Step } from "./make_plan.ts";
import { producersOf, readersOf } from "./readers.ts";

/** Rows of windows shorter than this are left to the operators one by one. */
const LEAST_WINDOWS = 4;

/**
 * Replaces each Mul(Cast(Equal(x, y)), Div(dy, ReduceSum(Cast(Equal(x, y))))) over windows of 2 by 2, whose parts nobody else reads, by
 * one node of {@link FUSED_DOMAIN}: operator `MaxPoolGradient`, inputs x, y, dy; x has the shape [planes, rows, 2, columns, 2].
 */
export function fusePooling(plan: Plan): Plan {
  const producers = producersOf(plan.steps), readers = readersOf(plan, plan.steps);
  const replaced = new Set<Step>();
  const steps = plan.steps.map((step) => {
    const found = matchGradient(step, producers, readers);
    if (!found) return step;
    found.parts.forEach((part) => replaced.add(part));
    const node = { ...step.node, domain: FUSED_DOMAIN, operator: "MaxPoolGradient", attributes: {} };
    return { node, inputs: found.inputs, outputs: step.outputs };
  });
  return { ...plan, steps: steps.filter((step) => !replaced.has(step)) };
}

type Producers = ReadonlyMap<PlannedValue, Step>;

interface Gradient {
  readonly inputs: readonly PlannedValue[];
  /** The steps that the fused one does the work of. */
  readonly parts: readonly Step[];
}

function matchGradient(
  product: Step,
  producers: Producers,
  readers: ReadonlyMap<number, number>,
): Gradient | undefined {
  const made = (value: PlannedValue | undefined, operator: string) => {
    const step = value && producers.get(value);
    return step?.node.operator === operator && step.node.domain === "" ? step : undefined;
  };
  if (product.node.operator !== "Mul" || product.node.domain !== "") return undefined;
  const [chosen, share] = product.inputs;
  const cast = made(chosen, "Cast"), division = made(share, "Div");
  const equal = made(cast?.inputs[0], "Equal"), count = made(division?.inputs[1], "ReduceSum");
  const [x, y] = equal?.inputs ?? [], [dy] = division?.inputs ?? [];
  if (!chosen || !cast || !division || !equal || !count || !x || !y || !dy) return undefined;
  if (count.inputs[0] !== chosen || intAttribute(count.node, "keepdims", 1) === 0) return undefined;
  if (![x, y, dy, chosen].every(({ info }) => isFloat(info.dtype))) return undefined;
  const [planes = 0, rows = 0, height, columns = 0, width] = x.info.shape;
  const each = String([planes, rows, 1, columns, 1]);
  const tiles = x.info.shape.length === 5 && height === 2 && width === 2 && columns >= LEAST_WINDOWS;
  const single = [y, dy, count.outputs[0], share].every((value) => String(value?.info.shape) === each);
  if (!tiles || !single || String(product.outputs[0]?.info.shape) !== String(x.info.shape)) return undefined;
  // The mask has one reader, the chosen elements two, the count and the shares one.
  const expected: readonly (readonly [PlannedValue | undefined, number])[] = [
    [equal.outputs[0], 1],
    [chosen, 2],
    [count.outputs[0], 1],
    [share, 1],
  ];
  const unread = expected.every(([value, times]) => value && readers.get(value.storage) === times);
  return unread ? { inputs: [x, y, dy], parts: [cast, division, equal, count] } : undefined;
}
