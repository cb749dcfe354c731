/**
 * Which rows make a batch: a pure function of the schedule and the step, computable for one position alone, so that the
 * ledger itself can check it in a dispute.
 *
 * Shuffling is a keyed permutation of [0, rows): a six-round Feistel network over the smallest even number of bits that holds
 * `rows`, with cycle walking (Black and Rogaway, "Ciphers with Arbitrary Finite Domains", 2002). Round keys are words of
 * SHA-256(seed, epoch); the round function is a 32-bit integer mixer. It is a shuffle, not a cipher.
 *
 * @module
 */
import { type BatchSchedule, blobRoot, tensorRoot } from "./commitments.ts";
import { type Hash, hash } from "./hash.ts";

const ROUNDS = 6;

/** Most rows of a dataset that batches are drawn from: a permuted position stays within 31 bits. */
export const MAX_DATASET_ROWS = 2 ** 31;

/** Most rows of a batch: the ledger recomputes a batch in a dispute, so it must stay the work of some milliseconds. */
export const MAX_BATCH_ROWS = 65_536;

/** Finalizer of MurmurHash3 (public domain), keyed by addition. */
function mix(value: number, key: number): number {
  let h = (value + key) >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** The keyed permutation of [0, rows) for one epoch. `rows` is in [1, 2^31]. */
export function permutation(rows: number, seed: bigint, epoch: number): (position: number) => number {
  const input = new Uint8Array(16);
  const view = new DataView(input.buffer);
  view.setBigUint64(0, seed);
  view.setBigUint64(8, BigInt(epoch));
  const key = hash("assay/shuffle", input);
  const keyBytes = new DataView(key.buffer, key.byteOffset);
  const keys = Array.from({ length: ROUNDS }, (_, round) => keyBytes.getUint32(round * 4));
  let halfBits = 1;
  while (2 ** (2 * halfBits) < rows) halfBits++;
  const mask = 2 ** halfBits - 1;
  return (position) => {
    let value = position;
    do {
      let left = (value >>> halfBits) & mask, right = value & mask;
      for (let round = 0; round < ROUNDS; round++) {
        const next = (left ^ mix(right, keys[round] ?? 0)) & mask;
        left = right;
        right = next;
      }
      value = left * (mask + 1) + right;
    } while (value >= rows);
    return value;
  };
}

/** Row indices of the batch of `step`, in order. Shape [schedule.size]. */
export function batchIndices(schedule: BatchSchedule, step: number): BigInt64Array {
  const { rows, size, seed } = schedule;
  if (size < 1 || size > rows) {
    throw new RangeError(`A batch takes 1 to ${rows} rows of a dataset of ${rows}: got ${size}`);
  }
  if (seed === null) return BigInt64Array.from({ length: size }, (_, i) => BigInt((step * size + i) % rows));
  const stepsPerEpoch = Math.floor(rows / size);
  const shuffled = permutation(rows, seed, Math.floor(step / stepsPerEpoch));
  const start = (step % stepsPerEpoch) * size;
  return BigInt64Array.from({ length: size }, (_, i) => BigInt(shuffled(start + i)));
}

/** Tensor root of {@link batchIndices} as an int64 tensor of shape [size]. */
export function batchRoot(schedule: BatchSchedule, step: number): Hash {
  const indices = batchIndices(schedule, step);
  const littleEndian = new Uint8Array(indices.length * 8);
  const view = new DataView(littleEndian.buffer);
  indices.forEach((index, i) => view.setBigInt64(i * 8, index, true));
  return tensorRoot({ dtype: "int64", shape: [schedule.size], blob: blobRoot(littleEndian) });
}
