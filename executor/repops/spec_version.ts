/**
 * The version of SPEC.md.
 *
 * @module
 */

/** Raised whenever a change of the specification changes any bit of any result. */
export const SPEC_VERSION = 2;
