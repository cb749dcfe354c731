/**
 * Values that betray reordering, fusing, flushing, saturation and careless rounding, from a seed.
 *
 * @module
 */
import type { Dtype } from "../../../ledger/primitives/mod.ts";
import { type Tensor, zeros } from "../../tensor.ts";
import { fromBits } from "../numbers/mod.ts";

/** Elements of a probe where its work allows: enough that a compiler's liberty shows. */
export const MANY = 2 ** 16;

/** Integers from a seed, the same on every host (a multiplicative hash of the position). */
function noise(seed: number): (index: number) => number {
  return (index) => {
    let x = Math.imul(index + 1, 0x9e3779b1) ^ Math.imul(seed + 1, 0x85ebca6b);
    x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
    x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
    return (x ^ (x >>> 16)) >>> 0;
  };
}

/** Values at ends of the domain and of functions' branches, and values that are not in the domain. */
const EDGES = [
  0x00000000,
  0x80000000,
  0x00000001,
  0x807fffff,
  0x0d7fffff,
  0x0d800000,
  0x8d800000,
  0x267fffff,
  0x26800000,
  0x39000000,
  0x3f200000,
  0x3f6d8000,
  0x3f7fffff,
  0x3f800001,
  0x41200000,
  0x428c0000,
  0xc28c0000,
  0x4b000001,
  0x58800000,
  0x71800000,
  0xf1800001,
  0x7f800000,
  0xff800000,
  0x7fc00000,
];

/** Floats: four kinds in turn, in stretches of 32, and an edge now and then. */
export function floats(shape: readonly number[], seed: number): Tensor {
  const tensor = zeros({ dtype: "float32", shape });
  const draw = noise(seed);
  for (let i = 0; i < tensor.data.length; i++) {
    const bits = draw(i);
    const near = ((bits >>> 8) / 2 ** 23 - 1) * 3;
    const kind = (i >>> 5) & 3;
    const edge = bits % 61 === 0;
    tensor.data[i] = edge
      ? fromBits(EDGES[(bits >>> 8) % EDGES.length] ?? 0)
      : kind === 0
      ? near
      : kind === 1
      ? near * fromBits((64 + ((bits >>> 3) & 127)) << 23)
      : kind === 2
      ? (i & 1 ? -1 : 1) * (1000 + near)
      : fromBits(bits);
  }
  return tensor;
}

/** Integers from `low` to `high`, inclusive. */
export function integers(
  dtype: Dtype,
  shape: readonly number[],
  seed: number,
  low: number,
  high: number,
): Tensor {
  const tensor = zeros({ dtype, shape });
  const draw = noise(seed);
  for (let i = 0; i < tensor.data.length; i++) {
    const value = low + Math.floor((draw(i) / 2 ** 32) * (high - low + 1));
    tensor.data[i] = tensor.data instanceof BigInt64Array ? BigInt(value) : value;
  }
  return tensor;
}
