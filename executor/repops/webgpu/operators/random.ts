/**
 * Operators that draw.
 *
 * @module
 */
import { dropoutKey } from "../../reference/mod.ts";
import { MAP_THREADS } from "../shader/maps.ts";
import { COUNTER_DROPOUT } from "../shader/random.ts";
import { type Compiler, countOf, type Dispatch, parametersOf } from "./node.ts";
import { splitByNumber } from "./windows.ts";

/** Steps of a draw, about. */
const STEPS = 150;

const counterDropout: Compiler = (site) => {
  const [a, ratio, step] = site.inputs;
  const [out, mask] = site.outputs;
  if (!a || !ratio || !step || !out) return undefined;
  const count = countOf(out);
  const dispatch: Dispatch = {
    shader: COUNTER_DROPOUT,
    inputs: [a.slot, ratio.slot, step.slot],
    outputs: [out.slot, mask?.slot ?? site.scratch(count)],
    parameters: parametersOf({ 0: [0, count], 1: [...dropoutKey(site)] }),
    workgroups: Math.ceil(count / MAP_THREADS),
    stepsEach: STEPS * MAP_THREADS,
  };
  const alike = { words: count, reach: { walk: [{ size: count, stride: 1 }] } };
  const one = { words: 1, reach: "whole" } as const;
  const reaches = [alike, one, one, alike, alike];
  return [{ ...dispatch, split: (limit) => splitByNumber(dispatch, count, MAP_THREADS, reaches, limit) }];
};

/** Compilers by operator. */
export const randomCompilers: Readonly<Record<string, Compiler>> = { CounterDropout: counterDropout };
