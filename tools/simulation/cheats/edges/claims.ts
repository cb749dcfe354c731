/**
 * Claims: what an executor says that a step put out, in place of what it computed.
 *
 * @module
 */
import type { Tensor } from "../../../../executor/mod.ts";
import type { Claim, StepPlace } from "../../../../executor/run/mod.ts";

/** A claim about the outputs of some steps, computed from the outputs alone. */
export function claimAt(
  where: (place: StepPlace) => boolean,
  change: (outputs: readonly Tensor[]) => readonly Tensor[],
): Claim {
  return (place, outputs) => where(place) ? change(outputs) : outputs;
}

/** Changes one tensor of a step's outputs. */
export function withTensor(
  outputs: readonly Tensor[],
  index: number,
  change: (tensor: Tensor) => Tensor,
): readonly Tensor[] {
  const tensor = outputs[index];
  return tensor === undefined ? outputs : outputs.with(index, change(tensor));
}

/**
 * Claims of an earlier step's outputs: `from` says which step's, or that a step is left as it is. It remembers what it claimed when the
 * program was run from the beginning, and stands by it when steps are run again.
 */
export function claimEarlier(phase: number, from: (step: number) => number | null): Claim {
  const claimed = new Map<number, readonly Tensor[]>();
  return (place, outputs) => {
    if (place.phase !== phase) return outputs;
    const known = claimed.get(place.step);
    if (known !== undefined && from(place.step) !== null) return known;
    const earlier = from(place.step);
    const said = earlier === null ? outputs : claimed.get(earlier) ?? outputs;
    claimed.set(place.step, said);
    return said;
  };
}

/** Position in the state of the count of right answers. */
const COUNT = 4;

/** A claim of more right answers than were given, after a step of the examination. */
export function boastAt({ phase, step }: StepPlace, more: bigint): Claim {
  return claimAt(
    (place) => place.phase === phase && place.step === step,
    (outputs) =>
      withTensor(outputs, COUNT, (tensor) => ({
        ...tensor,
        data: BigInt64Array.of(BigInt(tensor.data[0] ?? 0) + more),
      })),
  );
}

/** A float32 tensor with the lowest 16 bits of every element dropped: what bfloat16 keeps. */
export function inFewerBits(tensor: Tensor): Tensor {
  if (tensor.dtype !== "float32") return tensor;
  if (!(tensor.data instanceof Float32Array)) return tensor;
  const data = tensor.data.slice();
  const bits = new Uint32Array(data.buffer);
  bits.forEach((word, i) => bits[i] = word & 0xffff0000);
  return { ...tensor, data };
}
