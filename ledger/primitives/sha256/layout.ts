/**
 * Where things lie in the memory of the SHA-256 module: its one page.
 *
 * @module
 */

/** The constants of the 64 rounds, 256 bytes. */
export const CONSTANTS_AT = 0;

/** The digest. */
export const DIGEST_AT = 256, DIGEST_BYTES = 32;

/** What is hashed. The padding is written behind it. */
export const INPUT_AT = 320;

/** Bytes that may be hashed at a time: far more than any input for which a call of the host is not cheaper, and room for the padding is left. */
export const MOST_INPUT_BYTES = 4096;
