/**
 * The executor: ONNX programs, gradients, engines, traces and commitments. It knows `ledger/primitives` and nothing else of
 * the house.
 *
 * Reading order: the contracts `tensor.ts`, `graph.ts`, `engine.ts`, `errors.ts`; then `onnx/` (models and shapes),
 * `gradient/` (training as more nodes), `program/` (what is committed to), `formats/` and `job/` (files), `engines/` and
 * `repops/` (who computes), `tolerance/` (how far a device may be off), `proofs/` (of exact products), `run/` (running, tracing, re-executing); last `executor.ts`, the interface that actors use, with
 * `local_executor.ts` in the same thread and `child/` in a process of its own. `run_model.ts` and `run_locally.ts` compute without a
 * network.
 *
 * Leaves that need ONNX Runtime or a child process (`engines/*_ort.ts`, `child/*_deno.ts`) are imported by path, by programs.
 *
 * @module
 */
export type { Carry, Engine, Session, StepOrder, Tensors } from "./engine.ts";
export type {
  PartialTensor,
  PartNeeds,
  PartOfNode,
  RandomAccess,
  SumPlace,
  SumWork,
} from "./random_access.ts";
export { ExecutorError, type ExecutorErrorCode } from "./errors.ts";
export type {
  CallOptions,
  ChunkedTensor,
  ChunkExecution,
  ChunkNeeds,
  EngineIdentity,
  Executor,
  LoadedProgram,
  NamedTensors,
  NodeChunkRequest,
  NodeExecution,
  NodeOutputRequest,
  NodeRequest,
  PhaseDescription,
  ProgramFiles,
  ProgramRequest,
  RehearsalRequest,
  RestoreRequest,
  RunEvent,
  RunListener,
  RunRequest,
  RunResult,
  SegmentRequest,
  SegmentSteps,
  StepRecord,
  StepRequest,
  SumExecution,
  TensorChunks,
  UnitCost,
  UnitCostRequest,
} from "./executor.ts";
export { readNpy, readSafetensors, writeNpy, writeSafetensors } from "./formats/mod.ts";
export {
  appendGradients,
  crossEntropy,
  differentiate,
  type Differentiated,
  type LossName,
  meanSquaredError,
} from "./gradient/mod.ts";
export type { Attribute, Graph, GraphNode, TypedGraph, ValueInfo } from "./graph.ts";
export {
  type InferJob,
  type Job,
  type JobBase,
  parseJob,
  type TensorFile,
  type TrainJob,
} from "./job/mod.ts";
export { createLocalExecutor, type LocalExecutorOptions } from "./local_executor.ts";
export {
  type AttributeInput,
  type AttributeInputs,
  bindShapes,
  buildModel,
  type BuildOptions,
  DEFAULT_OPSET,
  type EmbedOptions,
  floatValue,
  GraphBuilder,
  type GraphBuilderOptions,
  listOperators,
  MIN_OPSET,
  operatorHash,
  parseModel,
  readTensorFile,
  specialize,
} from "./onnx/mod.ts";
export {
  type Blob,
  blobOf,
  type BlobSource,
  blobSource,
  buildEvaluationStep,
  buildInferenceProgram,
  buildInferenceStep,
  buildProgram,
  buildTrainingProgram,
  buildTrainingStep,
  type BuiltProgram,
  CORRECT,
  decodeManifest,
  encodeManifest,
  type EvaluationStep,
  type EvaluationStepOptions,
  type InferenceProgramOptions,
  type InferenceStepOptions,
  loadTensors,
  manifestBlobs,
  type ModelUse,
  type NamedHeader,
  type NamedInfo,
  type NamedTensor,
  type OpenedPhase,
  type OpenedProgram,
  openProgram,
  type Optimizer,
  type PhasePlan,
  type ProgramEngine,
  ProgramManifest,
  type ProgramPlan,
  type Schedule,
  STEP_NAMES,
  type StepGraph,
  type StepWithState,
  takeBlob,
  trainableParameters,
  trainedModel,
  trainedWeights,
  type TrainingProgramOptions,
  type TrainingStepOptions,
  WEIGHT,
  withWeights,
} from "./program/mod.ts";
export {
  type LocalCheckpoint,
  type LocalRunOptions,
  type LocalSegment,
  type LocalStep,
  runLocally,
} from "./run_locally.ts";
export { runModel } from "./run_model.ts";
export {
  type ExactProduct,
  productOfNode,
  ProductProof,
  type ProductRoots,
  proveProduct,
  requantisedOutput,
  screenProduct,
  verifyProduct,
} from "./proofs/mod.ts";
export { boundOf, withinBound } from "./tolerance/mod.ts";
export {
  type CommitmentTree,
  type Fault,
  firstDifference,
  nodeDescriptorTree,
  openRange,
  outputDescriptorTree,
  proveTreeLeaf,
  segmentTree,
  stateTree,
  stepTree,
  traceTree,
  treeRoot,
  treeTop,
} from "./run/mod.ts";
export {
  ELEMENT_BYTES,
  elementCount,
  rootOfTensor,
  type Tensor,
  tensorBytes,
  type TensorData,
  tensorFromBytes,
  zeros,
} from "./tensor.ts";
