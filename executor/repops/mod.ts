/**
 * repops: an engine whose every bit is the same on every machine. `SPEC.md` says what it computes; `numbers/` and `reference/`
 * say it again as code, slow and obvious; `plan/`, `wasm/` and `webgpu/` compute it fast; `access/` computes any part of it alone, `parts/` does so fast.
 *
 * It knows the executor's contracts (`engine.ts`, `graph.ts`, `tensor.ts`, `errors.ts`) and the names of element types.
 * Read SPEC.md, then `numbers/mod.ts`, `reference/mod.ts`, `access/mod.ts`, `plan/mod.ts`, `wasm/mod.ts`, `parts/mod.ts`, `engine.ts`.
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
export {
  type AccessInput,
  combineBlocks,
  combineSubtrees,
  finishElement,
  type InputNeeds,
  inputsFor,
  inputsForFinish,
  inputsForTerms,
  isSparse,
  type KnownInputs,
  type NodeRange,
  type NodeTypes,
  recomputeBlock,
  recomputeGroup,
  recomputeRange,
  type RecomputeRequest,
  type SparseTensor,
  sparseTensor,
  type Subtree,
  subtreesOf,
  type SumRequest,
  type SumStructure,
  sumStructure,
} from "./access/mod.ts";
export { exponential, logarithm, type Precision } from "./numbers/mod.ts";
export {
  broadcastPosition,
  type Call,
  extent,
  floatAttribute,
  intAttribute,
  intsAttribute,
  lineThrough,
  normalAxis,
  type Operand,
  operatorNames,
  productSumsOf,
  reducedAxes,
  requantisationRatio,
  requantise,
  stringAttribute,
  tapPosition,
  windowsOf,
} from "./reference/mod.ts";
export { SPEC_VERSION } from "./spec_version.ts";
