/**
 * repops: an engine whose every bit is the same on every machine. `SPEC.md` says what it computes; `numbers/` and `reference/`
 * say it again as code, slow and obvious; `plan/` and `wasm/` compute it fast.
 *
 * It knows the executor's contracts (`engine.ts`, `graph.ts`, `tensor.ts`, `errors.ts`) and the names of element types.
 * Read SPEC.md, then `numbers/mod.ts`, `reference/mod.ts`, `plan/mod.ts`, `wasm/mod.ts`, `engine.ts`.
 *
 * @module
 */
export {
  createRepopsEngine,
  type RepopsEngine,
  repopsKernelHash,
  type RepopsOptions,
  type RepopsSession,
} from "./engine.ts";
export { type Recomputed, recomputeRange, type RecomputeRequest } from "./recompute.ts";
export type { Precision } from "./numbers/mod.ts";
export { operatorNames } from "./reference/mod.ts";
export { SPEC_VERSION } from "./spec_version.ts";
