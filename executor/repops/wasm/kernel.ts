/**
 * What a kernel is to the host.
 *
 * @module
 */

/** A kernel: integers in, or one float for those that return one. */
export type Kernel = (...parameters: readonly number[]) => number;
