/**
 * Economics: why nobody gains by cheating, in one place. For every way to cheat the chance of being caught, what is gained by it on
 * average, and what that demands of stakes and parameters.
 *
 * Integers only and pure. It knows of the parameters' record and of nothing else in the state, so that any rule may ask it.
 *
 * Read `sampled_segments.ts`.
 *
 * @module
 */
export { netLoss, sampledSegments, type SamplingTerms } from "./sampled_segments.ts";
