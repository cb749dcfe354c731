/**
 * Runs of honest devices against recomputation: what the suite does a few hundred times, and a task ten thousand times.
 *
 * @module
 */
import type { Engine } from "../../../executor/engine.ts";
import { boundOf, firstBeyond } from "../../../executor/tolerance/mod.ts";
import type { Tensor } from "../../../executor/tensor.ts";
import { must } from "../must.ts";
import { simulate, SIMULATIONS } from "./simulated_device.ts";
import { graphOf, inputsOf, type NoiseCase, requestOf } from "./tolerance_cases.ts";

/** What the runs of one case showed. */
export interface NoiseReport {
  readonly runs: number;
  /** Descriptions of runs in which honest noise was beyond the bound. */
  readonly slashed: readonly string[];
  /** The greatest deviation seen, as a fraction of its bound. */
  readonly closest: number;
}

/**
 * Runs a case on an honest device and compares with the recomputation.
 *
 * @param device The engine, or `undefined` for the simulated device.
 * @param arbiter The engine that recomputes.
 */
export async function runHonest(
  each: NoiseCase,
  device: Engine | undefined,
  arbiter: Engine,
  runs: number,
  seed: number,
): Promise<NoiseReport> {
  const graph = graphOf(each);
  const [claiming, recomputing] = [await device?.load(graph), await arbiter.load(graph)];
  const slashed: string[] = [];
  let closest = 0;
  for (let run = 0; run < runs; run++) {
    const inputs = inputsOf(each, seed + run);
    const named = Object.fromEntries(inputs.map((tensor, i) => [`x${i}`, tensor]));
    const recomputed = must((await recomputing.run(named))["y"]);
    const claimed = claiming
      ? must((await claiming.run(named))["y"])
      : simulate(each.operator, inputs, recomputed, seed + run);
    const [bound] = boundOf(requestOf(graph, inputs));
    const beyond = firstBeyond(claimed, recomputed, must(bound));
    if (beyond !== undefined) {
      const most = bound === "exact" ? 0 : bound?.[beyond];
      slashed.push(
        `${each.operator} ${JSON.stringify(each.shapes)} seed ${seed + run}, element ${beyond}: ` +
          `${claimed.data[beyond]} for ${recomputed.data[beyond]}, bound ${most}`,
      );
    }
    if (bound instanceof Float64Array) closest = Math.max(closest, closeness(claimed, recomputed, bound));
  }
  await claiming?.close();
  await recomputing.close();
  return { runs, slashed, closest };
}

function closeness(claimed: Tensor, recomputed: Tensor, bound: Float64Array): number {
  let closest = 0;
  bound.forEach((most, i) => {
    const off = Math.abs(Number(claimed.data[i]) - Number(recomputed.data[i]));
    if (Number.isFinite(off) && off > 0) closest = Math.max(closest, off / most);
  });
  return closest;
}

/** Cases that the simulated device can compute. */
export function isSimulated({ operator, shapes, attributes }: NoiseCase): boolean {
  const batched = operator === "MatMul" && must(shapes[0]).length > 2;
  const otherAxis = operator === "ReduceMean" && String(attributes?.["axes"]) === "0";
  const whole = operator === "ReduceSum";
  return operator in SIMULATIONS && !batched && !otherAxis && !whole;
}
