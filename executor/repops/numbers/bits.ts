/**
 * Between a binary32 value and its bit pattern.
 *
 * @module
 */

const values = new Float32Array(1);
const words = new Uint32Array(values.buffer);

/** Bit pattern of the binary32 nearest to `value`, as an unsigned integer. */
export function bitsOf(value: number): number {
  values[0] = value;
  return words[0] ?? 0;
}

/** The binary32 value with this bit pattern. */
export function fromBits(bits: number): number {
  words[0] = bits;
  return values[0] ?? 0;
}
