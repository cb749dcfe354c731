/**
 * Primitives: canonical bytes, hashes, Merkle trees, keys, and the formats of commitments. The ground that every other part
 * stands on; it knows of nothing else here. Read `codec.ts`, `hash.ts`, `merkle.ts`, then `commitments.ts`.
 *
 * @module
 */
export * from "./batch_schedule.ts";
export * from "./beacon.ts";
export * from "./bytes.ts";
export * from "./codec.ts";
export * from "./commitments.ts";
export * from "./errors.ts";
export * from "./hash.ts";
export * from "./keys.ts";
export * from "./merkle.ts";
