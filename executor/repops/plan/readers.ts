/**
 * Who makes and who reads the values of a plan: what every fusion asks.
 *
 * @module
 */
import type { Plan, PlannedValue, Step } from "./make_plan.ts";

/** The step that makes each value. Inputs, constants and reshaped values have none. */
export function producersOf(steps: readonly Step[]): ReadonlyMap<PlannedValue, Step> {
  return new Map(steps.flatMap((step) => step.outputs.map((value) => [value, step] as const)));
}

/** How often each storage is read, graph outputs included: values that share elements share their readers. */
export function readersOf(plan: Plan, steps: readonly Step[]): ReadonlyMap<number, number> {
  const readers = new Map<number, number>();
  const count = (value: PlannedValue | undefined) => {
    if (value) readers.set(value.storage, (readers.get(value.storage) ?? 0) + 1);
  };
  for (const { inputs } of steps) inputs.forEach(count);
  for (const name of plan.outputs) count(plan.values.get(name));
  return readers;
}
