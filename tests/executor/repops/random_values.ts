/**
 * Tensors for tests, from a seed: ordinary values, and extreme ones.
 *
 * @module
 */
import type { Dtype } from "../../../ledger/primitives/mod.ts";
import { elementCount, type Tensor, tensorFromBytes } from "../../../executor/tensor.ts";

/** Numbers in [0, 1) from a seed (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** What kind of floats: around one, over the whole exponent range, any bits at all, or cancelling in sums. */
export type FloatKind = "near" | "wide" | "bits" | "cancel";

/** Ends of the domain, of functions' branches, and what is not in the domain. */
const EDGES = [
  0x00000000,
  0x80000000,
  0x00000001,
  0x007fffff,
  0x0d800000,
  0x0d7fffff,
  0x8d800000,
  0x71800000,
  0x71800001,
  0xf1800000,
  0x7f800000,
  0xff800000,
  0x7fc00000,
  0x3f800000,
  0xbf800000,
  0x3f7fffff,
  0x428c0000,
  0xc28c0000,
  0x3f200000,
  0x41200000,
  0x39000000,
  0x3f6d8000,
  0x26800000,
  0x267fffff,
  0x58800000,
  0x4b000001,
];

/** Random floats with edges among them. */
export function floats(shape: readonly number[], seed: number, kind: FloatKind): Tensor {
  const random = randomNumbers(seed);
  const data = new Float32Array(elementCount(shape));
  const words = new Uint32Array(data.buffer);
  for (let i = 0; i < data.length; i++) {
    const value = random() * 2 - 1;
    if (kind === "near") data[i] = value * 3;
    if (kind === "wide") data[i] = value * 2 ** (random() * 220 - 110);
    if (kind === "cancel") data[i] = (i % 2 ? -1 : 1) * (1000 + random());
    if (kind === "bits") words[i] = Math.floor(random() * 4294967296);
    if (kind !== "near" && random() < 0.02) words[i] = EDGES[Math.floor(random() * EDGES.length)] ?? 0;
  }
  return { dtype: "float32", shape: [...shape], data };
}

/** Random integers from `low` to `high`, inclusive. */
export function integers(
  dtype: Dtype,
  shape: readonly number[],
  seed: number,
  low: number,
  high: number,
): Tensor {
  const random = randomNumbers(seed);
  const values = Array.from(
    { length: elementCount(shape) },
    () => low + Math.floor(random() * (high - low + 1)),
  );
  if (dtype === "int64") return { dtype, shape: [...shape], data: BigInt64Array.from(values, BigInt) };
  if (dtype === "int32") return { dtype, shape: [...shape], data: Int32Array.from(values) };
  if (dtype === "uint16") return { dtype, shape: [...shape], data: Uint16Array.from(values) };
  return tensorFromBytes({ dtype, shape: [...shape] }, Uint8Array.from(values));
}
