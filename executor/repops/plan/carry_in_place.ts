/**
 * State that a step changes where it lies: an output takes the storage of the input that it becomes, if nobody reads that input afterwards.
 *
 * @module
 */
import type { Carriage } from "./carriages.ts";
import type { Plan, PlannedValue, Step } from "./make_plan.ts";

/** A plan, and what is left to carry in it. */
export interface CarriedPlan {
  readonly plan: Plan;
  /** Carriages whose two storages are one have nothing left to do. */
  readonly carriages: readonly Carriage[];
}

/**
 * Lets outputs take the storages of inputs. A plan changed so computes once for each time that all its inputs are there.
 *
 * @param mayOverwrite Whether a step reads each element of a storage for the last time before it writes there, so that its output may lie in it.
 */
export function carryInPlace(
  plan: Plan,
  carriages: readonly Carriage[],
  mayOverwrite: (step: Step, storage: number) => boolean,
): CarriedPlan {
  const taken = new Map<number, number>();
  const makers = new Map<number, number>(), lastReaders = new Map<number, number>();
  plan.steps.forEach(({ inputs, outputs }, at) => {
    for (const value of inputs) if (value) lastReaders.set(value.storage, at);
    for (const { storage } of outputs) makers.set(storage, at);
  });
  const putOut = new Set(plan.outputs.map((name) => plan.values.get(name)?.storage));
  for (const { from: { storage: from }, to: { storage: to } } of carriages) {
    const maker = makers.get(from), step = plan.steps[maker ?? -1], lastReader = lastReaders.get(to) ?? -1;
    if (maker === undefined || step === undefined || taken.has(from) || putOut.has(to)) continue;
    if (lastReader < maker || (lastReader === maker && mayOverwrite(step, to))) taken.set(from, to);
  }
  return withStorages(plan, carriages, taken);
}

/** The plan with storages in the place of others. */
function withStorages(
  plan: Plan,
  carriages: readonly Carriage[],
  taken: ReadonlyMap<number, number>,
): CarriedPlan {
  const moved = (value: PlannedValue): PlannedValue => {
    const storage = taken.get(value.storage);
    return storage === undefined ? value : { ...value, storage };
  };
  const movedStep = (step: Step): Step => ({
    ...step,
    inputs: step.inputs.map((value) => value && moved(value)),
    outputs: step.outputs.map(moved),
    ...(step.parts && { parts: step.parts.map(movedStep) }),
  });
  return {
    plan: {
      ...plan,
      steps: plan.steps.map(movedStep),
      values: new Map(plan.values.entries().map(([name, value]) => [name, moved(value)])),
    },
    carriages: carriages.map(({ from, to }) => ({ from: moved(from), to })),
  };
}
