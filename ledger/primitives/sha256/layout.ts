/**
 * Where things lie in the memory of the SHA-256 module: its one page.
 *
 * @module
 */

/** Inputs that are hashed at once, side by side. */
export const LANES = 4;

/** The constants of the 64 rounds, 256 bytes. */
export const CONSTANTS_AT = 0;

/** The digests, one after the other. */
export const DIGEST_AT = 256, DIGEST_BYTES = 32;

/** Bytes that may be hashed at a time: far more than any input for which a call of the host is not cheaper, and room for the padding is left. */
export const MOST_INPUT_BYTES = 4096;

/** What is hashed. The padding is written behind it. */
export const INPUT_AT = DIGEST_AT + LANES * DIGEST_BYTES;

/** From one input to the next. */
export const LANE_BYTES = MOST_INPUT_BYTES + 128;
