/**
 * Threefry-2x32 with 20 rounds (Salmon, Moraes, Dror, Shaw, 2011): random numbers as a function of key and counter.
 *
 * @module
 */

/** Rotation distances of the eight rounds that repeat (Threefry paper, table 2). */
export const THREEFRY_ROTATIONS = [13, 15, 26, 6, 17, 29, 16, 24] as const;
/** Parity constant of Skein for 32-bit words. */
export const THREEFRY_PARITY = 0x1bd11bda;
/** Rounds of the variant that its authors recommend. */
export const THREEFRY_ROUNDS = 20;

/** A pair of unsigned 32-bit words. */
export type WordPair = readonly [number, number];

/** The two random words at `counter` under `key`. */
export function threefry(key: WordPair, counter: WordPair): WordPair {
  const schedule = [key[0], key[1], THREEFRY_PARITY ^ key[0] ^ key[1]];
  const keyWord = (index: number) => schedule[index % 3] ?? 0;
  let x = (counter[0] + keyWord(0)) | 0;
  let y = (counter[1] + keyWord(1)) | 0;
  for (let round = 0; round < THREEFRY_ROUNDS; round++) {
    const distance = THREEFRY_ROTATIONS[round % 8] ?? 0;
    x = (x + y) | 0;
    y = ((y << distance) | (y >>> (32 - distance))) ^ x;
    if (round % 4 === 3) {
      const injection = (round + 1) / 4;
      x = (x + keyWord(injection)) | 0;
      y = (y + keyWord(injection + 1) + injection) | 0;
    }
  }
  return [x >>> 0, y >>> 0];
}
