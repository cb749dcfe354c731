/**
 * Engines on ONNX Runtime. `ort-strict` gives the same bits on every machine; `ort` uses a GPU. Both are leaves
 * (`*_ort.ts`) that need the npm package, so they are imported by path, from what runs on a host; what is exported here is pure. Read
 * `lifted_graph.ts`, `ort_session_ort.ts`, `ort_strict_ort.ts`.
 *
 * @module
 */
export { canonicalizeNan } from "./canonical_nan.ts";
export { fits, showInfo, takeTensor } from "./check_tensors.ts";
export { type LiftedGraph, liftGraph } from "./lifted_graph.ts";
