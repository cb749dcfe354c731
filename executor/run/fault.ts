/**
 * The seam for cheats. A verified network must be shown to catch lies, so a runner can be given a claim: what it says a step
 * put out, in place of what it computed. The runner goes on from the claim, commits to it, and stands by it in its traces.
 * Honest runners have none.
 *
 * @module
 */
import { ExecutorError } from "../errors.ts";
import { type Tensor, tensorBytes, tensorFromBytes } from "../tensor.ts";

/** Position of a step: a phase of the program, and a step of the phase. */
export interface StepPlace {
  readonly phase: number;
  readonly step: number;
}

/**
 * What the runner claims instead of the tensors that a step put out (the next state of a `carry` step, the outputs of a `map`
 * step). Tensors it leaves alone it returns as the same objects.
 */
export type Claim = (place: StepPlace, outputs: readonly Tensor[]) => readonly Tensor[];

/** A lie as plain data: after one step, one tensor is another. */
export interface Fault extends StepPlace {
  /** Position of the tensor among the step's outputs. */
  readonly tensor: number;
}

/** The claim of somebody who flips one bit of the middle element of one tensor after one step. */
export function claimOfFault(fault: Fault): Claim {
  return (place, outputs) => {
    if (place.phase !== fault.phase || place.step !== fault.step) return outputs;
    const target = outputs[fault.tensor];
    if (target === undefined || target.data.length === 0) {
      throw new ExecutorError(
        "bad_request",
        `The step has no tensor ${fault.tensor} that could be falsified.`,
      );
    }
    const bytes = tensorBytes(target).slice();
    const element = Math.floor(target.data.length / 2) * target.data.BYTES_PER_ELEMENT;
    // The third bit from the top of a little-endian element's second-highest byte: a fraction bit of a float, so still finite.
    const at = element + Math.max(0, target.data.BYTES_PER_ELEMENT - 2);
    bytes[at] = (bytes[at] ?? 0) ^ 0x20;
    return outputs.with(fault.tensor, tensorFromBytes(target, bytes));
  };
}
