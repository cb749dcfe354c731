/**
 * Trainings whose bits are frozen: the same on every machine, backend and number of threads. Whoever changes one of these hashes
 * changes what everybody has committed to.
 *
 * @module
 */
import type { Carry, Tensors } from "../../../executor/engine.ts";
import type { TypedGraph } from "../../../executor/graph.ts";
import type { Precision } from "../../../executor/repops/numbers/mod.ts";
import { rootOfTensor, type Tensor } from "../../../executor/tensor.ts";
import { bytesToHex, sha256 } from "../../../ledger/primitives/mod.ts";
import { cnnStep, languageModelStep, mlpStep, type Workload } from "./workloads.ts";

/** Steps of each training: enough for a difference of one bit in any kernel to spread over the state. */
export const STEPS = 200;

/** A training, and the hash over all its parameters after {@link STEPS} steps, by precision. */
export interface FrozenTraining extends Workload {
  readonly hash: Readonly<Record<Precision, string>>;
}

/** A perceptron, a convolutional net and a language model. */
export const FROZEN_TRAININGS: readonly FrozenTraining[] = [
  { ...mlpStep(16, [64, 32, 10]), hash: { high: "0f0f29c8b525b599", highest: "70f3f1eb6558424d" } },
  { ...cnnStep(4, 8, [4, 8]), hash: { high: "4d8a1a6f61612472", highest: "8498ac590a8b2bd9" } },
  {
    ...languageModelStep({ batch: 2, time: 8, width: 16, heads: 2, layers: 1 }, 11),
    hash: { high: "e980e8ed30c09dc0", highest: "28424a7685aa4117" },
  },
];

/** Every `next.x` of the outputs becomes the input `x` of the next step. */
const inputOf = (output: string): string => output.slice("next.".length);

/** What a step of a training carries over. */
export function carryOf({ outputs }: TypedGraph): Carry {
  const next = outputs.map(({ name }) => name).filter((name) => name.startsWith("next."));
  return Object.fromEntries(next.map((name) => [inputOf(name), name]));
}

/** The inputs of the step after one with these outputs. */
export function advance(inputs: Tensors, outputs: Tensors): Tensors {
  const moved = Object.entries(outputs).flatMap(([name, tensor]): [string, Tensor][] =>
    name.startsWith("next.") ? [[inputOf(name), tensor]] : []
  );
  return { ...inputs, ...Object.fromEntries(moved) };
}

/** The hash that is frozen: over the roots of all inputs, by name. */
export function hashOf(inputs: Tensors): string {
  const names = Object.keys(inputs).sort();
  const roots = names.flatMap((name) => (inputs[name] ? [rootOfTensor(inputs[name])] : []));
  return bytesToHex(sha256(...roots)).slice(0, 16);
}
